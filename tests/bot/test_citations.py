"""Sources, votes and lists under the buttons, end to end."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from bot_process import BotProcess
from corpus import RELEASES

from arabic.bidi import strip_controls
from tests.telegram_server import Message, TelegramServer

NORWAY = "كم قدمت النرويج لإزالة الألغام في الموصل؟"
QUOTE = "قدّمت النرويج 7.5 مليون دولار أمريكي إلى برنامج الأمم المتحدة الإنمائي"


def buttons(message: Message) -> list[dict[str, object]]:
    """All buttons of a message."""
    return [b for row in (message.markup or {}).get("inline_keyboard", []) for b in row]


def said(message: Message) -> str:
    """The text of a message without marks of direction."""
    return strip_controls(message.text)


def asked(server: TelegramServer, chat: int, text: str = NORWAY) -> Message:
    """The answer to a question in a chat of its own."""
    before = len(server.answers(chat))
    server.user_says(chat, None, text)
    return server.wait_answers(chat, before + 1, 30)[-1]


def content_of(server: TelegramServer, file_id: str) -> bytes:
    """The bytes of a file that the bot sent."""
    return server.on_loop(lambda: server.rooms.files.by_id[file_id].data)


def pressed(server: TelegramServer, chat: int, message: Message, button: str | int) -> Message:
    """The message that comes after a button."""
    before = len(server.answers(chat))
    server.press(chat, message.id, button)
    return server.wait_answers(chat, before + 1, 30)[-1]


@pytest.mark.usefixtures("shared_bot")
def test_a_source_shows_its_passage(shared_telegram: TelegramServer) -> None:
    """[1] in the text opens the web release at the words; the button shows the passage and the same link."""
    answer = asked(shared_telegram, 301)
    (link,) = {e["url"] for e in answer.entities if e["type"] == "text_link"}
    assert link.startswith("https://undp.example.org/iraq/norway?a=1&b=2#:~:text=")
    shown = pressed(shared_telegram, 301, answer, "[1]")
    assert QUOTE in said(shown)
    assert "وسيستفيد من المشروع 12 ألف أسرة" in said(shown)
    assert "وسيستفيد" not in "".join(_of(shown, "bold"))
    assert any(QUOTE in strip_controls(text) for text in _of(shown, "bold"))
    assert [b["url"] for b in buttons(shown) if "url" in b] == [link]
    page = pressed(shared_telegram, 301, shown, "📄 صفحة البيان")
    assert "الممول: النرويج" in said(page)


def _of(message: Message, kind: str) -> list[str]:
    raw = message.text.encode("utf-16-le")
    spans = [(e["offset"], e["length"]) for e in message.entities if e["type"] == kind]
    return [raw[2 * start : 2 * (start + length)].decode("utf-16-le") for start, length in spans]


@pytest.mark.usefixtures("shared_bot")
def test_buttons_speak_the_language_of_the_answer(shared_telegram: TelegramServer) -> None:
    """Whoever asks in English, with an Arabic telephone, gets the passage with English words around it."""
    answer = asked(shared_telegram, 311, "How much did Norway give to UNDP for demining in Mosul?")
    shown = pressed(shared_telegram, 311, answer, "[1]")
    assert "5 March 2023" in said(shown)
    assert "🔗 Open the release" in [str(b["text"]) for b in buttons(shown)]


@pytest.mark.usefixtures("shared_bot")
def test_signs_of_markup_in_documents_break_nothing(shared_telegram: TelegramServer) -> None:
    """`<`, `&` and quotation marks of a release arrive as they are printed, at the first attempt."""
    answer = asked(shared_telegram, 310, "كم خصصت إيطاليا لصيادي غزة؟")
    shown = pressed(shared_telegram, 310, answer, "[1]")
    assert 'وتشمل المنحة <قوارب> و"شباكاً" & محركات.' in said(shown)
    texts = [str(c.parameters.get("text")) for c in shared_telegram.calls("sendMessage") if c.outcome == "ok"]
    assert sum("قوارب" in text for text in texts) == 1


@pytest.mark.usefixtures("shared_bot")
def test_what_is_copied_is_the_press_ready_quote(shared_telegram: TelegramServer) -> None:
    """«نسخ» copies sentence, title, date and link without a mark, at once or as a message that is copied with a tap."""
    answer = asked(shared_telegram, 302)
    (copy,) = [b for b in buttons(answer) if "نسخ" in str(b["text"])]
    if "copy_text" in copy:
        text = copy["copy_text"]["text"]  # type: ignore[index]
    else:
        message = pressed(shared_telegram, 302, answer, str(copy["text"]))
        (text,) = _of(message, "pre")
        (short,) = [b["copy_text"]["text"] for b in buttons(message)]  # type: ignore[index]
        assert len(short) <= 256
        assert "…»" in short
    assert text == strip_controls(text)
    lines = text.splitlines()
    assert QUOTE in lines[0]
    assert lines[1:] == [
        "النرويج تموّل إزالة الألغام في الموصل، 5 آذار/مارس 2023", "https://undp.example.org/iraq/norway?a=1&b=2",
    ]  # fmt: skip


def test_sources_outlive_a_restart_and_a_new_generation(data_dir: Path, telegram: TelegramServer) -> None:
    """After a kill, an edit of the release and its removal its buttons still show what was cited, and say what changed."""
    from ingest.pipeline import ingest, remove_releases
    from vectorstore.embeddings import load_embeddings

    with BotProcess(telegram, data_dir) as bot:
        answer = asked(telegram, 1)
        telegram.quiet()
        bot.kill()
        text = RELEASES["norway-undp.md"]
        place = data_dir / "edited" / "norway-undp.md"
        place.parent.mkdir()
        place.write_text(text.replace("7.5 مليون", "8.5 مليون").replace("أوسلو،", "مقدمة تسبق.\n\nأوسلو،"), "utf-8")
        embeddings = load_embeddings(None)
        remove_releases(["norway-undp.md"], data_dir=data_dir, embeddings=embeddings)
        ingest([place], data_dir=data_dir, embeddings=embeddings)
        bot.start()
        edited = pressed(telegram, 1, answer, "[1]")
        assert "7.5 مليون" in said(edited)
        assert "8.5 مليون" in said(edited)
        assert "عُدّلت صياغة" in said(edited)
        remove_releases(["norway-undp.md"], data_dir=data_dir, embeddings=embeddings)
        telegram.wait_for(lambda: bot.text().count('"event": "generation"') >= 3, 30)
        gone = pressed(telegram, 1, answer, "[1]")
        assert "7.5 مليون" in said(gone)
        assert "حُذف هذا البيان" in said(gone)


@pytest.mark.usefixtures("shared_bot")
def test_votes_become_cases(shared_telegram: TelegramServer, shared_bot: BotProcess) -> None:
    """One vote a user and answer, which may change; a 👎 with its reason is a case without names, taken back by a 👍."""
    file = shared_bot.data_dir / "feedback.jsonl"
    shared_telegram.add_user(303, "أمل الفريدة", username="amal_unique")
    answer = asked(shared_telegram, 303)
    why = pressed(shared_telegram, 303, answer, "👎")
    shared_telegram.press(303, why.id, "🔢 رقم خاطئ")
    shared_telegram.wait_for(lambda: file.exists() and file.read_text("utf-8").strip(), 10)
    (case,) = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert (case["question"], case["turns"], case["corpus"]) == (NORWAY, [], 1)
    assert case["tags"] == ["feedback", "wrong_figure"]
    assert case["expect"] == {"has": [], "lacks": [], "sources": [], "refuse": None}
    assert "7.5" in case["answer"]
    assert not any(word in file.read_text("utf-8") for word in ("303", "أمل", "amal"))
    shared_telegram.press(303, answer.id, "👍")
    shared_telegram.wait_for(lambda: not file.read_text("utf-8").strip(), 10)


@pytest.mark.usefixtures("shared_bot")
def test_a_button_of_an_unknown_answer_says_so(shared_telegram: TelegramServer) -> None:
    """Data that no button of ours holds, or whose answer is gone, gets an alert and nothing else."""
    answer = asked(shared_telegram, 304)
    before = len(shared_telegram.answers(304))
    for data in ("s:1:1", "f:1:up"):
        query = shared_telegram.press_data(304, answer.id, data)
        assert "لم تعد محفوظة" in shared_telegram.wait_query(query)["text"]
    query = shared_telegram.press_data(304, answer.id, "b:r:000000000000")
    assert "لم يعد" in shared_telegram.wait_query(query)["text"]
    assert len(shared_telegram.answers(304)) == before


@pytest.mark.usefixtures("shared_bot")
def test_start_opens_what_a_deep_link_names(shared_telegram: TelegramServer) -> None:
    """/start welcomes in the user's language; with a payload it opens a source; an unknown one is welcomed."""
    shared_telegram.add_user(305, "A", language_code="en")
    assert "Welcome" in asked(shared_telegram, 305, "/start").text
    shared_telegram.add_user(306, "B", language_code="ku")
    assert "بەخێربێیت" in asked(shared_telegram, 306, "/start nonsense").text
    answer = asked(shared_telegram, 306)
    number = str(buttons(answer)[0]["callback_data"]).split(":")[1]
    assert QUOTE in said(asked(shared_telegram, 306, f"/start s_{number}_1"))
    page = str(buttons(shared_telegram.answers(306)[-1])[-1]["callback_data"]).split(":")[2]
    assert "بەخشەر: نەرویج" in said(asked(shared_telegram, 306, f"/start r_{page}"))


