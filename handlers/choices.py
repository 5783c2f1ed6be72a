"""Choices that several answers offer, by the keys of their labels."""

from collections.abc import Iterable

from core.messages import Choice, Reply


def numbered(*labels: str | Reply, first: int = 1) -> tuple[Choice, ...]:
    """One choice for each of ``labels`` (keys of texts), numbered from ``first`` on."""
    shown = (Reply(label) if isinstance(label, str) else label for label in labels)
    return tuple(Choice(str(number), label) for number, label in enumerate(shown, start=first))


def worded(words: Iterable[str]) -> tuple[Choice, ...]:
    """One choice for each of ``words``, which the text names already; "choice." and the word is the label's key."""
    return tuple(Choice(word, Reply(f"choice.{word}"), listed=True) for word in words)
