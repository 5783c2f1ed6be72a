"""Profile: what mechanics show of one player to operators, and how a mechanic finds players by words of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from core.answers import AnswerPart, Line
from core.campaign.live import LiveCampaign
from core.keys import Keyring
from core.models import Player


@dataclass(frozen=True, slots=True)
class ShownPlayer:
    """The player who is shown, in a snapshot that is only read."""

    session: Session
    keys: Keyring
    player: Player
    campaign: LiveCampaign
    ids: Sequence[int]
    """The player's own, and those of the players who became this one by links."""
    at: datetime
    personal: bool
    """Whether whoever looks may see phones, names and words."""


Profile = Callable[[ShownPlayer], Sequence[AnswerPart]]
"""A mechanic's own lines of a player; nothing where there is nothing to tell."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Of whom a mechanic is asked what players it knows by that."""

    session: Session
    keys: Keyring
    text: str
    """As the operator typed it."""
    word: str | None
    """The same where it is spelt like an invite word, normalised."""
    phones: Sequence[str]
    """The numbers that it may be, in E.164."""
    told: list[Line] = field(default_factory=list)
    """What a finder has to say of how it looked."""


@dataclass(frozen=True, slots=True)
class Finder:
    """How a mechanic finds players."""

    find: Callable[[Sought, int], Sequence[int]]
    """The ids of players, at most so many."""
    exact: bool
    """Whether what it finds names a player, as a number does; else several may be called so."""
