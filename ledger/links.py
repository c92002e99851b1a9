"""Links that open a web release at the words that it states."""

from urllib.parse import quote as percent
from urllib.parse import urlsplit

_EDGE = 5
"""Words at each end of a quote that find it: long fragments break where a page has other white space within."""


def at_quote(url: str, quote: str) -> str:
    """The page with a text fragment (https://wicg.github.io/scroll-to-text-fragment/) for the quote's words."""
    words = quote.replace("**", "").split()  # Markdown's marks are no part of the page's text
    if not words or urlsplit(url).scheme not in {"http", "https"}:
        return url
    if len(words) <= 2 * _EDGE:
        directive = _encoded(" ".join(words))
    else:
        directive = f"{_encoded(' '.join(words[:_EDGE]))},{_encoded(' '.join(words[-_EDGE:]))}"
    return f"{url}{'' if '#' in url else '#'}:~:text={directive}"


def _encoded(text: str) -> str:
    """Percent-encoded; dashes too, which separate a prefix or suffix from the text."""
    return percent(text, safe="").replace("-", "%2D")
