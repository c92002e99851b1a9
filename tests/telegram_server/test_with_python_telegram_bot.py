"""A plain python-telegram-bot application lives on the server as it does on Telegram."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from telegram import (
    CopyTextButton,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
    ReplyParameters,
    Update,
)
from telegram.error import BadRequest, Conflict, EndPointNotFound, Forbidden, NetworkError, RetryAfter, TimedOut
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    InlineQueryHandler,
    MessageHandler,
    filters,
)

from tests.telegram_server import TelegramServer

C = ContextTypes.DEFAULT_TYPE
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x40\x00\x00\x00\x20" + b"\x08\x02\x00\x00\x00" * 4


@pytest.fixture
def server() -> Iterator[TelegramServer]:
    with TelegramServer() as running:
        yield running


def application(server: TelegramServer, *handlers: object) -> Application:  # type: ignore[type-arg]
    built = ApplicationBuilder().token(server.token).base_url(server.url).base_file_url(server.file_url).build()
    built.add_handlers(handlers)  # type: ignore[arg-type]
    return built


@asynccontextmanager
async def polling(app: Application) -> AsyncIterator[None]:  # type: ignore[type-arg]
    async with app:
        await app.start()
        assert app.updater is not None
        await app.updater.start_polling(allowed_updates=Update.ALL_TYPES)
        try:
            yield
        finally:
            await app.updater.stop()
            await app.stop()


def wait(server: TelegramServer, chat: int, count: int) -> "asyncio.Future[object]":
    return asyncio.ensure_future(asyncio.to_thread(server.wait_answers, chat, count))


def test_conversation(server: TelegramServer) -> None:
    """Commands, text, buttons, edits, drafts, files and inline queries pass between the library and the server."""

    async def start(update: Update, context: C) -> None:
        assert update.message is not None
        keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("اضغط", callback_data="x:1")]])
        await update.message.reply_html(f"أهلاً <b>{context.args}</b>", reply_markup=keyboard, do_quote=True)

    async def text(update: Update, context: C) -> None:
        assert update.message is not None
        assert update.effective_chat is not None
        await update.effective_chat.send_action("typing")
        await context.bot.send_message_draft(update.effective_chat.id, 1, "قيد")
        sent = await update.message.reply_text("قيد الكتابة")
        await sent.edit_text("الجواب <i>هنا</i>", parse_mode="HTML")
        await update.message.reply_document(io.BytesIO(b"a,b\n1,2"), filename="جدول.csv", caption="ملف")
        await update.message.reply_photo(PNG)

    async def document(update: Update, context: C) -> None:
        assert update.message is not None
        assert update.message.document is not None
        file = await update.message.document.get_file()
        await update.message.reply_text(str(len(await file.download_as_bytearray())))

    async def press(update: Update, context: C) -> None:
        query = update.callback_query
        assert query is not None
        await query.answer(f"ضغطت {query.data}")
        await query.edit_message_reply_markup(None)

    async def inline(update: Update, context: C) -> None:
        assert update.inline_query is not None
        content = InputTextMessageContent("<b>نتيجة</b>", parse_mode="HTML")
        await update.inline_query.answer([InlineQueryResultArticle("1", "عنوان", content)])

    app = application(
        server,
        CommandHandler("start", start),
        MessageHandler(filters.Document.ALL, document),
        MessageHandler(filters.TEXT, text),
        CallbackQueryHandler(press),
        InlineQueryHandler(inline),
    )

    async def run() -> None:
        async with polling(app):
            asked = server.user_says(7, None, "/start abc")
            await wait(server, 7, 1)
            hello = server.answers(7)[0]
            assert hello.text == "أهلاً ['abc']"
            assert hello.entities == ({"type": "bold", "offset": 6, "length": 7},)
            assert hello.reply_to is not None
            assert hello.reply_to.id == asked.id
            query = server.press(7, hello.id, "اضغط")
            assert (await asyncio.to_thread(server.wait_query, query))["text"] == "ضغطت x:1"
            await asyncio.to_thread(server.wait_for, lambda: not server.answers(7)[0].buttons)
            server.user_says(7, None, "سؤال")
            await wait(server, 7, 4)
            _, answer, sheet, picture = server.answers(7)
            assert answer.text == "الجواب هنا"
            assert [text for _, text in server.edits(7, answer.id)] == ["قيد الكتابة", "الجواب هنا"]
            assert [d.text for d in server.drafts(7)] == ["قيد"]
            assert [a for _, a in server.actions(7)] == ["typing"]
            assert sheet.media["document"]["file_name"] == "جدول.csv"
            assert picture.media["photo"][0]["width"] == 64
            server.upload(7, None, b"12345", "بيان.txt", caption="ملف")
            await wait(server, 7, 5)
            assert server.answers(7)[-1].text == "5"
            found = server.inline(9, "نص")
            results = (await asyncio.to_thread(server.wait_query, found))["results"]
            posted = server.choose(found.id, results[0]["id"], 9)
            assert posted.text == "نتيجة"
            assert posted.via_bot is not None
            await asyncio.to_thread(server.wait_for, lambda: not server.pending())

    asyncio.run(run())
    assert {c.outcome for c in server.calls()} == {"ok"}
    assert not server.pending()


def test_group(server: TelegramServer) -> None:
    """In a group with privacy mode the bot sees commands, mentions and replies, and nothing else."""
    seen: list[str] = []

    async def text(update: Update, context: C) -> None:
        assert update.message is not None
        seen.append(update.message.text or "")
        await update.message.reply_text("نعم")

    server.add_group(-100123, "الصحافة", forum=True)
    topic = server.add_topic(-100123, "العراق")
    app = application(server, MessageHandler(filters.TEXT, text))

    async def run() -> None:
        async with polling(app):
            server.user_says(-100123, 7, "كلام بين الناس", thread=topic)
            server.user_says(-100123, 7, "/ask@sanad_local_bot سؤال", thread=topic)
            await wait(server, -100123, 1)
            answer = server.answers(-100123)[0]
            assert answer.thread_id == topic
            server.user_says(-100123, 7, "/ask@other_bot سؤال", thread=topic)
            server.user_says(-100123, 7, "ومتى؟", reply_to=answer.id)
            server.user_says(-100123, 7, "يا @Sanad_local_bot كم؟")
            await wait(server, -100123, 3)

    asyncio.run(run())
    assert seen == ["/ask@sanad_local_bot سؤال", "ومتى؟", "يا @Sanad_local_bot كم؟"]


def test_errors(server: TelegramServer) -> None:
    """Refusals reach the library as the exceptions that Telegram's own cause."""

    async def run() -> None:
        app = application(server)
        async with app:
            bot = app.bot
            server.user_says(7, None, "مرحباً")
            sent = await bot.send_message(7, "نص")
            long_data = InlineKeyboardMarkup([[InlineKeyboardButton("x", callback_data="ب" * 33)]])
            copied = InlineKeyboardMarkup([[InlineKeyboardButton("x", copy_text=CopyTextButton("ن" * 256))]])
            for wrong, call in (
                ("Can't parse entities: unsupported start tag", bot.send_message(7, "a <x>", parse_mode="HTML")),
                ("Message is too long", bot.send_message(7, "ن" * 4097)),
                ("Message is not modified", bot.edit_message_text("نص", 7, sent.message_id)),
                ("Message to edit not found", bot.edit_message_text("نص", 7, 999)),
                ("Button_data_invalid", bot.send_message(7, "نص", reply_markup=long_data)),
                (
                    "Message to be replied not found",
                    bot.send_message(7, "نص", reply_parameters=ReplyParameters(999)),
                ),
                ("Chat not found", bot.send_message(8, "نص")),
                ("Query is too old", bot.answer_callback_query("1")),
                ("Message to delete not found", bot.delete_message(7, 999)),
            ):
                with pytest.raises(BadRequest, match=f"(?i){wrong}"):
                    await call
            await bot.send_message(7, "نص", reply_markup=copied)
            await bot.send_message(7, "نص", reply_markup=ForceReply())
            server.block(7)
            with pytest.raises(Forbidden, match="blocked by the user"):
                await bot.send_message(7, "نص")
            with pytest.raises(EndPointNotFound):
                await bot.do_api_request("sendNothing")

    asyncio.run(run())


