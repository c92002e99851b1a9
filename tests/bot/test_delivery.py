"""Sending exactly once, part by part, as one process hands over to the next."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from bot.delivery import Delivery, File, Gone, Target, Text
from bot.metrics import Metrics
from bot.pace import Pace
from bot.part import Part
from bot.standing import Standing
from bot.store import sent
from bot.store.database import Store
from bot.store.sent import Sent
from bot.transport import SanadBot
from bot.updates import DurableQueue
from tests.telegram_server import TelegramServer

UPDATE = 5
CAPTION = Part("<b>جدول</b>", "جدول")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store that several processes, as it were, use one after the other."""
    opened = Store(f"sqlite:///{tmp_path / 'bot.db'}")
    opened.open()
    yield opened
    opened.close()


def parts(count: int) -> list[Text]:
    """The messages of a long answer."""
    return [Text(Part(f"<b>جزء</b> {i}", f"جزء {i}")) for i in range(count)]


def process(server: TelegramServer, store: Store, work: Callable[[Delivery, SanadBot], Awaitable[None]]) -> None:
    """What one process does with a delivery of its own."""

    async def run() -> None:
        metrics = Metrics()
        bot = SanadBot(server.token, server.root, DurableQueue(store, metrics), Pace(1000, metrics), Standing())
        async with bot:
            await work(Delivery(bot, store, metrics), bot)

    asyncio.run(run())


def test_a_half_sent_answer_is_completed(telegram: TelegramServer, store: Store) -> None:
    """Of three messages the second process sends the one that is missing; all ids are as they were."""
    telegram.user_says(1, None, "كم؟")
    target = Target(1, user=1)

    async def first(delivery: Delivery, bot: SanadBot) -> None:
        for number, part in enumerate(parts(2)):
            await delivery.send(UPDATE, number, target, part, {})

    async def second(delivery: Delivery, bot: SanadBot) -> None:
        before = await store.run(lambda connection: sent.of_update(connection, UPDATE))
        for number, part in enumerate(parts(3)):
            await delivery.send(UPDATE, number, target, part, before)

    process(telegram, store, first)
    process(telegram, store, second)
    assert [m.text for m in telegram.answers(1)] == ["جزء 0", "جزء 1", "جزء 2"]


@pytest.mark.parametrize("content", [parts(1)[0], File("جدول.csv", b"a,b", CAPTION)], ids=["text", "file"])
@pytest.mark.parametrize("arrived", [True, False])
def test_a_message_in_doubt(telegram: TelegramServer, store: Store, content: Text | File, arrived: bool) -> None:
    """What was handed over without an outcome is found if it arrived, and sent if it did not; others stay as they are."""
    asked = telegram.user_says(1, None, "كم؟")
    other = telegram.user_says(2, None, "ومتى؟")
    target = Target(1, user=1)

    async def first(delivery: Delivery, bot: SanadBot) -> None:
        if arrived:
            await content.send(bot, target, plain=False)

    async def second(delivery: Delivery, bot: SanadBot) -> None:
        bot.ids.note(1, asked.id)
        bot.ids.note(2, other.id)
        await delivery.send(UPDATE, 0, target, content, {0: Sent(1, None, asked.id, other.id, 0.0)})

    process(telegram, store, first)
    process(telegram, store, second)
    assert len(telegram.answers(1)) == 1
    assert not telegram.answers(2)


def test_a_chat_that_is_gone(telegram: TelegramServer, store: Store) -> None:
    """Where the user blocked the bot, Gone is raised and nothing is in doubt."""
    telegram.user_says(1, None, "كم؟")
    telegram.block(1)

    async def work(delivery: Delivery, bot: SanadBot) -> None:
        with pytest.raises(Gone):
            await delivery.send(UPDATE, 0, Target(1, user=1), parts(1)[0], {})
        assert await store.run(lambda connection: sent.of_update(connection, UPDATE)) == {}

    process(telegram, store, work)


def test_a_migrated_group_is_answered_where_it_is_now(telegram: TelegramServer, store: Store) -> None:
    """A group that became a supergroup gets its answer there."""
    telegram.add_group(-55, "مجموعة")
    telegram.migrate(-55, -1000000000055)

    async def work(delivery: Delivery, bot: SanadBot) -> None:
        await delivery.send(UPDATE, 0, Target(-55), parts(1)[0], {})

    process(telegram, store, work)
    assert len(telegram.answers(-1000000000055)) == 1


def test_an_edit_tells_what_is_not_there(telegram: TelegramServer, store: Store) -> None:
    """An edit to the same words is well; one of a message that the user deleted is told as such."""
    telegram.user_says(1, None, "كم؟")
    target = Target(1, user=1)

    async def work(delivery: Delivery, bot: SanadBot) -> None:
        (part,) = parts(1)
        message = await delivery.send(UPDATE, 0, target, part, {})
        assert await delivery.edit(target, message, part)
        telegram.user_deletes(1, message)
        assert not await delivery.edit(target, message, parts(2)[1])

    process(telegram, store, work)
