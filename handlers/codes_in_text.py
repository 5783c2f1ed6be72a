"""Codes in what people type: the whole text as one code, or codes inside a sentence."""

import re
import unicodedata
from collections.abc import Iterator

from core.codes.alphabet import is_checked, normalise
from core.engine.routes import Shapes
from handlers.decoration import unsigned

_LONGEST = 80
_LONGEST_SENTENCE = 500
_PARTS = 6
"""A printed code comes in so many groups at most."""
_LEADING_WORDS = re.compile(r"^\W*(?:code|redeem|draw|抽奖码|抽奖|兑换码|兑换|兑奖|开奖|码)\W*", re.IGNORECASE)
_WORDS = re.compile(r"[^\W_\u3400-\u9fff]+(?:-[^\W_\u3400-\u9fff]+)*")
"""Runs of letters and digits of any alphabet but the Chinese, hyphens inside."""
_AROUND = re.compile(r"^[\W_]+|[\W_]+$")
_INSIDE = re.compile(r"[^\w\s-]")


def whole(text: str) -> Iterator[str]:
    """The text as one code, then without a leading word. What a phone wrote below it is left out."""
    text = unsigned(text)
    if not text.strip() or len(text) > _LONGEST:
        return
    yield normalise(text)
    if (rest := _LEADING_WORDS.sub("", text)) != text:
        yield normalise(rest)


def plainly(text: str) -> list[str]:
    """As :func:`whole`, where only spaces and hyphens stand between: without a check symbol, words are many."""
    folded = unicodedata.normalize("NFKC", unsigned(text)[: _LONGEST + 1])
    return [code for code in whole(text) if not _INSIDE.search(_AROUND.sub("", _LEADING_WORDS.sub("", folded)))]


def words_in(text: str) -> list[str]:
    """The words of a sentence, hyphens inside, each normalised as a code would be."""
    return [normalise(word) for word in _WORDS.findall(unicodedata.normalize("NFKC", text[:_LONGEST_SENTENCE]))]


def held_codes(text: str, shapes: Shapes) -> list[str]:
    """Codes inside a longer text: neighbouring words that together end in their check symbol and hold a digit.

    Without the digit, one sentence in some hundred would hold a code by chance.
    """
    words = words_in(text)
    lengths = {length for length, checked in shapes if checked}
    held: dict[str, None] = {}
    for start in range(len(words)):
        for end in range(start + 1, min(start + _PARTS, len(words)) + 1):
            code = "".join(words[start:end])
            if len(code) in lengths and is_checked(code) and not code.isalpha():
                held[code] = None
    return list(held)
