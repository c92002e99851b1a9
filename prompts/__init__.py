"""Prompts: one immutable file a version, and the loader that checks them."""
