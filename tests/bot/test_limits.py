"""Limits, and which message ids a message in doubt may have."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.access import Access
from bot.keyed_locks import KeyedLocks
from bot.limits import Limits
from bot.metrics import Metrics
from bot.pace import Pace, is_message, is_passing, may_repeat
from bot.shared_limits import SharedLimits
from bot.transport import MessageIds


def waits(limits: Limits | SharedLimits, asked: Sequence[tuple[int, float]]) -> list[int]:
    """What each (user, time) has to wait."""

    async def run() -> list[int]:
        return [await limits.wait(user, now) for user, now in asked]

    return asyncio.run(run())


def test_a_user_waits_when_the_bucket_is_empty() -> None:
    """Three a minute: the fourth waits twenty seconds; another user does not."""
    limits = Limits(3, 1000)
    assert waits(limits, [(1, 0)] * 4 + [(2, 0), (1, 20)]) == [0, 0, 0, 20, 0, 0]


def test_what_was_written_over_time_is_no_burst() -> None:
    """Messages of a minute that are handled at once, after the bot was down, count by the time of writing."""
    limits = Limits(3, 1000)
    assert waits(limits, [(1, 20.0 * i) for i in range(10)]) == [0] * 10


def test_all_users_together_are_limited() -> None:
    """The common bucket empties whoever asks."""
    limits = Limits(100, 2)
    assert waits(limits, [(user, 0) for user in range(3)]) == [0, 0, 30]


def test_replicas_share_the_pace() -> None:
    """Of four replicas each sends a quarter: five a minute to a group, which one alone may send twenty."""

    async def run() -> None:
        pace = Pace(1000, Metrics())
        for replicas, most in ((1, 20), (4, 5)):
            pace.divide(replicas)
            for _ in range(most):
                await asyncio.wait_for(pace.turn("sendMessage", -7), 1)
            assert not pace.has_room(-7)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(pace.turn("sendMessage", -7), 0.2)

    asyncio.run(run())


def test_access() -> None:
    """No list: everybody asks; a list: those on it, and administrators; only those change anything."""
    assert Access(frozenset(), frozenset({9})).may_ask(1)
    listed = Access(frozenset({1}), frozenset({9}))
    assert [listed.may_ask(user) for user in (1, 2, 9, None)] == [True, False, True, False]
    assert [listed.may_change(user) for user in (1, 9, None)] == [False, True, False]


def test_only_calls_that_make_no_message_are_repeated() -> None:
    """sendMessage again would be a second message; an edit again is the same edit."""
    assert not may_repeat("sendMessage")
    assert not may_repeat("sendDocument")
    assert may_repeat("editMessageText")
    assert may_repeat("answerCallbackQuery")
    assert not is_message("sendChatAction")
    assert is_message("editMessageText")


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (NetworkError("Bad Gateway"), True),
        (TimedOut(), True),
        (TelegramError("Invalid server response"), True),
        (BadRequest("message is too long"), False),
        (Forbidden("bot was blocked by the user"), False),
    ],
)
def test_passing_trouble(error: Exception, passing: bool) -> None:
    """BadRequest is a NetworkError to the library, and yet an answer."""
    assert is_passing(error) is passing


def test_a_wait_is_the_chats_own_until_others_wait_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A 429 stops its chat; when a second chat is told the same meanwhile, the bot as a whole is too fast."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # as bot/app.py does

    async def run() -> None:
        pace = Pace(1000, Metrics())
        told = {1: 1, 2: 1}

        async def call(chat: int) -> bool:
            if told.get(chat):
                told[chat] -= 1
                raise RetryAfter(1)
            return True

        async def send(chat: int) -> bool:
            return bool(await pace.process_request(call, (chat,), {}, "sendMessage", {"chat_id": chat}, None))

        first = asyncio.create_task(send(1))
        await asyncio.sleep(0.05)
        assert not pace.has_room(1)
        assert pace.has_room(3)
        second = asyncio.create_task(send(2))
        await asyncio.sleep(0.05)
        assert not pace.has_room(3)
        assert await first
        assert await second

    asyncio.run(run())


def test_ids_of_a_message_in_doubt() -> None:
    """Only ids above what was known before, and that no known message has; others' chats share the count in private."""
    ids = MessageIds()
    ids.note(7, 100)
    chat_top, box_top = ids.chat_top(7), ids.box_top(7)
    ids.note(8, 101)  # another user wrote meanwhile
    ids.note(8, 103)
    found = ids.unknown(7, chat_top, box_top, 2)
    assert 102 in found
    assert 100 not in found
    assert found == [102, 104, 105]
    ids.note(-1000000000005, 3)
    assert ids.unknown(-1000000000005, 3, 0, 2) == [4, 5]


def test_servers_that_count_each_chat_by_itself() -> None:
    """Once two private chats use the same id, ids known in one say nothing of the other."""
    ids = MessageIds()
    for chat in (7, 8):
        for message in (1, 2):
            ids.note(chat, message)
    ids.note(8, 3)
    assert ids.unknown(7, 2, 2, 2) == [3, 4]


def test_a_pressed_message_may_be_the_one_in_doubt() -> None:
    """A message known only by a press of its button is a candidate still; the tops count it."""
    ids = MessageIds()
    ids.note(7, 100)
    ids.note(7, 101, accounted=False)
    assert 101 in ids.unknown(7, 100, 100, 2)
    assert ids.chat_top(7) == 101


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 60)), max_size=40), st.integers(0, 3))
def test_a_known_message_is_never_a_candidate(known: list[tuple[int, int]], beyond: int) -> None:
    """Whatever was seen, no known message of the chat is tried: its words would be overwritten."""
    ids = MessageIds()
    for chat, message in known:
        ids.note(chat, message)
    tops = [(ids.chat_top(chat), ids.box_top(chat)) for chat in range(1, 6)]
    assert all(not set(range(1, 61)) & set(ids.unknown(i + 1, *top, 0)) for i, top in enumerate(tops))
    for chat in range(1, 6):
        own = {message for where, message in known if where == chat}
        assert not own & set(ids.unknown(chat, 0, 0, beyond))
        assert not own & set(ids.unknown(chat, 10, 10, beyond))


def test_locks_are_gone_when_nobody_wants_them() -> None:
    """A key's lock lasts as long as it is held or waited for, cancelled waiters included."""

    async def run() -> None:
        locks = KeyedLocks()
        order: list[int] = []

        async def work(number: int) -> None:
            async with locks.hold("a"):
                await asyncio.sleep(0.01)
                order.append(number)

        tasks = [asyncio.create_task(work(i)) for i in range(5)]
        await asyncio.sleep(0.005)
        tasks[2].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert order == [0, 1, 3, 4]
        assert len(locks) == 0

    asyncio.run(run())
