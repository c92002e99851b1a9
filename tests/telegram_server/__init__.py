"""A Bot API server on loopback that behaves like Telegram's, for tests of the bot and for developers.

with TelegramServer() as server:
    ...  # start a bot with base_url=server.url, base_file_url=server.file_url, token=server.token
    server.user_says(7, None, "كم بلغ التمويل؟")
    answer = server.wait_answers(7, 1)[0]
    server.press(7, answer.id, "[1]")
"""

from .faults import Call, Fault
from .server import TOKEN, USERNAME, TelegramServer
from .state import Chat, Draft, Message, User

__all__ = ["TOKEN", "USERNAME", "Call", "Chat", "Draft", "Fault", "Message", "TelegramServer", "User"]
