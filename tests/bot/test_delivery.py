"""Sending exactly once, part by part, as one process hands over to the next."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import Connection
from telegram.error import NetworkError

from bot.delivery import Delivery, File, Gone, Target, Text
from bot.metrics import Metrics
from bot.pace import Pace
from bot.part import Part
from bot.standing import Standing
from bot.store import sent
from bot.store.claims import Fenced
from bot.store.database import Store
from bot.store.sent import Sent
from bot.transport import SanadBot
from bot.updates import DurableQueue
from tests.telegram_server import TelegramServer

UPDATE = 5
CAPTION = Part("<b>جدول</b>", "جدول")


def parts(count: int) -> list[Text]:
    """The messages of a long answer."""
    return [Text(Part(f"<b>جزء</b> {i}", f"جزء {i}")) for i in range(count)]


def process(
    server: TelegramServer,
    store: Store,
    work: Callable[[Delivery, SanadBot], Awaitable[None]],
    queue: type[DurableQueue] = DurableQueue,
) -> None:
    """What one process does with a delivery of its own."""

    async def run() -> None:
        metrics = Metrics()
        bot = SanadBot(server.token, server.root, queue(store, metrics), Pace(1000, metrics), Standing())
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


def test_what_another_replica_sent_is_not_the_message_in_doubt(telegram: TelegramServer, store: Store) -> None:
    """A message that never arrived is sent, though another process's, unknown to this one, has an id that it could have."""
    asked = telegram.user_says(1, None, "كم؟")
    target = Target(1, user=1)

    async def other(delivery: Delivery, bot: SanadBot) -> None:
        await delivery.send(UPDATE - 1, 0, target, parts(2)[1], {})

    async def this(delivery: Delivery, bot: SanadBot) -> None:
        bot.ids.note(1, asked.id)
        await delivery.send(UPDATE, 0, target, parts(1)[0], {0: Sent(1, None, asked.id, asked.id, 0.0)})

    process(telegram, store, other)
    process(telegram, store, this)
    assert [m.text for m in telegram.answers(1)] == ["جزء 1", "جزء 0"]


def test_an_acknowledgement_that_came_late_counts(telegram: TelegramServer, store: Store) -> None:
    """What was noted as acknowledged after it was taken over is neither looked for nor sent again."""
    asked = telegram.user_says(1, None, "كم؟")

    async def late(delivery: Delivery, bot: SanadBot) -> None:
        await store.run(lambda connection: sent.intend(connection, UPDATE, 0, 1, asked.id, asked.id))
        await store.run(lambda connection: sent.confirm(connection, UPDATE, 0, 4711))
        doubt = {0: Sent(1, None, asked.id, asked.id, 0.0)}
        assert await delivery.send(UPDATE, 0, Target(1, user=1), parts(1)[0], doubt) == 4711

    process(telegram, store, late)
    assert not telegram.answers(1)
    assert not telegram.calls("editMessageText")


class Taken(DurableQueue):
    """Of a replica whose updates are another's by now."""

    def guard(self, update_id: int) -> Callable[[Connection], None]:  # noqa: ARG002
        def check(_connection: Connection) -> None:
            raise Fenced

        return check


def test_a_replica_that_lost_its_lease_makes_no_call(
    telegram: TelegramServer, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither message nor edit leaves it, at once or later, and nothing of it is in doubt."""
    telegram.user_says(1, None, "كم؟")

    async def work(delivery: Delivery, bot: SanadBot) -> None:
        (part,) = parts(1)
        monkeypatch.setattr(DurableQueue, "may_send", False)
        with pytest.raises(NetworkError):
            await delivery.send(UPDATE, 0, Target(1, user=1), part, {})
        with pytest.raises(NetworkError):
            await delivery.edit(Target(1, user=1), 5, part)
        assert await store.run(lambda connection: sent.of_update(connection, UPDATE)) == {}

    process(telegram, store, work)
    assert not telegram.calls("sendMessage", "editMessageText")


def test_what_is_another_replicas_is_not_sent(telegram: TelegramServer, store: Store) -> None:
    """The claim is looked at in the transaction of the intent: without it there is no intent, and no message."""
    telegram.user_says(1, None, "كم؟")

    async def work(delivery: Delivery, bot: SanadBot) -> None:
        with pytest.raises(Fenced):
            await delivery.send(UPDATE, 0, Target(1, user=1), parts(1)[0], {})
        assert await store.run(lambda connection: sent.of_update(connection, UPDATE)) == {}

    process(telegram, store, work, Taken)
    assert not telegram.calls("sendMessage")


def test_the_chat_is_free_again(telegram: TelegramServer, store: Store) -> None:
    """Where another replica's message to the chat is under way, this one's waits until that is known (PostgreSQL)."""
    telegram.user_says(1, None, "كم؟")

    async def work(delivery: Delivery, bot: SanadBot) -> None:
        if store.shared:
            await store.run(lambda connection: sent.intend(connection, UPDATE - 1, 0, 1, 0, 0))
        waiting = asyncio.create_task(delivery.send(UPDATE, 0, Target(1, user=1), parts(1)[0], {}))
        if store.shared:
            await asyncio.sleep(1)
            assert not telegram.answers(1)
            await store.run(lambda connection: sent.withdraw(connection, UPDATE - 1, 0))
        await waiting

    process(telegram, store, work)
    assert len(telegram.answers(1)) == 1


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
