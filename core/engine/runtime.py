"""What a turn needs from outside, handed in once by the composition root."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self, TypeVar

from sqlalchemy.orm import Session, sessionmaker

from core.brake import Brake
from core.campaign.live import CampaignShelf
from core.context import TurnRows
from core.keys import Keyring
from core.mechanics import Mechanics
from core.randomness import Randomness
from core.sending.outbound import Limits
from core.times import Clock

Setting = TypeVar("Setting")


@dataclass(frozen=True, slots=True)
class Runtime:
    """Database, keys, randomness, settings and mechanics of one process."""

    sessions: sessionmaker[Session]
    keys: Keyring
    randomness: Randomness
    mechanics: Mechanics
    """What can be done in campaigns."""
    shelf: CampaignShelf
    wrong_per_hour: int
    """Wrong codes of everybody in an hour above which each sender has fewer tries."""
    clock: Clock
    """Asked only whether an answer is still in time for its connection; a turn lives by when messages were received."""
    public_url: str | None = None
    """What links for players begin with, without a slash at the end."""
    limits: Mapping[tuple[str, str], Limits] = field(default_factory=dict)
    """What texts cost and what may be spent, by channel and account, where texts cost money."""
    brake: Brake = field(default_factory=Brake)
    """How often an address is answered within an hour."""
    settings: tuple[object, ...] = ()
    """What the installation sets for mechanics, at most one of a class."""

    def setting(self, kind: type[Setting]) -> Setting | None:
        """What the installation sets of this ``kind``; None where it sets nothing."""
        return next((each for each in self.settings if isinstance(each, kind)), None)

    def within(self, session: Session) -> Self:
        """The same, whose units of work are parts of the transaction of ``session``: they hold when that commits.

        The recipe of SQLAlchemy for joining a session into an external transaction, with a savepoint for each.
        """
        mine = sessionmaker(
            session.connection(), autoflush=False, expire_on_commit=False, join_transaction_mode="create_savepoint"
        )
        return replace(self, sessions=mine)

    def rows(self, session: Session) -> TurnRows:
        """The rows of a new unit of work: the campaigns, and nothing else yet."""
        return TurnRows(
            self.shelf.look(session),
            self.keys,
            self.randomness,
            self.wrong_per_hour,
            self.public_url,
            self.brake,
            limits=self.limits,
            texts=self.mechanics.texts,
            settings=self.settings,
            reactions=self.mechanics.reactions,
            segments=self.mechanics.segments,
            triggers=self.mechanics.triggers,
        )
