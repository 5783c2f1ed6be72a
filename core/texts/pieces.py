"""Pieces: a text that is too long for one message, in several."""

from collections.abc import Sequence


def split(text: str, limit: int) -> Sequence[str]:
    """``text`` in pieces of at most ``limit`` bytes of UTF-8, cut between lines where that can be."""
    pieces = []
    while len(text.encode()) > limit:
        at = text.encode()[: limit + 1].decode(errors="ignore").rfind("\n")
        head = text[:at] if at > 0 else text.encode()[:limit].decode(errors="ignore")
        pieces.append(head)
        text = text[len(head) :].removeprefix("\n") if at > 0 else text[len(head) :]
    return [*pieces, text] if text or not pieces else pieces
