"""Choices that several answers offer, by the keys of their labels."""

from collections.abc import Iterable

from core import questions
from core.messages import Choice, Phrases, Reply
from core.models import Player


def numbered(player: Player, *labels: str, first: int = 1) -> tuple[Choice, ...]:
    """One answer of ``player`` for each of ``labels`` (keys of texts), numbered from ``first`` on."""
    return tuple(answer(player, number, Reply(label)) for number, label in enumerate(labels, start=first))


def answer(player: Player, number: int, label: Phrases | Reply, *, listed: bool = False) -> Choice:
    """The choice ``number`` of the question that ``player`` was asked last."""
    return Choice(str(number), label, listed, questions.number_of(player))


def worded(words: Iterable[str]) -> tuple[Choice, ...]:
    """One choice for each of ``words``, which the text names already; "choice." and the word is the label's key."""
    return tuple(Choice(word, Reply(f"choice.{word}"), listed=True) for word in words)
