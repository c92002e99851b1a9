"""Claims of replicas in a real PostgreSQL: in order, by one at a time, away from the dead, fenced."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import IntegrityError, OperationalError

from bot.access import Access
from bot.cluster import needs_writer
from bot.shared_limits import SharedLimits
from bot.store import claims, sent, updates
from bot.store.claims import Arrived, Fenced
from bot.store.database import Store
from bot.store.updates import Received
from tests.postgres_server import PostgresServer

pytestmark = pytest.mark.postgres
Stores = Callable[[], Store]


@pytest.fixture
def url(postgres: PostgresServer) -> str:
    """A new database."""
    return postgres.create()


@pytest.fixture
def stores(url: str) -> Iterator[Stores]:
    """Opens the database for one more replica."""
    opened: list[Store] = []

    def open_() -> Store:
        opened.append(Store(url))
        opened[-1].open()
        return opened[-1]

    yield open_
    for store in opened:
        store.close()


def arrive(store: Store, *arrived: tuple[int, str]) -> None:
    """Updates of conversations come in."""
    ids = [id_ for id_, _ in arrived]
    store.submit(lambda c: updates.add(c, [Received(id_, f"text {id_}") for id_ in ids])).result(5)
    store.submit(lambda c: claims.add(c, [Arrived(id_, name, False) for id_, name in arrived])).result(5)


def join(store: Store, me: str, *, writer: bool = True) -> None:
    store.submit(lambda c: claims.join(c, me, writer=writer)).result(5)


def claim(store: Store, me: str, most: int = 10, held: tuple[int, ...] = (), *, writer: bool = True) -> list[int]:
    """The ids that a replica gets."""
    return [c.id for c in store.submit(lambda c: claims.claim(c, me, most, held, writer=writer)).result(5)]


def test_replicas_that_start_together(url: str) -> None:
    """Eight that create the tables at the same time all start."""
    new = [Store(url) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(Store.open, new))
    for store in new:
        assert store.submit(updates.depth).result(5) == 0
        store.close()


def test_a_conversation_is_claimed_in_order(stores: Stores) -> None:
    """Of a conversation only the oldest is claimable, whoever asks; when it has ended, the next is."""
    first, second = stores(), stores()
    join(first, "a")
    join(second, "b")
    arrive(first, (1, "k"), (2, "k"), (3, "j"))
    assert claim(first, "a", 1) == [1]
    assert claim(second, "b") == [3]
    assert claim(second, "b", held=(3,)) == []
    assert first.submit(lambda c: claims.end(c, 1, "a")).result(5)
    assert claim(second, "b", held=(3,)) == [2]


def test_each_is_claimed_once(stores: Stores) -> None:
    """Four replicas that claim as fast as they can get each of 400 updates once, each conversation's in order."""
    arriving = stores()
    arrive(arriving, *((n, f"conversation {n % 40}") for n in range(400)))
    got: list[int] = []
    lock = threading.Lock()

    def work(me: str) -> None:
        store = stores()
        join(store, me)
        while len(got) < 400:
            ids = claim(store, me, 5)
            with lock:
                got.extend(ids)
            for id_ in ids:
                assert store.submit(lambda c, id_=id_: claims.end(c, id_, me)).result(5)  # type: ignore[misc]

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work, me) for me in "abcd"]:
            done.result(60)
    assert sorted(got) == list(range(400))
    for conversation in range(40):
        own = [id_ for id_ in got if id_ % 40 == conversation]
        assert own == sorted(own)


