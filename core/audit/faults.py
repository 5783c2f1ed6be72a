"""What an audit finds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.answers import Line, Value
from core.campaign.published import all_rules
from core.campaign.rules import Rules
from core.keys import Keyring, KeysUnusable
from core.models import Campaign, Transfer


@dataclass(frozen=True, slots=True)
class Fault:
    """One row that breaks an invariant: which row, and what is wrong with it, in a sentence with its values."""

    row: str
    sentence: str
    values: Mapping[str, Value] = field(default_factory=dict)

    @property
    def told(self) -> Line:
        """What is wrong with it."""
        return Line(self.sentence, self.values)

    @property
    def wrong(self) -> str:
        """The same as a terminal shows it."""
        return self.told.text


@dataclass(frozen=True)  # without slots, for what is read once is kept in the instance
class Books:
    """What a check reads: one consistent snapshot of the database, and the keyring for sealed columns."""

    session: Session
    keys: Keyring

    def opened(self, where: str, row: bytes, sealed: bytes) -> str | None:
        """The text behind ``sealed``, of the column ``where``; None when it does not open."""
        try:
            return self.keys.unseal(where, row, sealed)
        except (KeysUnusable, ValueError):  # ValueError: too short to hold a nonce
            return None

    @cached_property
    def campaigns(self) -> Sequence[Campaign]:
        """All campaigns."""
        return self.session.scalars(select(Campaign)).all()

    @cached_property
    def rules(self) -> dict[int, dict[int, Rules]]:
        """All rules that were ever published, by campaign and version."""
        return all_rules(self.session)


@dataclass(frozen=True, slots=True)
class Check:
    """One invariant: what it says, and the rows that break it."""

    says: str
    find: Callable[[Books], Iterator[Fault]]


MINE = Transfer.credit.like("player:%")
"""The transfer gives something to a player."""
FROM_ME = Transfer.debit.like("player:%")
"""The transfer takes something from a player."""
