"""Events: what happened to a player, as plain values. Those mechanics that it concerns react within the transaction."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from core.context import TurnRows
from core.messages import InboundMessage
from core.models import Address, Player

Reaction = Callable[[TurnRows, Any], object]
"""Called with the rows of the unit of work and the event; what it returns is an outcome, for all who ask for its class.

It is found by its class (``rows.outcome``): by whoever told of the event, and by what mechanics say beside the answer.
"""


@dataclass(frozen=True, slots=True)
class Joined:
    """A person has become the player of a campaign, by this message."""

    player: Player
    inviter: Player | None
    """Whose word was sent."""
    address: Address
    message: InboundMessage


@dataclass(frozen=True, slots=True)
class Merging:
    """Two players shall become one, unless somebody keeps them apart."""

    one: Player
    other: Player


@dataclass(frozen=True, slots=True)
class KeptApart:
    """What a reaction to ``Merging`` makes of two players who must stay two."""


@dataclass(frozen=True, slots=True)
class Merged:
    """Two players are one: ``older``, which ``younger`` has become."""

    older: Player
    younger: Player
    at: datetime


@dataclass(frozen=True, slots=True)
class Addressed:
    """The addresses ``keys`` of a linked person all speak for ``player`` now."""

    player: Player
    keys: Collection[bytes]
    at: datetime


Row = TypeVar("Row")


def bring(lists: dict[int, list[Row]], older: Player, younger: Player) -> None:
    """Let ``older`` have what was loaded of ``younger``, too."""
    if younger.id in lists or older.id in lists:
        lists[older.id] = [*lists.get(older.id, ()), *lists.pop(younger.id, ())]
