"""Questions in private chats and groups, as the process answers them."""

import base64
import itertools
import time

import pytest
from bot_process import BotProcess

from tests.telegram_server import TelegramServer
from tests.telegram_server.faults import Call

pytestmark = pytest.mark.usefixtures("shared_bot")

NORWAY = "كم قدمت النرويج لإزالة الألغام في الموصل؟"
ITALY = "كم خصصت إيطاليا لصيادي غزة؟"
FOLLOW_UP = "وكم المبلغ؟"
ELSEWHERE = "حلب"
"""What an answer to the follow-up names where no conversation came before it."""
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
UNKNOWN = "كم منحت اليابان للصليب الأحمر في كينيا؟"


def calls_in(server: TelegramServer, chat: int, *methods: str) -> list[Call]:
    """The bot's calls of these methods for a chat."""
    return [call for call in server.calls(*methods) if str(call.parameters["chat_id"]) == str(chat)]


def test_an_answer_cites(shared_telegram: TelegramServer) -> None:
    """An answer states the figure with a numbered mark and names its source."""
    shared_telegram.user_says(101, None, NORWAY)
    answer = shared_telegram.wait_answers(101, 1)[-1]
    assert "7.5" in answer.text
    assert "[1]" in answer.text
    assert "النرويج تموّل إزالة الألغام في الموصل" in answer.text


def test_no_evidence_is_a_refusal(shared_telegram: TelegramServer) -> None:
    """What the releases do not state is refused in the question's language, with the nearest releases."""
    shared_telegram.user_says(102, None, UNKNOWN)
    assert "لا تذكر البيانات" in shared_telegram.wait_answers(102, 1)[-1].text
    shared_telegram.user_says(103, None, "How much did Japan give to the Red Cross in Kenya?")
    assert "do not state" in shared_telegram.wait_answers(103, 1)[-1].text


def test_follow_ups_lean_on_the_users_own_turns(shared_telegram: TelegramServer) -> None:
    """«And how much was it?» is about what the same user asked before, and about nothing where nothing was asked."""
    shared_telegram.user_says(104, None, ITALY)
    shared_telegram.wait_answers(104, 1)
    shared_telegram.user_says(104, None, FOLLOW_UP)
    answer = shared_telegram.wait_answers(104, 2)[-1].text
    assert "1.2" in answer
    assert ELSEWHERE not in answer
    shared_telegram.user_says(105, None, FOLLOW_UP)
    assert ELSEWHERE in shared_telegram.wait_answers(105, 1)[-1].text


def test_reset_clears_the_conversation(shared_telegram: TelegramServer) -> None:
    """After /reset a follow-up stands alone."""
    shared_telegram.user_says(106, None, ITALY)
    shared_telegram.wait_answers(106, 1)
    shared_telegram.user_says(106, None, "/reset")
    shared_telegram.wait_answers(106, 2)
    shared_telegram.user_says(106, None, FOLLOW_UP)
    assert ELSEWHERE in shared_telegram.wait_answers(106, 3)[-1].text


def test_a_slow_question_delays_nobody_else(shared_telegram: TelegramServer) -> None:
    """While one user's question takes two seconds, another's is answered; the slow one's next waits for it."""
    shared_telegram.user_says(107, None, f"بطيء 2 {NORWAY}")
    shared_telegram.user_says(107, None, ITALY)
    time.sleep(0.5)
    shared_telegram.user_says(108, None, ITALY)
    assert "1.2" in shared_telegram.wait_answers(108, 1)[-1].text
    assert not shared_telegram.answers(107)
    first, second = shared_telegram.wait_answers(107, 2, seconds=15)
    assert "7.5" in first.text
    assert "1.2" in second.text


def test_typing_within_a_second_and_refreshed(shared_telegram: TelegramServer) -> None:
    """A question that takes long shows typing soon, and again before Telegram hides it; a quick one shows nothing."""
    asked = time.monotonic()
    shared_telegram.user_says(109, None, f"بطيء 5 {NORWAY}")
    shared_telegram.wait_answers(109, 1, seconds=15)
    calls = calls_in(shared_telegram, 109, "sendChatAction")
    assert len(calls) == 2
    assert calls[0].at - asked < 2  # a second, and the machine's load
    assert 3.5 < calls[1].at - calls[0].at < 5


def test_a_growing_answer_is_a_draft_in_private(shared_telegram: TelegramServer) -> None:
    """Drafts show the answer as it grows, at most one a second, and one message remains."""
    shared_telegram.user_says(110, None, f"ينمو 3 {NORWAY}")
    answers = shared_telegram.wait_answers(110, 1, seconds=15)
    drafts = calls_in(shared_telegram, 110, "sendMessageDraft")
    assert len(drafts) >= 2
    assert all(b.at - a.at >= 0.95 for a, b in itertools.pairwise(drafts))
    assert len({c.parameters["draft_id"] for c in drafts}) == 1
    assert len(answers) == 1


def test_without_drafts_the_answer_comes_all_the_same(shared_telegram: TelegramServer) -> None:
    """A server that declines drafts leaves typing, and the answer."""
    shared_telegram.fault("sendMessageDraft", status=404, times=None, where={"chat_id": 111})
    shared_telegram.user_says(111, None, f"ينمو 2 {NORWAY}")
    assert "7.5" in shared_telegram.wait_answers(111, 1, seconds=15)[-1].text