def test_the_dead_hold_nothing(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a replica held is free once its lease is over; it cannot beat, note an intent or end any more."""
    monkeypatch.setattr(claims, "LEASE_SECONDS", 1.0)
    first, second = stores(), stores()
    join(first, "a")
    join(second, "b")
    arrive(first, (1, "k"))
    assert claim(first, "a") == [1]
    assert claim(second, "b") == []
    time.sleep(1.2)
    join(second, "c")
    taken = second.submit(lambda c: claims.claim(c, "c", 10, (), writer=True)).result(5)
    assert [(t.id, t.again) for t in taken] == [(1, True)]
    assert first.submit(lambda c: claims.beat(c, "a")).result(5) is None
    with pytest.raises(Fenced):
        first.submit(lambda c: claims.check(c, 1, "a")).result(5)
    assert not first.submit(lambda c: claims.end(c, 1, "a")).result(5)
    second.submit(lambda c: claims.check(c, 1, "c")).result(5)


def test_who_leaves_frees_at_once(stores: Stores) -> None:
    """A replica that ends gives up what it holds without anybody's waiting for its lease."""
    store = stores()
    join(store, "a")
    join(store, "b")
    arrive(store, (1, "k"))
    assert claim(store, "a") == [1]
    store.submit(lambda c: claims.leave(c, "a")).result(5)
    assert claim(store, "b") == [1]


def test_a_claim_whose_outcome_was_lost(stores: Stores) -> None:
    """What is a replica's but not in its hand is told again; what it holds is not."""
    store = stores()
    join(store, "a")
    arrive(store, (1, "k"), (2, "j"))
    assert claim(store, "a") == [1, 2]
    assert claim(store, "a", held=(1,)) == [2]
    assert claim(store, "a", held=(1, 2)) == []


def test_only_one_holds_a_role(stores: Stores) -> None:
    """A role is one replica's until it ends; it may ask again."""
    store = stores()
    join(store, "a")
    join(store, "b")
    assert [store.submit(lambda c, me=me: claims.take(c, "poller", me)).result(5) for me in "abab"] == [  # type: ignore[misc]
        True, False, True, False,
    ]  # fmt: skip
    store.submit(lambda c: claims.leave(c, "a")).result(5)
    assert store.submit(lambda c: claims.take(c, "poller", "b")).result(5)


def test_what_needs_a_writer_waits_for_one(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader leaves it to a writer; when there has been none for a while it takes it, to say so."""
    store = stores()
    join(store, "reader", writer=False)
    store.submit(lambda c: updates.add(c, [Received(1, "text")])).result(5)
    store.submit(lambda c: claims.add(c, [Arrived(1, "k", True)])).result(5)
    assert claim(store, "reader", writer=False) == []
    join(store, "writer")
    monkeypatch.setattr(claims, "_NO_WRITER_SECONDS", 0.0)
    assert claim(store, "reader", writer=False) == []
    store.submit(lambda c: claims.leave(c, "writer")).result(5)
    assert claim(store, "reader", writer=False) == [1]


def test_one_message_to_a_chat_at_a_time(stores: Stores) -> None:
    """While a message is under way or in doubt nobody may begin another one to its chat, except its own update."""
    store = stores()
    store.submit(lambda c: sent.intend(c, 1, 0, 77, 5, 5)).result(5)
    with pytest.raises(IntegrityError):
        store.submit(lambda c: sent.intend(c, 2, 0, 77, 5, 5)).result(5)
    store.submit(lambda c: sent.intend(c, 2, 0, 78, 5, 5)).result(5)
    store.submit(lambda c: sent.intend(c, 1, 901, 77, 5, 5)).result(5)
    store.submit(lambda c: sent.confirm(c, 1, 901, 6)).result(5)
    store.submit(lambda c: sent.intend(c, 3, 0, 77, 6, 6)).result(5)
    store.submit(lambda c: sent.settle(c, 3)).result(5)
    store.submit(lambda c: sent.intend(c, 4, 0, 77, 6, 6)).result(5)
    assert store.submit(lambda c: sent.doubts(c, 0)).result(5) == (2, 6)
    assert store.submit(lambda c: sent.known_above(c, 77, 5)).result(5) == [(77, 6)]


def test_a_session_that_stands_still_stops_nobody(stores: Stores, url: str) -> None:
    """Locks that a stopped process holds are passed over by claims, and end with its session."""
    store = stores()
    join(store, "a")
    arrive(store, (1, "k"), (2, "j"))
    engine = create_engine(url, connect_args={"options": "-c idle_in_transaction_session_timeout=1500"})
    connection = engine.connect()
    connection.execute(text("SELECT 1 FROM claims, updates WHERE update_id = 1 AND id = 1 FOR UPDATE"))
    assert claim(store, "a") == [2]
    assert store.submit(lambda c: updates.start(c, 1)).result(10) == 1
    assert claim(store, "a", held=(2,)) == [1]
    connection.invalidate()
    connection.close()
    engine.dispose()


def test_a_replica_whose_session_was_ended_tries_again(stores: Stores) -> None:
    """A process that stood still within a transaction finds its session ended, and commits all the same, once."""
    store = stores()
    arrive(store, (1, "k"))
    tries: list[int] = []

    def stand_still(connection: Connection) -> int:
        tries.append(1)
        count = updates.start(connection, 1)
        if len(tries) == 1:
            time.sleep(4)
        return updates.start(connection, 1) - count

    assert store.submit(stand_still).result(20) == 1
    assert len(tries) == 2
    assert store.submit(lambda c: updates.start(c, 1, 0)).result(5) == 2


def test_deadlocks_are_tried_again(stores: Stores) -> None:
    """Two replicas whose transactions lock the same rows the other way round both commit in the end."""
    first, second = stores(), stores()
    arrive(first, *((n, str(n)) for n in range(2)))
    both = threading.Barrier(2)
    tries: list[int] = []

    def work(store: Store, order: tuple[int, int]) -> None:
        waited = False

        def change(connection: Connection) -> None:
            nonlocal waited
            tries.append(1)
            updates.start(connection, order[0])
            if not waited:
                waited = True
                both.wait(5)
            updates.start(connection, order[1])

        store.submit(change).result(20)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(work, first, (0, 1)), pool.submit(work, second, (1, 0))]:
            done.result(30)
    assert len(tries) >= 3
    assert [first.submit(lambda c, n=n: updates.start(c, n, 0)).result(5) for n in range(2)] == [2, 2]  # type: ignore[misc]


def test_replicas_count_a_users_questions_together(stores: Stores) -> None:
    """Three a minute are three, whichever replica they come to; of all users' each replica allows its share."""
    first, second = SharedLimits(stores(), 3, 1000), SharedLimits(stores(), 3, 1000)

    async def run() -> None:
        assert [await limits.wait(1, 0) for limits in (first, second, first, second)] == [0, 0, 0, 20]
        assert [await limits.tell(1, 0, 20) for limits in (first, second)] == [True, False]
        assert await second.tell(1, 21, 20)
        assert await first.wait(2, 0) == 0
        first.divide(500)
        assert [await first.wait(user, 60) for user in range(3, 6)] == [0, 0, 30]

    asyncio.run(run())


def test_a_database_that_is_away(postgres: PostgresServer, stores: Stores) -> None:
    """What was asked for meanwhile is committed when it is back, once; a closing waits for it some seconds only."""
    store = stores()
    arrive(store, (1, "k"))
    postgres.stop()
    try:
        waiting = [store.submit(lambda c: updates.start(c, 1)) for _ in range(3)]
        deadline = time.monotonic() + 10
        while not store.away and time.monotonic() < deadline:
            time.sleep(0.05)
        assert store.away
    finally:
        postgres.start()
    assert [w.result(20) for w in waiting] == [1, 2, 3]
    assert not store.away
    postgres.stop()
    try:
        lost = store.submit(lambda c: updates.start(c, 1))
        store.close()
        with pytest.raises(OperationalError):
            lost.result(0)
    finally:
        postgres.start()


@pytest.mark.parametrize(
    ("user", "message", "writes"),
    [
        (9, {"text": "/reingest"}, True),
        (9, {"text": "/rollback@sanad_bot"}, True),
        (9, {"text": "https://example.org/a"}, True),
        (9, {"document": {"file_id": "f", "file_unique_id": "u"}}, True),
        (9, {"text": "/status"}, False),
        (9, {"text": "كم بلغ التمويل؟"}, False),
        (1, {"text": "/reingest"}, False),
    ],
)
def test_what_needs_a_writer(user: int, message: dict[str, object], writes: bool) -> None:
    """Only what an administrator may change the corpus with."""
    from telegram import Update

    who = {"id": user, "is_bot": False, "first_name": "x"}
    whole = {"message_id": 1, "date": 1, "chat": {"id": user, "type": "private"}, "from": who, **message}
    update = Update.de_json({"update_id": 1, "message": whole}, None)
    assert needs_writer(update, Access(frozenset(), frozenset({9}))) is writes