@pytest.mark.usefixtures("shared_bot")
def test_releases_are_browsed_and_searched(shared_telegram: TelegramServer) -> None:
    """/sources lists newest first, words search, a number opens the page of a release."""
    listed = asked(shared_telegram, 307, "/sources")
    assert said(listed).index("الألغام") < said(listed).index("حلب") < said(listed).index("غزة")
    page = pressed(shared_telegram, 307, listed, "①")
    assert "المبلغ: 7.5 مليون دولار أمريكي" in said(page)
    found = asked(shared_telegram, 307, "/sources Syria")
    assert "النرويج تدعم مدارس حلب" in said(found)
    assert "الألغام" not in said(found)
    assert "لا بيانات تطابق" in said(asked(shared_telegram, 307, "/sources qwerty"))


@pytest.mark.usefixtures("shared_bot")
def test_the_ledger_is_a_message_a_file_and_a_picture(shared_telegram: TelegramServer) -> None:
    """/donors and /ledger show sums; buttons give the same as an Excel file and as a chart."""
    assert "النرويج: منحتان، 10.5 مليون دولار أمريكي" in said(asked(shared_telegram, 308, "/donors"))
    table = asked(shared_telegram, 308, "/ledger النرويج 2023")
    assert "النرويج، 2023: منحة واحدة" in said(table)
    file = pressed(shared_telegram, 308, table, "📄 Excel")
    content = content_of(shared_telegram, file.media["document"]["file_id"])
    assert "xl/workbook.xml" in zipfile.ZipFile(io.BytesIO(content)).namelist()
    picture = pressed(shared_telegram, 308, table, "📊 رسم")
    assert content_of(shared_telegram, picture.media["photo"][-1]["file_id"]).startswith(b"\x89PNG")
    assert "لا منح معلنة تطابق" in said(asked(shared_telegram, 308, "/ledger بطاريق"))


