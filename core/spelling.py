"""Spelling: what somebody may have meant who wrote a word that is not known."""

from collections.abc import Iterable
from difflib import get_close_matches


def guess(word: str, known: Iterable[str]) -> str:
    """Ask, in brackets after a space, for the word of ``known`` that is most like ``word``; "" when none is."""
    near = get_close_matches(word, list(known), 1)
    return f" (do you mean {near[0]}?)" if near else ""
