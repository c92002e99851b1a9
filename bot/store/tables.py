"""Imports every module that defines tables, so that a new database gets them all."""

import bot.store.buckets
import bot.store.feedback
import bot.store.jobs
import bot.store.queries
import bot.store.schema  # noqa: F401
from bot.store.claims import metadata as shared

__all__ = ["shared"]
