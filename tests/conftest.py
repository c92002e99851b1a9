"""What holds for all tests."""

from hypothesis import settings

settings.register_profile("sanad", deadline=None)  # no test asserts a time, and machines are shared
settings.load_profile("sanad")
