"""What a turn needs from outside, handed in once by the composition root."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session, sessionmaker

from core.campaign.live import CampaignShelf
from core.engine.routes import Route
from core.keys import Keyring
from core.randomness import Randomness


@dataclass(frozen=True, slots=True)
class World:
    """Database, keys, randomness, settings and routes of one process."""

    sessions: sessionmaker[Session]
    keys: Keyring
    randomness: Randomness
    routes: Sequence[Route]
    shelf: CampaignShelf
    wrong_per_hour: int
    """Wrong codes of everybody in an hour above which each sender has fewer tries."""