def test_a_growing_answer_is_edited_in_groups(shared_telegram: TelegramServer) -> None:
    """In a group one message grows by edits three seconds apart and ends as the answer."""
    shared_telegram.add_group(-1001200, "مجموعة")
    shared_telegram.user_says(-1001200, 112, f"/ask@sanad_local_bot ينمو 5 {NORWAY}")
    shared_telegram.wait_for(lambda: any("المصادر" in m.text for m in shared_telegram.answers(-1001200)), 25)
    answers = shared_telegram.answers(-1001200)
    assert len(answers) == 1
    calls = calls_in(shared_telegram, -1001200, "sendMessage", "editMessageText")
    assert [c.method for c in calls] == ["sendMessage", "editMessageText", "editMessageText"]
    assert calls[1].at - calls[0].at >= 2.9


def test_groups_hear_what_is_addressed_only(shared_telegram: TelegramServer) -> None:
    """Commands, mentions and replies to the bot are answered, as replies; other talk is not, even where the bot sees it."""
    group = -1001201
    shared_telegram.add_group(group, "مجموعة", bot_status="administrator")
    shared_telegram.user_says(group, 113, NORWAY)
    asked = shared_telegram.user_says(group, 113, f"@sanad_local_bot {ITALY}")
    first = shared_telegram.wait_answers(group, 1)[-1]
    assert first.reply_to is not None
    assert first.reply_to.id == asked.id
    assert "1.2" in first.text
    shared_telegram.user_says(group, 113, FOLLOW_UP, reply_to=first.id)
    assert ELSEWHERE not in shared_telegram.wait_answers(group, 2)[-1].text
    shared_telegram.user_says(group, 114, FOLLOW_UP, reply_to=first.id)
    assert ELSEWHERE in shared_telegram.wait_answers(group, 3)[-1].text, "another user's turns are not this one's"
    assert len(shared_telegram.answers(group)) == 3


def test_topics_are_kept(shared_telegram: TelegramServer) -> None:
    """A question in a topic is answered in it."""
    group = -1001202
    shared_telegram.add_group(group, "منتدى", forum=True)
    topic = shared_telegram.add_topic(group, "موضوع")
    shared_telegram.user_says(group, 115, f"/ask@sanad_local_bot {NORWAY}", thread=topic)
    assert shared_telegram.wait_answers(group, 1)[-1].thread_id == topic


def test_inline_mode_offers_a_cited_answer(shared_telegram: TelegramServer) -> None:
    """@bot and a question in any chat offers the answer with its source; of a beginning it offers a hint."""
    query = shared_telegram.inline(116, NORWAY)
    results = shared_telegram.wait_query(query)["results"]
    assert "7.5" in results[0]["_shown"].text
    assert "[1]" in results[0]["_shown"].text
    beginning = shared_telegram.wait_query(shared_telegram.inline(117, "كم"))
    assert not beginning["results"]
    assert beginning["button"]


def test_guest_messages_are_answered(shared_telegram: TelegramServer) -> None:
    """A mention in a chat that the bot is no member of is answered by a guest answer."""
    query = shared_telegram.guest(118, f"@sanad_local_bot {NORWAY}")
    assert "result" in shared_telegram.wait_query(query)


@pytest.mark.parametrize(
    ("deed", "said"),
    [
        (lambda s: s.sticker(119, None), "النصوص"),
        (lambda s: s.voice(119, None), "الصوتية"),
        (lambda s: s.photo(119, None, PIXEL), "النصوص"),
    ],
)
def test_what_is_no_text_is_told_so(shared_telegram: TelegramServer, deed: object, said: str) -> None:
    """Stickers, voice and pictures get one line each."""
    before = len(shared_telegram.answers(119))
    deed(shared_telegram)  # type: ignore[operator]
    assert said in shared_telegram.wait_answers(119, before + 1)[-1].text


def test_an_edited_message_is_not_answered_again(shared_telegram: TelegramServer) -> None:
    """An edit gets a line that asks for a new message; the first answer stays."""
    asked = shared_telegram.user_says(120, None, NORWAY)
    shared_telegram.wait_answers(120, 1)
    shared_telegram.user_edits(120, asked.id, ITALY)
    first, second = shared_telegram.wait_answers(120, 2)
    assert "7.5" in first.text
    assert "المعدَّلة" in second.text


def test_a_fault_is_told_and_the_next_question_answered(
    shared_telegram: TelegramServer, shared_bot: BotProcess
) -> None:
    """A handler that fails tells the user so, in a line, and harms nothing else."""
    shared_telegram.user_says(121, None, "عطل سري")
    assert "عطل" in shared_telegram.wait_answers(121, 1)[-1].text
    shared_telegram.user_says(121, None, NORWAY)
    assert "7.5" in shared_telegram.wait_answers(121, 2)[-1].text
    assert any(e["event"] == "handler_failed" and e["exception"] for e in shared_bot.events())
    assert "سري" not in shared_bot.text()


def test_a_message_that_is_too_long_is_declined(shared_telegram: TelegramServer) -> None:
    """Beyond the cap nothing is looked into."""
    shared_telegram.user_says(122, None, "كم " * 500)
    assert "1,000" in shared_telegram.wait_answers(122, 1)[-1].text.replace("1000", "1,000")
