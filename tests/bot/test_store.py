"""The store: what is committed together, what survives, what is known again."""

import asyncio

import pytest
from sqlalchemy import Connection, create_engine, select, text

from answering.answer import Answer, Citation, Turn
from bot.store import answers, conversations, sent, updates, users
from bot.store.database import Store
from bot.store.schema import updates as table
from bot.store.updates import Received


def test_an_operation_that_fails_takes_none_with_it(store: Store) -> None:
    """Operations that share a transaction are each all or nothing."""

    def fails(connection: Connection) -> None:
        users.see(connection, 2)
        raise ValueError

    first, second, third = (
        store.submit(lambda c: users.see(c, 1)), store.submit(fails), store.submit(lambda c: users.see(c, 3)),
    )  # fmt: skip
    assert first.result(5).id == 1
    with pytest.raises(ValueError):  # noqa: PT011  its own, without a message
        second.result(5)
    assert third.result(5).id == 3
    assert [store.submit(lambda c, i=i: users.find(c, i)).result(5) is not None for i in (1, 2, 3)] == [
        True,
        False,
        True,
    ]


def test_what_was_submitted_is_there_after_closing(database_url: str) -> None:
    """Closing finishes what waits."""
    store = Store(database_url)
    store.open()
    for i in range(500):
        store.submit(lambda c, i=i: users.see(c, i))  # type: ignore[misc]
    store.close()
    engine = create_engine(database_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM users")).scalar() == 500
    engine.dispose()


def test_updates_are_known_by_id_and_contents(store: Store) -> None:
    """The same update is taken once; another one under its id (a new bot's) is new, and not thought answered."""

    async def run() -> None:
        assert await store.run(lambda c: updates.add(c, [Received(1, "a"), Received(2, "b")])) == [1, 2]
        assert await store.run(lambda c: updates.add(c, [Received(2, "b"), Received(3, "c")])) == [3]
        await store.run(lambda c: updates.end(c, 2, "done"))
        assert await store.run(lambda c: updates.add(c, [Received(2, "b")])) == []
        assert [r.id for r in await store.run(updates.pending)] == [1, 3]
        await store.run(lambda c: sent.intend(c, 2, 0, 7, 0, 0))
        assert await store.run(lambda c: updates.add(c, [Received(2, "other")])) == [2]
        assert await store.run(lambda c: sent.of_update(c, 2)) == {}
        assert await store.run(updates.depth) == 3

    asyncio.run(run())


def test_done_updates_keep_no_contents(store: Store) -> None:
    """What people wrote is gone from the queue when it is answered."""

    async def run() -> None:
        await store.run(lambda c: updates.add(c, [Received(1, "what was written")]))
        await store.run(lambda c: updates.end(c, 1, "done"))
        assert await store.run(lambda c: c.execute(select(table.c.payload)).scalar()) is None

    asyncio.run(run())


def test_an_answer_is_kept_whole(store: Store) -> None:
    """An answer that is read again equals the one that was kept."""
    quote = Citation(1, "r", "عنوان", "2020-01-01", None, "نص", 3, 5)
    answer = Answer("سؤال", "جواب [1]", False, "fact", "ar", (quote,), notes=("ملاحظة",), seconds=0.5)
    past = (Turn("قبل", ("r", "s")),)

    async def run() -> None:
        await store.run(lambda c: answers.save(c, 9, 7, 8, past, answer, 3))
        kept = await answers.find(store, 9)
        assert kept is not None
        assert (kept.answer, kept.history, kept.generation, kept.user_id) == (answer, past, 3, 8)
        assert await answers.find(store, 10) is None

    asyncio.run(run())


def test_conversations_end_and_keep_to_their_scope(store: Store) -> None:
    """History is the scope's own, newest six in order, nothing older than asked for."""

    async def run() -> None:
        for i in range(8):
            await store.run(lambda c, i=i: conversations.remember(c, i, "a", Turn(str(i))))  # type: ignore[misc]
        await store.run(lambda c: conversations.remember(c, 50, "b", Turn("other")))
        found = await store.run(lambda c: conversations.history(c, "a", 0, 99))
        assert [t.question for t in found] == ["2", "3", "4", "5", "6", "7"]
        assert await store.run(lambda c: conversations.history(c, "a", 2e10, 99)) == ()
        await store.run(lambda c: conversations.forget(c, "a"))
        assert await store.run(lambda c: conversations.history(c, "a", 0, 99)) == ()

    asyncio.run(run())


def test_errors_tell_no_parameters(store: Store) -> None:
    """An error of the database does not quote what was written."""

    def fails(connection: Connection) -> None:
        connection.execute(text("INSERT INTO nowhere VALUES (:said)"), {"said": "written by a user"})

    with pytest.raises(Exception, match="nowhere") as raised:
        store.submit(fails).result(5)
    assert "written by a user" not in str(raised.value)
