"""Previews: how a text arrives on a channel, and how much of a message it takes there."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

_MICROS = 1_000_000


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
    is_paid: bool = False
    """Whether each part is paid for there."""
    micros: int | None = None
    """What all parts cost, in millionths of one unit of ``currency``; None where the account has no price."""
    currency: str | None = None

    @property
    def cost(self) -> str | None:
        """What it costs as people write it, "0.09 CNY"; None where that is not known."""
        return cost_of([(self, 1)])


def cost_of(each: Sequence[tuple[Preview, int]]) -> str | None:
    """What all of ``each`` cost, of which each arrives so often; None where that is not known of one."""
    micros = sum((one.micros or 0) * count for one, count in each)
    if not each or any(one.micros is None for one, _ in each):
        return None
    return f"{(Decimal(micros) / _MICROS).normalize():f} {each[0][0].currency}"


def whole(text: str) -> Preview:
    """Of a channel that takes texts as they are."""
    return Preview((text,), len(text))
