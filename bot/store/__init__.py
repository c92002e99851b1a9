"""What the bot remembers, in bot.db or any database that SQLAlchemy knows: each module one subject with its tables."""
