"""What an audit finds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.keys import Keyring
from core.models import Transfer


@dataclass(frozen=True, slots=True)
class Fault:
    """One row that breaks an invariant: which row, and what is wrong with it."""

    row: str
    wrong: str


@dataclass(frozen=True, slots=True)
class Books:
    """What a check reads: one consistent snapshot of the database, and the keyring for sealed columns."""

    session: Session
    keys: Keyring

    def hex(self, column: InstrumentedAttribute[bytes]) -> ColumnElement[str]:
        """``column`` as lower-case hex, in SQL."""
        if self.session.get_bind().dialect.name == "postgresql":
            return func.encode(column, "hex")
        return func.lower(func.hex(column))


@dataclass(frozen=True, slots=True)
class Check:
    """One invariant: what it says, and the rows that break it."""

    says: str
    find: Callable[[Books], Iterator[Fault]]


MINE = Transfer.credit.like("player:%")
"""The transfer gives something to a player."""
FROM_ME = Transfer.debit.like("player:%")
"""The transfer takes something from a player."""
