"""The server answers raw HTTP as Telegram does."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest

from tests.telegram_server import TelegramServer
from tests.telegram_server.limits import Limits


@pytest.fixture
def server() -> Iterator[TelegramServer]:
    with TelegramServer() as running:
        yield running


def call(server: TelegramServer, method: str, **values: Any) -> dict[str, Any]:
    url = f"{server.url}{server.token}/{method}"
    answer: dict[str, Any] = httpx.post(url, json=values, timeout=30).json()
    return answer


def test_tokens(server: TelegramServer) -> None:
    """A well-formed token that is unknown gets 401, anything else 404, and methods do not mind case."""
    assert httpx.get(f"{server.url}123:abcdef/getMe").status_code == 401
    assert httpx.get(f"{server.url}abc/getMe").status_code == 404
    assert httpx.get(f"{server.url}{server.token}/getme").json()["result"]["is_bot"]
    assert call(server, "sendNothing") == {
        "ok": False,
        "error_code": 404,
        "description": "Not Found: method not found",
    }


def test_offsets(server: TelegramServer) -> None:
    """Updates come again until an offset above them confirms them; ids rise by one; negative offsets count back."""
    for text in "abc":
        server.user_says(7, None, text)
    first = call(server, "getUpdates")["result"]
    assert [u["message"]["text"] for u in first] == ["a", "b", "c"]
    ids = [u["update_id"] for u in first]
    assert ids == list(range(ids[0], ids[0] + 3))
    assert len(call(server, "getUpdates", limit=2)["result"]) == 2
    assert len(call(server, "getUpdates", offset=ids[1])["result"]) == 2
    assert [u["message"]["text"] for u in call(server, "getUpdates", offset=-1)["result"]] == ["c"]
    assert call(server, "getUpdates", offset=ids[2] + 1)["result"] == []


def test_long_poll(server: TelegramServer) -> None:
    """A poll waits for an update, and answers with nothing when its time is over."""
    threading.Timer(0.2, server.user_says, (7, None, "نص")).start()
    began = time.monotonic()
    assert len(call(server, "getUpdates", timeout=10)["result"]) == 1
    assert time.monotonic() - began < 5
    assert call(server, "getUpdates", offset=2**30, timeout=0)["result"] == []


def test_allowed_updates(server: TelegramServer) -> None:
    """Kinds that were not asked for are not kept, and the choice holds for later calls."""
    sent = server.user_says(7, None, "نص")
    server.react(7, sent.id, 7, "👍")
    assert [u.kind for u in server.pending()] == ["message"]
    call(server, "getUpdates", allowed_updates=["message_reaction"])
    server.react(7, sent.id, 7, "👎")
    server.user_says(7, None, "نص")
    assert [u.kind for u in server.pending()] == ["message", "message_reaction"]


def test_ids(server: TelegramServer) -> None:
    """Private chats share one counter of message ids; each supergroup has its own."""
    private = [server.user_says(user, None, "x").id for user in (7, 8, 7)]
    assert private == sorted(set(private))
    assert server.user_says(-1001, 7, "/x").id == server.user_says(-1002, 7, "/x").id == 1


def test_topics(server: TelegramServer) -> None:
    """A message of a topic is told as a reply to the one that opened it, unless it replies to another."""
    server.add_group(-1001, "منتدى", forum=True, bot_status="administrator")
    topic = server.add_topic(-1001, "العراق", by_bot=True)
    first = server.user_says(-1001, 7, "كلام", thread=topic)
    server.user_says(-1001, 7, "رد", reply_to=first.id)
    told = [u["message"] for u in call(server, "getUpdates")["result"]]
    assert [m["message_thread_id"] for m in told] == [topic, topic]
    assert told[0]["reply_to_message"]["forum_topic_created"]["name"] == "العراق"
    assert told[1]["reply_to_message"]["message_id"] == first.id


def test_edits_and_deletions(server: TelegramServer) -> None:
    """A user sees the last state of a message; buttons go with an edit that names none."""
    server.user_says(7, None, "x")
    markup = {"inline_keyboard": [[{"text": "+", "callback_data": "1"}]]}
    sent = call(server, "sendMessage", chat_id=7, text="أ", reply_markup=json.dumps(markup))["result"]
    assert sent["reply_markup"] == markup
    edited = call(server, "editMessageText", chat_id=7, message_id=sent["message_id"], text="ب")["result"]
    assert edited["edit_date"] >= edited["date"]
    assert "reply_markup" not in edited
    assert server.answers(7)[0].text == "ب"
    assert call(server, "deleteMessage", chat_id=7, message_id=sent["message_id"])["result"] is True
    assert server.answers(7) == []
    again = call(server, "editMessageText", chat_id=7, message_id=sent["message_id"], text="ج")
    assert again["description"] == "Bad Request: message to edit not found"


@pytest.mark.parametrize(
    ("method", "values", "description"),
    [
        ("sendMessage", {"chat_id": 9, "text": "x"}, "Bad Request: chat not found"),
        ("sendMessage", {"chat_id": 7, "text": ""}, "Bad Request: message text is empty"),
        ("sendMessage", {"chat_id": 7, "text": "😀" * 2049}, "Bad Request: message is too long"),
        ("sendMessage", {"chat_id": 7, "text": "x", "message_thread_id": 5}, "Bad Request: message thread not found"),
        ("sendMessageDraft", {"chat_id": -1001, "draft_id": 1, "text": "x"}, "Bad Request: TEXTDRAFT_PEER_INVALID"),
        ("sendChatAction", {"chat_id": 7, "action": "dancing"}, "Bad Request: wrong parameter action in request"),
        ("setMessageReaction", {"chat_id": 7, "message_id": 101, "reaction": [{"type": "emoji", "emoji": "x"}]}, "Bad Request: REACTION_INVALID"),
        ("getFile", {"file_id": "x"}, "Bad Request: wrong file_id or the file is temporarily unavailable"),
        ("setMyCommands", {"commands": [{"command": "سؤال", "description": "x"}]}, "Bad Request: BOT_COMMAND_INVALID"),
        ("answerInlineQuery", {"inline_query_id": "1", "results": []}, "Bad Request: query is too old and response timeout expired or query ID is invalid"),
        ("setWebhook", {"url": "http://example.org/x"}, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"),
    ],
)  # fmt: skip
def test_refusals(server: TelegramServer, method: str, values: dict[str, Any], description: str) -> None:
    """Wrong calls are refused in Telegram's words."""
    server.user_says(7, None, "x")
    server.add_group(-1001, "مجموعة")
    assert call(server, method, **values)["description"] == description


