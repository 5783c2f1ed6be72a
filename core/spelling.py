"""Spelling: what somebody may have meant who wrote a word that is not known."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str], least: float = 0.6) -> str | None:
    """Of the words of ``known`` that are at ``least`` so much like ``word`` the one with the fewest slips."""
    return min(get_close_matches(word, list(known), 3, least), key=lambda each: slips(word, each), default=None)


def guess(word: str, known: Iterable[str]) -> str:
    """Ask, in brackets after a space, for the word of ``known`` that is most like ``word``; "" when none is."""
    near = nearest(word, known)
    return f" (do you mean {near}?)" if near else ""


def slips(said: str, meant: str) -> int:
    """How many slips of a finger make ``said`` of ``meant``: a letter too many, too few, a wrong one, two swapped."""
    before: list[int] = []
    row = list(range(len(meant) + 1))
    for at, letter in enumerate(said):
        older, before, row = before, row, [at + 1]
        for place, wanted in enumerate(meant):
            least = min(before[place] + (letter != wanted), before[place + 1] + 1, row[place] + 1)
            if at and place and letter == meant[place - 1] and said[at - 1] == wanted:
                least = min(least, older[place - 1] + 1)
            row.append(least)
    return row[-1]
