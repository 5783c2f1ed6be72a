"""Recognise an intent by a whole message of known words, however they are typed."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from core.engine.routes import Intent, Shapes

_DECORATION = re.compile(r"[\s!-/:-@\[-`{-~。，！？、；：“”‘’（）《》…·\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")


_LONGEST = 40


@lru_cache(maxsize=64)  # one text is compared with the words of every route
def plain(text: str) -> str:
    """``text`` in half width and lower case, without spaces, punctuation and invisible marks."""
    return _DECORATION.sub("", unicodedata.normalize("NFKC", text)).casefold()


def means(intent: Intent, *words: str) -> Callable[[str, Shapes], Intent | None]:
    """A recogniser: ``intent`` when the whole text is one of ``words``."""
    known = frozenset(plain(word) for word in words)
    return lambda text, _shapes: intent if len(text) <= _LONGEST and plain(text) in known else None
