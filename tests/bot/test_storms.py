"""Many things at once, and many things wrong at once."""

import random
from pathlib import Path

import pytest
from bot_process import BotProcess

from tests.telegram_server import TelegramServer

QUESTIONS = {
    "كم قدمت النرويج لإزالة الألغام في الموصل؟": "7.5",
    "كم خصصت إيطاليا لصيادي غزة؟": "1.2",
    "كم مدرسة ترمم في حلب بمنحة النرويج لليونيسف؟": "40",
    "كم منحت اليابان للصليب الأحمر في كينيا؟": "لا تذكر",
}


@pytest.mark.usefixtures("shared_bot")
def test_one_users_messages_keep_their_order(shared_telegram: TelegramServer) -> None:
    """Questions that a user sends in one go are answered one by one, in their order."""
    asked = list(QUESTIONS) * 2
    shared_telegram.user_says(501, None, "/language")
    for question in asked:
        shared_telegram.user_says(501, None, "/reset")
        shared_telegram.user_says(501, None, question)
    answers = shared_telegram.wait_answers(501, 1 + 2 * len(asked), 60)
    assert all(QUESTIONS[q] in m.text for q, m in zip(asked, answers[2::2], strict=True))
    assert [m.id for m in answers] == sorted(m.id for m in answers)


@pytest.mark.usefixtures("shared_bot")
def test_signs_of_markup_in_documents(shared_telegram: TelegramServer) -> None:
    """«<», «&» and quotes of a release arrive to the letter, in messages that parse at once."""
    shared_telegram.user_says(502, None, "كم خصصت إيطاليا لصيادي غزة؟")
    answer = shared_telegram.wait_answers(502, 1)[-1]
    shared_telegram.press(502, answer.id, "[1]")
    passage = shared_telegram.wait_answers(502, 2)[-1]
    assert '<قوارب> و"شباكاً" & محركات' in passage.text.replace("\u2068", "").replace("\u2069", "")
    assert not [c for c in shared_telegram.calls() if "parse entities" in c.outcome]


@pytest.mark.usefixtures("shared_bot")
def test_talk_in_a_topic_of_the_bots_own(shared_telegram: TelegramServer) -> None:
    """In a topic that the bot opened, where Telegram tells each message as a reply to it, talk is still talk."""
    shared_telegram.add_group(-100_503, "منتدى", forum=True, bot_status="administrator")
    topic = shared_telegram.add_topic(-100_503, "العراق", by_bot=True)
    shared_telegram.user_says(-100_503, 503, "كم قدمت النرويج لإزالة الألغام في الموصل؟", thread=topic)
    shared_telegram.user_says(-100_503, 503, "/ask كم خصصت إيطاليا لصيادي غزة؟", thread=topic)
    answer = shared_telegram.wait_answers(-100_503, 2)[-1]  # the first is the opening of the topic
    shared_telegram.quiet()
    assert "1.2" in answer.text
    assert answer.thread_id == topic
    assert len(shared_telegram.answers(-100_503)) == 2


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)])
def test_a_storm_of_faults_and_a_kill(telegram: TelegramServer, data_dir: Path, seed: int) -> None:
    """With every kind of fault on every call, and a kill -9 amid them, each question is answered exactly once."""
    dice = random.Random(seed)  # noqa: S311  # not for secrets
    for method in ("sendMessage", "editMessageText", "getUpdates"):
        call = 1
        for _ in range(6):
            call += dice.randint(1, 3)
            fault = dice.choice(
                [
                    {"retry_after": 1},
                    {"status": 502},
                    {"action": "drop"},
                    {"action": "accept_then_drop"},
                    {"action": "garble"},
                    {"action": "none", "delay": 0.5},
                ]
            )
            telegram.fault(method, call=call, **fault)  # type: ignore[arg-type]
    users = range(7, 13)
    with BotProcess(telegram, data_dir) as bot:
        for user in users:
            telegram.user_says(user, None, dice.choice(list(QUESTIONS)))
        telegram.wait_for(lambda: len(telegram.calls("sendMessage")) >= 3, 30)
        bot.kill()
        for user in users:
            telegram.user_says(user, None, dice.choice(list(QUESTIONS)))
        bot.start()
        for user in users:
            telegram.wait_answers(user, 2, 90)
        telegram.wait_for(lambda: not telegram.pending(), 30)
        telegram.quiet(2.0, within=60)
    for user in users:
        said = [m.text for m in telegram.messages(user, bot=False)]
        got = [m.text for m in telegram.answers(user)]
        assert len(got) == 2, got
        assert all(QUESTIONS[q] in text for q, text in zip(said, got, strict=True)), (said, got)
