"""What can be wrong with the way in which answers are set up."""


class ChatSetup(Exception):
    """A chat model that cannot be used as it is set; the messages say in one line what to do."""

    def __init__(self, arabic: str, english: str) -> None:
        super().__init__(english)
        self.message_ar, self.message_en = arabic, english