def test_faults(server: TelegramServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Injected faults reach the library as flood waits, server errors, time-outs and lost answers."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")

    async def run() -> None:
        app = application(server)
        async with app:
            bot = app.bot
            server.user_says(7, None, "مرحباً")
            server.fault("sendMessage", retry_after=3, call=2)
            await bot.send_message(7, "1")
            with pytest.raises(RetryAfter):
                await bot.send_message(7, "2")
            server.fault("sendMessage", status=502)
            with pytest.raises(NetworkError, match="Bad Gateway"):
                await bot.send_message(7, "3")
            server.fault("sendMessage", "none", delay=5.0)
            with pytest.raises(TimedOut):
                await bot.send_message(7, "4", read_timeout=0.2)
            server.fault("sendMessage", "accept_then_drop")
            with pytest.raises(NetworkError):
                await bot.send_message(7, "5")
            server.fault("sendMessage", "drop")
            with pytest.raises(NetworkError):
                await bot.send_message(7, "6")
            await bot.send_message(7, "7")

    asyncio.run(run())
    assert [m.text for m in server.answers(7)] == ["1", "5", "7"]
    outcomes = [c.outcome for c in server.calls("sendMessage")]
    assert outcomes[3:6] == ["client went away", "accepted, answer dropped", "dropped"]


def test_two_pollers(server: TelegramServer) -> None:
    """The older of two polls ends with 409."""

    async def run() -> None:
        first, second = application(server), application(server)
        async with first, second:
            waiting = asyncio.ensure_future(first.bot.get_updates(timeout=20))
            await asyncio.sleep(0.2)
            await second.bot.get_updates(timeout=0)
            with pytest.raises(Conflict, match="terminated by other getUpdates"):
                await waiting

    asyncio.run(run())