@pytest.mark.usefixtures("shared_bot")
def test_the_language_is_the_users_choice(shared_telegram: TelegramServer) -> None:
    """/language changes the bot's own words at once and for later, whatever Telegram says."""
    choice = asked(shared_telegram, 309, "/language")
    shared_telegram.press(309, choice.id, "English")
    shared_telegram.wait_for(lambda: "language: English" in _now(shared_telegram, 309, choice.id), 10)
    assert "How to ask" in asked(shared_telegram, 309, "/help").text
    assert "Sources" not in asked(shared_telegram, 309).text


def _now(server: TelegramServer, chat: int, message: int) -> str:
    return next(m.text for m in server.messages(chat) if m.id == message)


@pytest.mark.usefixtures("shared_bot")
def test_commands_are_registered_by_language_and_scope(shared_telegram: TelegramServer) -> None:
    """Everybody sees the commands in their language, groups fewer, administrators more."""

    def names(scope: str, language: str, **more: object) -> list[str]:
        return [c["command"] for c in shared_telegram.commands({"type": scope, **more}, language)]

    shared_telegram.wait_for(lambda: shared_telegram.calls("setChatMenuButton"), 20)
    private = names("all_private_chats", "")
    assert {"ask", "sources", "donors", "ledger", "language", "help", "about", "reset"} == set(private)
    assert "status" not in private
    assert set(names("all_group_chats", "en")) == {"ask", "sources", "ledger", "reset", "help"}
    english = shared_telegram.commands({"type": "all_private_chats"}, "en")
    assert "Browse" in next(c["description"] for c in english if c["command"] == "sources")
    kurdish = shared_telegram.commands({"type": "all_private_chats"}, "ku")
    assert "گەڕان" in next(c["description"] for c in kurdish if c["command"] == "sources")