@pytest.mark.parametrize(
    ("button", "description"),
    [
        ({"text": "x"}, "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        ({"text": "x", "callback_data": "ب" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "copy_text": {"text": "ن" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "x", "url": "localhost"}, "inline keyboard button URL 'localhost' is invalid: Wrong HTTP URL"),
    ],
)
def test_buttons(server: TelegramServer, button: dict[str, Any], description: str) -> None:
    """Buttons that Telegram refuses are refused."""
    server.user_says(7, None, "x")
    answer = call(server, "sendMessage", chat_id=7, text="x", reply_markup={"inline_keyboard": [[button]]})
    assert answer["description"] == f"Bad Request: {description}"


def test_queries(server: TelegramServer) -> None:
    """A press is answered once in time; an expired one is too old; over 50 inline results are too many."""
    server.user_says(7, None, "x")
    markup = {"inline_keyboard": [[{"text": "+", "callback_data": "1"}]]}
    sent = call(server, "sendMessage", chat_id=7, text="أ", reply_markup=markup)["result"]
    query = server.press(7, sent["message_id"], "+")
    assert call(server, "answerCallbackQuery", callback_query_id=query.id, text="نعم")["result"] is True
    assert server.wait_query(query)["text"] == "نعم"
    late = server.press(7, sent["message_id"], 0)
    server.expire(late)
    assert "query is too old" in call(server, "answerCallbackQuery", callback_query_id=late.id)["description"]
    asked = server.inline(7, "نص")
    article = {"type": "article", "title": "ع", "input_message_content": {"message_text": "نص"}}
    results = [article | {"id": str(n)} for n in range(51)]
    many = call(server, "answerInlineQuery", inline_query_id=asked.id, results=results)
    assert many["description"] == "Bad Request: RESULTS_TOO_MUCH"
    assert call(server, "answerInlineQuery", inline_query_id=asked.id, results=results[:50])["result"] is True


def test_guest(server: TelegramServer) -> None:
    """A guest message can be answered once, into a chat that the bot is no member of."""
    query = server.guest(7, "@sanad_local_bot كم؟", chat=-100777)
    update = call(server, "getUpdates", offset=-1)["result"][0]
    assert update["guest_message"]["guest_query_id"] == query.id
    article = {"type": "article", "id": "1", "title": "ع", "input_message_content": {"message_text": "نص"}}
    assert "inline_message_id" in call(server, "answerGuestQuery", guest_query_id=query.id, result=article)["result"]
    assert [m.text for m in server.answers(-100777)] == ["نص"]
    assert not call(server, "answerGuestQuery", guest_query_id=query.id, result=article)["ok"]


def test_files(server: TelegramServer) -> None:
    """Files come back byte for byte; over 20 MB they cannot be fetched."""
    small = server.upload(7, None, b"\x00\x01", "a.bin").media["document"]
    found = call(server, "getFile", file_id=small["file_id"])["result"]
    assert httpx.get(f"{server.file_url}{server.token}/{found['file_path']}").content == b"\x00\x01"
    large = server.upload(7, None, b"x", "b.bin", size=20 * 2**20 + 1).media["document"]
    assert call(server, "getFile", file_id=large["file_id"])["description"] == "Bad Request: file is too big"


def test_members(server: TelegramServer) -> None:
    """Membership: administrators, members, those who left; blocked and kicked bots get 403."""
    group = server.add_group(-1001, "مجموعة", kind="group")
    group.members[5] = "administrator"
    server.user_says(-1001, 5, "x")
    assert call(server, "getChatMember", chat_id=-1001, user_id=5)["result"]["status"] == "administrator"
    server.kick(-1001)
    kicked = call(server, "sendMessage", chat_id=-1001, text="x")
    assert kicked["description"] == "Forbidden: bot was kicked from the group chat"
    server.add_group(-5, "قديمة", kind="group")
    server.migrate(-5, -1005)
    assert call(server, "sendMessage", chat_id=-5, text="x")["parameters"] == {"migrate_to_chat_id": -1005}


class _Hook(BaseHTTPRequestHandler):
    seen: list[tuple[str | None, dict[str, Any]]]
    failures: int

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append((self.headers["X-Telegram-Bot-Api-Secret-Token"], body))  # type: ignore[attr-defined]
        failed = len(self.server.seen) <= 2  # type: ignore[attr-defined]
        reply = json.dumps({"method": "sendMessage", "chat_id": 7, "text": "من الجواب"}).encode()
        self.send_response(500 if failed else 200)
        self.send_header("Content-Length", str(0 if failed else len(reply)))
        self.end_headers()
        if not failed:
            self.wfile.write(reply)

    def log_message(self, *_: object) -> None:
        """Quiet."""


def test_webhook(server: TelegramServer) -> None:
    """A webhook gets its secret with each update, again until it takes it; getUpdates is refused meanwhile."""
    hook = HTTPServer(("127.0.0.1", 0), _Hook)
    hook.seen = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=hook.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{hook.server_port}/x"
    assert call(server, "setWebhook", url=url, secret_token="s-1")["result"] is True
    assert call(server, "getUpdates")["error_code"] == 409
    server.user_says(7, None, "نص")
    server.wait_for(lambda: not server.pending())
    assert [secret for secret, _ in hook.seen] == ["s-1"] * 3  # type: ignore[attr-defined]
    assert len({body["update_id"] for _, body in hook.seen}) == 1  # type: ignore[attr-defined]
    info = call(server, "getWebhookInfo")["result"]
    assert info["last_error_message"].startswith("Wrong response from the webhook: 500")
    server.wait_answers(7, 1)
    assert call(server, "deleteWebhook")["result"] is True
    assert call(server, "getUpdates")["result"] == []
    hook.shutdown()
    hook.server_close()
    thread.join()


def test_limits() -> None:
    """With its limits on, the server declines the 31st message of a second and the 21st of a minute in a group."""
    with TelegramServer(limits=True) as server:
        server.add_group(-1001, "مجموعة")
        group = [call(server, "sendMessage", chat_id=-1001, text=str(n)) for n in range(21)]
        assert [answer["ok"] for answer in group] == [True] * 20 + [False]
        assert 1 < group[-1]["parameters"]["retry_after"] <= 60
        limits = Limits()
        assert [limits.retry_after("sendMessage", str(chat)) for chat in range(1, 32)] == [0] * 30 + [1]
        assert limits.retry_after("sendChatAction", "1") == 0


def test_pause(server: TelegramServer) -> None:
    """A paused server is unreachable and comes back on the same port with all it knew."""
    server.user_says(7, None, "نص")
    server.pause()
    with pytest.raises(httpx.ConnectError):
        call(server, "getMe")
    server.resume()
    assert len(call(server, "getUpdates")["result"]) == 1


def test_control(server: TelegramServer) -> None:
    """Another process does the same by /_control."""
    url = f"{server.root}/_control"
    said = httpx.post(f"{url}/do/user_says", json={"chat": 7, "user": None, "text": "نص"}).json()
    assert said["text"] == "نص"
    httpx.post(f"{url}/fault", json={"method": "sendMessage", "retry_after": 2})
    assert call(server, "sendMessage", chat_id=7, text="x")["parameters"] == {"retry_after": 2}
    call(server, "sendMessage", chat_id=7, text="y")
    assert [m["text"] for m in httpx.get(f"{url}/messages?chat=7").json()] == ["نص", "y"]
    assert [c["status"] for c in httpx.get(f"{url}/calls?method=sendMessage").json()] == [429, 200]
    assert httpx.post(f"{url}/do/press", json={"chat": 7, "message": 1, "button": "x"}).status_code == 400
    assert httpx.get(f"{url}/view?since=-1").json()["chats"][0]["id"] == 7
