"""Previews: how a text arrives on a channel, and how much of a message it takes there."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Preview:
    """What becomes of one text where it arrives."""

    parts: tuple[str, ...]
    """What goes one by one, at least one; joined they are the text as it goes out."""
    length: int
    """In what is counted there."""
    room: int | None = None
    """So much of that each part holds; None where nobody limits it."""
    counted_in: str = "characters"
    """What is counted: characters, bytes, UTF-16, or the characters of an alphabet of short messages."""


def whole(text: str) -> Preview:
    """Of a channel that takes texts as they are."""
    return Preview((text,), len(text))
