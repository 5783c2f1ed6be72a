"""What a turn knows of texts that were held for those who speak in it."""

from dataclasses import dataclass, field
from typing import NamedTuple

from core.messages import Rich
from core.sending.outbound import Category


class HeldText(NamedTuple):
    """A text that was held until its player speaks, opened; its dispatch is locked."""

    address_key: bytes
    sequence: int
    """Of the text within its conversation."""
    ref: str
    part: int
    category: Category
    text: str
    rich: Rich | None


@dataclass(slots=True)
class Held:
    """What is held for the addresses of a turn."""

    texts: dict[bytes, list[HeldText]] = field(default_factory=dict)
    """What may go now, by address, in order."""
    carried: list[tuple[HeldText, str]] = field(default_factory=list)
    """What rides on the answer to a message, with the external id of that."""
