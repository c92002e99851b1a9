"""Telegram: handlers, delivery, rendering, and what the bot itself remembers. `telegram` is imported here and nowhere else."""
