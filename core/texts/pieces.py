"""Pieces: a text that is too long for one message, in several."""

from typing import NamedTuple


class Unit(NamedTuple):
    """In what a platform counts how long a text is: so many octets of an encoding."""

    encoding: str
    octets: int

    def count(self, text: str) -> int:
        """How long ``text`` is."""
        return len(text.encode(self.encoding, "surrogatepass")) // self.octets

    def fitting(self, text: str, limit: int) -> int:
        """How many characters of ``text`` are at most ``limit`` units; at least one."""
        octets = text.encode(self.encoding, "surrogatepass")[: limit * self.octets]
        return max(len(octets.decode(self.encoding, "ignore")), 1)


BYTES = Unit("utf-8", 1)
UTF16 = Unit("utf-16-le", 2)


def split(text: str, limit: int, unit: Unit) -> list[str]:
    """``text`` in pieces of at most ``limit`` units: between lines, in a longer line between words, else anywhere.

    Lines and spaces where it is cut are left out. A text of nothing is one piece.
    """
    pieces = []
    while unit.count(text) > limit:
        end = unit.fitting(text, limit)
        for mark in ("\n", " "):
            if (found := text.rfind(mark, 0, end + 1)) > 0:
                end = found
                break
        if head := text[:end].rstrip():
            pieces.append(head)
        text = text[end:].lstrip("\n ")
    return [*pieces, text] if text.strip() or not pieces else pieces
