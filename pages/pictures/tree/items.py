"""What a tree shows: torches, torches left out between two of them, and branches folded into a number."""

from dataclasses import dataclass, field
from enum import Enum, auto

from handlers.relay.views import ChainNode


class Kind(Enum):
    """What an item stands for."""

    ALL = auto()
    """The invisible parent of every beginning."""
    BEFORE = auto()
    """Torches before the first node."""
    TORCH = auto()
    GAP = auto()
    """Torches in a row between two that are shown."""
    MORE = auto()
    """Branches folded into a number."""
    POD = auto()
    """Torches of one parent side by side, none of them with a torch below."""


@dataclass(slots=True, eq=False, repr=False)
class Item:
    """One thing in the picture; a column further right than what it hangs from."""

    kind: Kind
    column: int
    parent: "Item | None" = None
    node: ChainNode | None = None
    count: int = 0
    """Torches that it stands for: 1 for a torch."""
    weight: int = 0
    """Torches from a torch or gap on, itself included."""
    children: list["Item"] = field(default_factory=list)
    pod: list[ChainNode] = field(default_factory=list)
    is_me: bool = False
    on_way: bool = False
    """On the way from the beginning to me."""
    on_longest: bool = False
    labelled: bool = False
    is_hung: bool = False
    """Small enough to stand right below its parent, between that one's column and the next."""
    is_large: bool = False
    """One of the largest branches, labelled with its size."""
    is_farthest: bool = False
