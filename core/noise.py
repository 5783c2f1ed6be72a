"""Noise: bytes that somebody took for words."""

import unicodedata


def is_noise(text: str) -> bool:
    """Whether ``text`` is no words but bytes that somebody took for some: half of it or more has no meaning as text.

    Control characters but white space, noncharacters, private and unassigned ones, and what could not be decoded.
    """
    if text.isprintable() and "\ufffd" not in text:
        return False
    seen = [character for character in text if not character.isspace()]
    noise = sum(character == "\ufffd" or unicodedata.category(character) in _NOISE for character in seen)
    return bool(seen) and noise * 2 >= len(seen)


_NOISE = frozenset({"Cc", "Cn", "Co"})
