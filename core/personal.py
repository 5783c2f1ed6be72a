"""What is kept about a person, table by table: what each mechanic hands out to whoever asks for it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.context import TurnRows
from core.keys import Keyring, KeysUnusable
from core.models import Address, Campaign, Join, Player, Transfer
from core.models.base import Base, table_of
from core.models.players import USER_COLUMN
from core.phones import phone_of

Cell = str | int | float | bool | datetime | date | None


class Label(NamedTuple):
    """What something is called by whoever reads their data."""

    en: str
    zh: str


@dataclass(frozen=True)  # without slots, for what is read once is kept in the instance
class WhoseData:
    """The person whose data is asked for: all addresses, and all players of them, in a snapshot that is only read."""

    session: Session
    keys: Keyring
    addresses: Sequence[Address]
    ids: Sequence[int]
    """Of the players for whom the addresses speak, and of those who became these by links."""

    @cached_property
    def address_keys(self) -> list[bytes]:
        """The blind indexes of the addresses."""
        return sorted(each.key for each in self.addresses)

    @cached_property
    def campaigns(self) -> dict[int, str]:
        """The names of all campaigns."""
        return {row[0]: row[1] for row in self.session.execute(select(Campaign.id, Campaign.name))}

    @cached_property
    def phone_keys(self) -> list[bytes]:
        """The blind indexes of the phones that the addresses are."""
        users = (self.opened(USER_COLUMN, each.key, each.user_sealed) for each in self.addresses)
        phones = {phone for user in users if user and (phone := phone_of(user)) is not None}
        return sorted(self.keys.index("phone", phone) for phone in phones)

    @cached_property
    def invite_words(self) -> list[str]:
        """The invite words of the players."""
        mine = select(Player.invite_word).where(Player.id.in_(self.ids), Player.invite_word.is_not(None))
        return sorted(word for word in self.session.scalars(mine) if word is not None)

    @cached_property
    def code_hashes(self) -> list[bytes]:
        """The hashes of the codes that brought something: transfers name them, and are found by player."""
        mine = Transfer.owner_id.in_(self.ids) & or_(Transfer.ref.like("code:%"), Transfer.ref.like("won:%"))
        refs = self.session.scalars(select(Transfer.ref).where(mine))
        return sorted({bytes.fromhex(ref.partition(":")[2]) for ref in refs})

    def opened(self, where: str, row: bytes, sealed: bytes | None) -> str | None:
        """The text of a sealed column; None where there is none, or where it does not open."""
        try:
            return None if sealed is None else self.keys.unseal(where, row, sealed)
        except (KeysUnusable, ValueError):
            return None


def data_of(session: Session, keys: Keyring, address_key: bytes) -> WhoseData | None:
    """The person who talks at an address, with all of their addresses; None where nobody ever did."""
    address = session.get(Address, address_key)
    if address is None:
        return None
    addresses = [address]
    if address.person is not None:
        addresses = list(session.scalars(select(Address).where(Address.person == address.person).order_by(Address.key)))
    spoken = select(Join.player_id).where(Join.address_key.in_([each.key for each in addresses]))
    mine = Player.id.in_(spoken) | Player.merged_into.in_(spoken)
    return WhoseData(session, keys, addresses, session.scalars(select(Player.id).where(mine).order_by(Player.id)).all())


Given = Callable[[WhoseData, Any], Cell]
"""What a person is given of one row."""


def column(name: str) -> Given:
    """A column as it is."""
    get = attrgetter(name)
    return lambda _whose, row: get(row)


def campaign(whose: WhoseData, row: Any) -> Cell:
    """The name of the campaign of a row."""
    return whose.campaigns.get(row.campaign_id)


CAMPAIGN = (Label("campaign", "活动"), campaign)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The rows of one table that are about people, and what a person is given of each of theirs."""

    table: type[Base]
    title: Label
    of: Callable[[WhoseData], ColumnElement[bool]]
    """Which rows are about the person, by an index."""
    gives: Sequence[tuple[Label, Given]]

    def rows(self, whose: WhoseData) -> Iterator[list[Cell]]:
        """What the person is given, in the order of the primary key."""
        key = table_of(self.table).primary_key.columns
        for row in whose.session.scalars(select(self.table).where(self.of(whose)).order_by(*key)):
            yield [give(whose, row) for _, give in self.gives]


def at(*columns: InstrumentedAttribute[Any]) -> Callable[[WhoseData], ColumnElement[bool]]:
    """Rows that name one of the person's addresses."""
    return lambda whose: or_(*(each.in_(whose.address_keys) for each in columns))


def by(*columns: InstrumentedAttribute[Any]) -> Callable[[WhoseData], ColumnElement[bool]]:
    """Rows that name one of the person's players."""
    return lambda whose: or_(*(each.in_(whose.ids) for each in columns))


@dataclass(frozen=True, slots=True)
class Forgetting:
    """A person who is being erased: the transaction in which it is done, and what to look for."""

    whose: WhoseData
    at: datetime
    patient: bool
    """Whether a parcel that is on its way is waited for."""
    said: set[str]
    """By what the person was known: users, names, phones, parcels' addresses."""
    near: set[bytes] = field(default_factory=set)
    """Addresses of others who may have been told of the person."""
    waits: list[str] = field(default_factory=list)
    """What cannot be forgotten yet, in the words of whoever waits for it."""

    def names(self, *texts: str) -> bool:
        """Whether one of ``texts`` says by what the person was known."""
        return any(each in text for text in texts for each in self.said)

    @property
    def session(self) -> Session:
        """Of the transaction."""
        return self.whose.session


Forgets = Callable[[Forgetting], None]
"""Takes what is known of a person out of a mechanic's own rows. Done again, it does what was waited for."""
Parts = Callable[[Session, TurnRows, datetime], None]
"""Settles what the players in ``rows.people``, who are locked, have open, before they are forgotten."""
