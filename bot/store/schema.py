"""The tables of the runtime. Times are seconds since 1970; ids of Telegram need 64 bits."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()
"""Tables of other subjects (feedback, uploads) join it in their own modules."""

updates = Table(
    "updates",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", String(32), nullable=False),  # of the payload
    Column("payload", Text),  # the update as JSON; emptied when it is done, for it holds what people wrote
    Column("state", String(8), nullable=False),  # pending, done, failed
    Column("starts", Integer, nullable=False, default=0),  # how often a handler began on it
    Column("received", Float, nullable=False),
    Column("ended", Float),
    Index("updates_by_state", "state", "id"),
)

sent = Table(
    "sent",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("part", Integer, primary_key=True, autoincrement=False),  # the n-th message sent in answer to the update
    Column("chat", BigInteger, nullable=False),
    Column("message", BigInteger),  # null: handed to Telegram, outcome not known (yet)
    Column("chat_top", BigInteger, nullable=False),  # the highest message id known before, in this chat
    Column("box_top", BigInteger, nullable=False),  # the same in the id space that the chat shares with others
    Column("at", Float, nullable=False),
)
# Replicas of a PostgreSQL: of the messages to a chat no more than one is under way or in doubt (bot/delivery.py).
Index("sent_in_doubt", sent.c.chat, unique=True, postgresql_where=sent.c.message.is_(None)).ddl_if(dialect="postgresql")
Index("sent_by_chat", sent.c.chat, sent.c.message).ddl_if(dialect="postgresql")

users = Table(
    "users",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("language", String(3)),  # chosen with /language; null: as Telegram says
    Column("active", Boolean, nullable=False, default=True),  # false: blocked the bot
    Column("first_seen", Float, nullable=False),
    Column("last_seen", Float, nullable=False),
)

turns = Table(
    "turns",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("scope", String(64), nullable=False),  # chat, topic and user: a conversation
    Column("question", Text, nullable=False),
    Column("releases", Text, nullable=False),  # JSON list of release ids that the answer stood on
    Column("at", Float, nullable=False),
    Index("turns_by_scope", "scope", "at"),
)

probes = Table("probes", metadata, Column("id", BigInteger, primary_key=True, autoincrement=False))
"""Always empty: a row that comes and goes shows that the database can be written."""

answers = Table(
    "answers",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),  # the id of the update that asked
    Column("chat", BigInteger, nullable=False),
    Column("user", BigInteger, nullable=False),
    Column("question", Text, nullable=False),
    Column("history", Text, nullable=False),  # JSON list of [question, [release, …]]
    Column("answer", Text, nullable=False),  # JSON
    Column("generation", Integer, nullable=False),
    Column("at", Float, nullable=False, index=True),
)
