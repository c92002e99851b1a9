"""What administrators do in the chat, end to end: upload, publish, remove, roll back, look at the state."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from bot_process import BotProcess
from corpus import RELEASES, UNDATED

from arabic.bidi import strip_controls
from tests.telegram_server import Message, TelegramServer
from vectorstore.generations import Generations

ADMIN, VISITOR = 900, 55
CANADA = "كم خصصت كندا لقرى الأهوار؟"


def said(message: Message) -> str:
    """The text of a message without marks of direction."""
    return strip_controls(message.text)


def labels(message: Message) -> list[str]:
    """The words on a message's buttons."""
    return [str(b["text"]) for b in message.buttons]


def asked(server: TelegramServer, chat: int, text: str) -> Message:
    """The answer to a question or command."""
    before = len(server.answers(chat))
    server.user_says(chat, None, text)
    return server.wait_answers(chat, before + 1, 30)[-1]


def settled(server: TelegramServer, chat: int, message: int, *words: str) -> Message:
    """A message of the bot once it holds one of the words."""

    def found() -> Message | None:
        now = next(m for m in server.messages(chat) if m.id == message)
        return now if any(word in said(now) for word in words) else None

    shown = server.wait_for(found, 90)
    assert shown is not None
    return shown


def sent(server: TelegramServer, chat: int, name: str, data: bytes, *words: str) -> Message:
    """The bot's message about a file, once it holds one of the words."""
    before = len(server.answers(chat))
    server.upload(chat, None, data, name)
    return settled(server, chat, server.wait_answers(chat, before + 1, 30)[-1].id, *words)


@pytest.fixture(scope="module")
def live(shared_bot: BotProcess) -> Generations:
    """The generations of the shared bot."""
    return Generations(shared_bot.data_dir / "generations")


def number(generations: Generations) -> int:
    manifest = generations.manifest()
    assert manifest is not None
    return manifest.number


def test_an_upload_is_shown_and_published(
    shared_telegram: TelegramServer, shared_bot: BotProcess, live: Generations
) -> None:
    """A document is previewed with its facts and warnings, published after a yes, answered from, and removed again."""
    before = number(live)
    shown = sent(shared_telegram, ADMIN, "كندا.txt", UNDATED.encode(), "هل يُنشر")
    assert said(shown).startswith("منحة لقرى الأهوار\nبلا تاريخ\nمقطع واحد")
    assert "• منحة: 900 ألف دولار أمريكي — كندا ← برنامج الأغذية العالمي" in said(shown)
    assert "⚠️ لم يُعثر على تاريخ" in said(shown)
    assert number(live) == before
    shared_telegram.press(ADMIN, shown.id, "✅ نشر")
    done = settled(shared_telegram, ADMIN, shown.id, "✅ تم")
    assert "أضيف: كندا.txt" in said(done)
    assert number(live) == before + 1
    assert (shared_bot.data_dir / "uploads" / "كندا.txt").exists()
    assert not list((shared_bot.data_dir / "uploads" / ".pending").iterdir())
    shared_telegram.wait_for(lambda: "900 ألف" in said(asked(shared_telegram, VISITOR, CANADA)), 20)
    again = sent(shared_telegram, ADMIN, "نسخة.txt", UNDATED.encode(), "موجود من قبل")
    assert "منحة لقرى الأهوار" in said(again)

    ask = asked(shared_telegram, ADMIN, "/remove كندا.txt")
    assert "منحة لقرى الأهوار" in said(ask)
    shared_telegram.press(ADMIN, ask.id, "🗑 حذف")
    settled(shared_telegram, ADMIN, ask.id, "حُذف: كندا.txt")
    assert (shared_bot.data_dir / "uploads" / ".removed" / "كندا.txt").exists()
    assert number(live) == before + 2


def test_a_no_changes_nothing(shared_telegram: TelegramServer, shared_bot: BotProcess, live: Generations) -> None:
    """A cancelled upload leaves no file and no generation; a second press is told that it is over."""
    before = number(live)
    shown = sent(shared_telegram, ADMIN, "x.txt", UNDATED.encode(), "هل يُنشر")
    data = str(shown.buttons[0]["callback_data"])
    shared_telegram.press(ADMIN, shown.id, "✖️ إلغاء")
    settled(shared_telegram, ADMIN, shown.id, "أُلغي الطلب")
    query = shared_telegram.press_data(ADMIN, shown.id, data)
    assert "انتهى هذا الطلب" in shared_telegram.wait_query(query)["text"]
    assert number(live) == before
    assert not (shared_bot.data_dir / "uploads" / "x.txt").exists()


