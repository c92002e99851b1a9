"""What holds for all tests."""

from hypothesis import settings

from tests.in_process import sanad

__all__ = ["sanad"]

settings.register_profile("sanad", deadline=None)  # no test asserts a time, and machines are shared
settings.load_profile("sanad")
