"""Aside: messages that are dealt with one at a time beside the turns of players, so that nobody waits for them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.engine.delivery import Delivery
from core.messages import Answer, InboundMessage

if TYPE_CHECKING:
    from core.engine.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Aside:
    """Which messages these are, and how one of them is dealt with."""

    concerns: Callable[[InboundMessage], bool]
    """Whether it looks like one; pure, and asked of every message."""
    follows: Callable[[InboundMessage], bool]
    """Whether it may be one where its sender was answered aside before; pure, and asked of every other message."""
    speakers: Callable[["Runtime"], frozenset[bytes]]
    """The keys of the addresses that say them; nobody else's messages may follow."""
    claims: Callable[["Runtime", Delivery], bool]
    """Whether it is one, as the database knows its sender; else it is a player's, and a turn takes it."""
    take: Callable[["Runtime", Delivery], Answer]
    """Deals with it in one transaction, and gives the stored answer to one that was delivered before."""
