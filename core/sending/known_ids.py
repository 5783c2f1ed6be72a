"""What platforms call the texts that they took: kept when they say so, and found when a receipt names one."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from core import bulk, database
from core.models import Address, Receipt
from core.models.base import table_of
from core.sending.outbound import Delivered, Outcome, Outlet, read_dispatch_id
from core.sending.receipt_ids import readings, value_of
from core.sending.receipts import Fate
from core.sending.receipts import Receipt as Received
from core.sending.taken import Key, Taken

RECEIPTS = table_of(Receipt)
STRAY = timedelta(days=2)
"""So long a receipt waits for its text; an id that comes again later is another text's."""
Place = tuple[str, str, str]
"""Channel, account, and an id or what it amounts to."""


class Told(NamedTuple):
    """What is said of a text."""

    key: Key
    fate: Fate
    error: str | None
    gone: bool
    """The player cannot be reached any more."""
    unwanted_at: datetime | None
    """When the player wished to hear nothing, where that is why."""


def note_ids(session: Session, outlet: Outlet, sent: Sequence[tuple[Taken, Outcome]], at: datetime) -> list[Told]:
    """Keep what the platform calls the texts of ``sent``; returns what receipts had said of them before."""
    named = {
        name: taken.key for taken, outcome in sent if isinstance(outcome, Delivered) for name in outcome.external_ids
    }
    by_value = outlet.ids_by_value
    rows = [
        receipt_row((outlet.channel, outlet.account, name), named[name], at, by_value=by_value)
        for name in sorted(named)
    ]
    made = {row[0] for row in bulk.claim(session, RECEIPTS, rows, RECEIPTS.c.external_id)}
    early = sorted(named.keys() - made)
    values = sorted({value for name in made for value in readings(name)}) if by_value else []
    if not early and not values:
        return []
    mine = (Receipt.channel == outlet.channel) & (Receipt.account == outlet.account)
    which = or_(Receipt.external_id.in_(early), Receipt.value.in_(values) & Receipt.address_key.is_(None))
    found = session.scalars(database.locked(select(Receipt).where(mine, which), Receipt.external_id, Receipt)).all()
    owners = {name: name for name in early} | _owners(made, [row for row in found if row.external_id not in named])
    told: list[Told] = []
    for row in found:
        if row.external_id not in owners:
            continue
        key = named[owners[row.external_id]]
        if row.address_key is not None and (row.address_key, row.sequence) != key:  # the platform began anew
            row.fate, row.error, row.gone, row.at = Fate.ON_ITS_WAY.value, None, False, at
            row.unwanted_at = None
        row.address_key, row.sequence = key
        told.append(Told(key, Fate(row.fate), row.error, row.gone, row.unwanted_at))
    session.flush()
    return told


def _owners(names: Collection[str], strays: Sequence[Receipt]) -> dict[str, str]:
    """Which of ``names`` each of ``strays`` is about, by value: the likeliest, and of one text the likeliest only."""
    pairs = sorted(
        (readings(name).index(row.value), name, row.external_id)
        for row in strays
        for name in names
        if row.value is not None and row.value in readings(name)
    )
    owners, ranks = dict[str, str](), dict[str, int]()
    for rank, name, stray in pairs:
        if stray not in owners and ranks.setdefault(name, rank) == rank:
            owners[stray] = name
    return owners


def receipt_row(place: Place, key: Key | None, at: datetime, *, by_value: bool) -> dict[str, object]:
    """The row of the id at ``place``, which is the text ``key``'s as far as that is known."""
    channel, account, name = place
    return {
        "channel": channel,
        "account": account,
        "external_id": name,
        "address_key": key[0] if key else None,
        "sequence": key[1] if key else None,
        "fate": Fate.ON_ITS_WAY.value,
        "error": None,
        "gone": False,
        "unwanted_at": None,
        "at": at,
        "value": value_of(name) if by_value else None,
    }


class Known:
    """What is kept of the ids that some receipts name, locked: as they spell them, or by value where that counts.

    Every id is one of the account that reports it, ours too: what another account says of a text says nothing.
    """

    def __init__(self, session: Session, received: Sequence[Received]) -> None:
        self._exact: dict[Place, Receipt] = {}
        self._alike: dict[Place, list[Receipt]] = {}
        self._accounts = _accounts_of(session, received)
        asked: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
        for each in received:
            names, values = asked.setdefault((each.channel, each.account), (set(), set()))
            names.update(each.external_ids)
            values.update(_values(each))
        which = [_which(*account, *ids) for account, ids in sorted(asked.items()) if ids[0]]
        if not which:
            return
        mine = select(Receipt).where(or_(*which)).order_by(Receipt.channel, Receipt.account)
        for row in session.scalars(database.locked(mine, Receipt.external_id, Receipt)):
            self._exact[row.channel, row.account, row.external_id] = row
            if row.value is not None and row.address_key is not None:
                self._alike.setdefault((row.channel, row.account, row.value), []).append(row)

    def named(self, each: Received) -> list[Receipt]:
        """The rows of its very names."""
        places = ((each.channel, each.account, name) for name in each.external_ids)
        return [row for place in places if (row := self._exact.get(place)) is not None]

    def of_text(self, each: Received) -> Receipt | None:
        """The row of the one text that ``each`` is about: by its very name, else by value, the newest of equals."""
        exact = next((row for row in self.named(each) if row.address_key is not None), None)
        if exact is not None and exact.value is not None:
            return exact
        for value in _values(each):
            if rows := self._alike.get((each.channel, each.account, value)):
                newest = max(rows, key=lambda row: (row.at, row.external_id))
                return newest if exact is None or exact.at < newest.at - STRAY else exact
        return exact

    def named_by_us(self, each: Received) -> Key | None:
        """The text of that account that ``each`` names by our own id."""
        key = read_dispatch_id(each.dispatch) if each.dispatch is not None else None
        return key if key is not None and self._accounts.get(key[0]) == (each.channel, each.account) else None

    def is_known(self, place: Place) -> bool:
        """Whether there is a row of that very name."""
        return place in self._exact


def _accounts_of(session: Session, received: Sequence[Received]) -> Mapping[bytes, tuple[str, str]]:
    """By whose account we speak to the addresses that some receipts name by our own ids. No query where none does."""
    named = {key[0] for each in received if each.dispatch and (key := read_dispatch_id(each.dispatch)) is not None}
    if not named:
        return {}
    found = session.execute(select(Address.key, Address.channel, Address.account).where(Address.key.in_(sorted(named))))
    return {key: (channel, account) for key, channel, account in found}


def _which(channel: str, account: str, names: Collection[str], values: Collection[str]) -> ColumnElement[bool]:
    by_name = Receipt.external_id.in_(sorted(names))
    mine = (Receipt.channel == channel) & (Receipt.account == account)
    return mine & (or_(by_name, Receipt.value.in_(sorted(values))) if values else by_name)


def _values(each: Received) -> list[str]:
    """What the id of the text that ``each`` is about may amount to, likeliest first."""
    if not each.by_value:
        return []
    return list(dict.fromkeys(value for name in each.external_ids for value in readings(name)))
