"""Choices that several answers offer, by the keys of their labels."""

from collections.abc import Iterable

from core.context import Context
from core.messages import Choice, Phrases, Reply


def numbered(ctx: Context, *labels: str, first: int = 1) -> tuple[Choice, ...]:
    """One answer to what the sender was asked last for each of ``labels`` (keys of texts), numbered from ``first``."""
    return tuple(answer(ctx, number, Reply(label)) for number, label in enumerate(labels, start=first))


def answer(ctx: Context, number: int, label: Phrases | Reply, *, listed: bool = False) -> Choice:
    """The choice ``number`` of what the sender was asked last."""
    return Choice(str(number), label, listed, ctx.address.question_number)


def worded(words: Iterable[str]) -> tuple[Choice, ...]:
    """One choice for each of ``words``, which the text names already; "choice." and the word is the label's key."""
    return tuple(Choice(word, Reply(f"choice.{word}"), listed=True) for word in words)