def test_a_file_of_the_same_name_replaces_after_a_question(shared_telegram: TelegramServer, live: Generations) -> None:
    """Another document of a name that is there is published in its place only where that is chosen."""
    shown = sent(shared_telegram, ADMIN, "قرى.txt", UNDATED.encode(), "هل يُنشر")
    shared_telegram.press(ADMIN, shown.id, "✅ نشر")
    settled(shared_telegram, ADMIN, shown.id, "✅ تم")
    other = UNDATED.replace("كندا", "أستراليا").replace("900 ألف", "700 ألف")
    shown = sent(shared_telegram, ADMIN, "قرى.txt", other.encode(), "يحل محل")
    assert labels(shown) == ["♻️ استبدال الموجود", "➕ بيان جديد", "✖️ إلغاء"]
    shared_telegram.press(ADMIN, shown.id, "♻️ استبدال الموجود")
    assert "تغيّر: قرى.txt" in said(settled(shared_telegram, ADMIN, shown.id, "✅ تم"))


@pytest.mark.usefixtures("shared_bot")
@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.exe", b"MZ", "الأنواع المقبولة"),
        ("broken.pdf", b"%PDF-1.7 nothing", "تعذّرت قراءة الملف"),
        ("empty.txt", b"  \n", "لا يحتوي على نص"),
        ("italy.txt", RELEASES["italy-fao.txt"].encode(), "موجود من قبل: «إيطاليا تساند صيادي غزة»"),
    ],
)
def test_bad_files_and_duplicates_are_explained(
    shared_telegram: TelegramServer, name: str, data: bytes, words: str
) -> None:
    """What cannot be taken is explained in the administrator's language, with no button to publish it."""
    assert not any("نشر" in label for label in labels(sent(shared_telegram, ADMIN, name, data, words)))


@pytest.mark.usefixtures("shared_bot")
def test_a_large_file_is_not_fetched(shared_telegram: TelegramServer) -> None:
    """A file beyond the limit is declined by its size alone."""
    calls = len(shared_telegram.calls("getFile"))
    before = len(shared_telegram.answers(ADMIN))
    shared_telegram.upload(ADMIN, None, b"x", "large.pdf", size=21_000_000)
    assert "أكبر من 20 ميغابايت" in said(shared_telegram.wait_answers(ADMIN, before + 1)[-1])
    assert len(shared_telegram.calls("getFile")) == calls


@pytest.mark.usefixtures("shared_bot")
def test_a_repost_is_warned_of(shared_telegram: TelegramServer) -> None:
    """The same news in other words is previewed with the release that it repeats."""
    text = RELEASES["norway-undp.md"].replace("النرويج تموّل إزالة", "تمويل نرويجي لإزالة")
    shown = sent(shared_telegram, ADMIN, "repost.md", text.encode(), "هل يُنشر")
    assert "إعادة نشر لخبر موجود: «النرويج تموّل إزالة الألغام في الموصل»" in said(shown)
    shared_telegram.press(ADMIN, shown.id, "✖️ إلغاء")
    settled(shared_telegram, ADMIN, shown.id, "أُلغي الطلب")


@pytest.mark.parametrize("command", ["/status", "/reingest", "/remove italy-fao.txt", "/rollback"])
def test_commands_of_administrators_are_refused_to_others(
    shared_telegram: TelegramServer, shared_bot: BotProcess, live: Generations, command: str
) -> None:
    """Anybody else is told in one line, and nothing happens; nor do their files and forged presses do anything."""
    before = number(live)
    uploads = sorted(p for p in (shared_bot.data_dir / "uploads").rglob("*") if p.is_file())
    answer = asked(shared_telegram, VISITOR, command)
    assert said(answer) == "هذا الأمر للمشرفين فقط."
    assert answer.buttons == []
    fetched = len(shared_telegram.calls("getFile"))
    assert "للمشرفين فقط" in said(sent(shared_telegram, VISITOR, "x.txt", UNDATED.encode(), "للمشرفين فقط"))
    assert len(shared_telegram.calls("getFile")) == fetched
    for data in ("a:rm:000000000000", "a:ok:0000000000000000", "a:no:0000000000000000"):
        query = shared_telegram.press_data(VISITOR, answer.id, data)
        assert "للمشرفين فقط" in shared_telegram.wait_query(query)["text"]
    assert number(live) == before
    assert sorted(p for p in (shared_bot.data_dir / "uploads").rglob("*") if p.is_file()) == uploads


