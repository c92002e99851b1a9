"""The commands of `sanad`, one subject a module; compose.py puts the rooms together."""