def test_status_tells_how_things_stand(shared_telegram: TelegramServer, live: Generations) -> None:
    """/status names generation, counts, the last run, questions, queue and uptime."""
    text = said(asked(shared_telegram, ADMIN, "/status"))
    assert f"الإصدار {number(live)}، نُشر" in text
    assert "آخر قراءة: " in text
    assert "أسئلة آخر 24 ساعة: " in text
    assert "في الانتظار: 0، أعمال جارية: 0" in text
    assert "يعمل منذ 0 ساعة" in text


def test_reingest_reads_what_changed(
    shared_telegram: TelegramServer, shared_bot: BotProcess, live: Generations
) -> None:
    """/reingest with nothing changed says so; a file that was edited is published anew."""
    before = number(live)
    message = asked(shared_telegram, ADMIN, "/reingest")
    settled(shared_telegram, ADMIN, message.id, "لا جديد")
    assert number(live) == before


def test_rollback_returns_to_the_generation_before(
    shared_telegram: TelegramServer, shared_bot: BotProcess, live: Generations
) -> None:
    """/rollback asks, makes the generation before live, and tells which releases are gone; answers follow."""
    shown = sent(shared_telegram, ADMIN, "هولندا.txt", UNDATED.replace("كندا", "هولندا").encode(), "هل يُنشر")
    shared_telegram.press(ADMIN, shown.id, "✅ نشر")
    settled(shared_telegram, ADMIN, shown.id, "✅ تم")
    left = number(live)
    ask = asked(shared_telegram, ADMIN, "/rollback")
    assert f"من الإصدار {left} إلى الإصدار {left - 1}" in said(ask)
    shared_telegram.press(ADMIN, ask.id, "↩️ العودة")
    done = settled(shared_telegram, ADMIN, ask.id, "↩️ عدنا")
    assert "لم تعد ضمن المجموعة: هولندا.txt" in said(done)
    assert number(live) == left - 1


def test_the_bot_answers_while_it_ingests(shared_telegram: TelegramServer, live: Generations) -> None:
    """While an upload is published the administrator and others get their answers."""
    long = "\n\n".join(f"{UNDATED}\nقدّمت كندا {n} ألف دولار أمريكي لقرية رقم {n} في عام 2021." for n in range(2, 400))
    shown = sent(shared_telegram, ADMIN, "long.txt", long.encode(), "هل يُنشر")
    shared_telegram.press(ADMIN, shown.id, "✅ نشر")
    settled(shared_telegram, ADMIN, shown.id, "⏳")
    for chat in (VISITOR, ADMIN):
        assert "1.2" in said(asked(shared_telegram, chat, "كم خصصت إيطاليا لصيادي غزة؟"))
    settled(shared_telegram, ADMIN, shown.id, "✅ تم")


@pytest.fixture
def site() -> Iterator[str]:
    """A page on 127.0.0.1: host:port."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/news/1"
            body = f"<html><head><title>منحة</title></head><body><article><h1>منحة لقرى الأهوار</h1><p>{UNDATED}</p></article></body></html>"
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body.encode() if found else b"")

        def log_message(self, *_: object) -> None:
            """Quietly."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_page_is_published_and_a_kill_loses_no_job(data_dir: Path, telegram: TelegramServer, site: str) -> None:
    """An address is read and previewed; killed while it is published, the bot finishes the job after the start.

    A page of one's own network that the settings do not allow is refused.
    """
    with BotProcess(telegram, data_dir, admins=str(ADMIN), fetch_allowed=site) as bot:
        refused = asked(telegram, ADMIN, "http://127.0.0.1:9/x")
        assert "❌" in said(settled(telegram, ADMIN, refused.id, "❌"))
        message = asked(telegram, ADMIN, f"http://{site}/news/1")
        shown = settled(telegram, ADMIN, message.id, "هل يُنشر")
        assert "كندا" in said(shown)
        telegram.press(ADMIN, shown.id, "✅ نشر")
        settled(telegram, ADMIN, shown.id, "⏳ جارٍ العمل")
        bot.kill()
        bot.start()
        done = settled(telegram, ADMIN, shown.id, "✅ تم", "لا جديد")
        assert "5 بيانات" in said(done)
        telegram.wait_for(lambda: "900 ألف" in said(asked(telegram, VISITOR, CANADA)), 20)
