"""Take in a table of receipts: looked through whole first, then stored some thousand a transaction.

What is there already, by the number of the receipt, stays as it is: a table may be taken in again, and goes on where a
kill ended it. The same number with other content is refused, with both rows. Nothing of a table is kept in memory.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import bulk, lists
from core.answers import Line, line, listing
from core.campaign.live import LiveCampaign
from core.database import read_only
from core.engine.runtime import Runtime
from core.keys import Keyring
from core.models import Address, Join, Player
from core.models.base import table_of
from core.models.players import ROOT
from core.operators import VerbRefused
from core.places import Place
from handlers.purchases.receipts import Item, Receipt, Wrong, buyer_key, fingerprint, item_key
from handlers.purchases.tables import BUYER_COLUMN, Purchase, PurchaseImport, PurchaseItem

CHUNK = 2000
_MOST_WRONG = 10
_TRIES = 3
_BLOCK_BITS = 12
"""The purchases of a chunk have ids that follow one another, so that they land together in an index."""

_KNOWN = select(Purchase.ref, Purchase.content, PurchaseImport.file, Purchase.row).outerjoin(
    PurchaseImport, PurchaseImport.id == Purchase.import_id
)
# By rows, and not by a list of numbers: that one PostgreSQL compares with every purchase of a campaign that it knows
# nothing of yet.
_KNOWN = _KNOWN.where(lists.among_rows((Purchase.campaign_id, Purchase.source, Purchase.ref), "receipts"))
_JOINED = (
    select(Join.address_key, ROOT)
    .join(Player, Player.id == Join.player_id)
    .where(Join.campaign_id == bindparam("campaign_id"), lists.among(Join.address_key, "keys"))
)
_LOST = (
    select(Purchase.buyer_key)
    .where(lists.among_rows((Purchase.campaign_id, Purchase.buyer_key), "buyers"), Purchase.player_id.is_(None))
    .distinct()
)

Receipts = Iterable[Receipt | Wrong | None]
"""What a table says, from its first row on each time."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What is taken in: for which campaign, from which till, out of which file, and who does it."""

    campaign: LiveCampaign
    source: str
    file: str
    operator: str
    at: datetime
    places: frozenset[Place]
    """Where buyers may talk with us."""


@dataclass(slots=True)
class Found:
    """What a table holds."""

    new: int = 0
    known: int = 0
    """There already, with the same content."""
    without_buyer: int = 0
    cents: int = 0
    """Of those that are new."""
    first_at: datetime | None = None
    last_at: datetime | None = None
    wrong: list[Line] = field(default_factory=list)


def look(runtime: Runtime, intake: Intake, receipts: Receipts, told: Callable[[int], object]) -> Found:
    """Read all of a table, and say what it would bring. Raises VerbRefused where anything is wrong, by row."""
    found, done = Found(), 0
    with closing(sqlite3.connect("")) as seen:  # of this process alone, on the disk where it grows
        seen.execute("CREATE TABLE seen (ref TEXT PRIMARY KEY, at_row INTEGER, content BLOB) WITHOUT ROWID")
        for chunk in _chunks(receipts, found):
            once = [one for one in chunk if _is_first(seen, runtime.keys, one, found)]
            with read_only(runtime.sessions) as session:
                known = _known(session, intake, once)
            for receipt in once:
                _count(found, receipt, known.get(receipt.ref), runtime.keys)
            done += len(chunk)
            told(done)
            if len(found.wrong) >= _MOST_WRONG:
                break
    if found.wrong:
        listed = listing([Line("\n{wrong}", {"wrong": one}) for one in found.wrong[:_MOST_WRONG]], "")
        raise VerbRefused("{file} is refused, nothing was taken in:{wrong}", file=intake.file, wrong=listed)
    return found


def _chunks(receipts: Receipts, found: Found) -> Iterator[list[Receipt]]:
    given = iter(receipts)
    while some := list(islice(given, CHUNK)):
        found.without_buyer += some.count(None)
        found.wrong += [line("row {row}: {why}", row=one.row, why=one.why) for one in some if isinstance(one, Wrong)]
        yield [one for one in some if isinstance(one, Receipt)]


def _is_first(seen: sqlite3.Connection, keys: Keyring, receipt: Receipt, found: Found) -> bool:
    content = fingerprint(keys, receipt)
    made = seen.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", (receipt.ref, receipt.row, content))
    if made.rowcount:
        return True
    row, before = seen.execute("SELECT at_row, content FROM seen WHERE ref = ?", (receipt.ref,)).fetchone()
    if before != content:
        told = "rows {row} and {other} have the same receipt number {ref} and say different things; mend one of both"
        found.wrong.append(line(told, row=row, other=receipt.row, ref=receipt.ref))
    return False


Known = tuple[bytes | None, str | None, int | None]
"""The fingerprint of a purchase, and the file and row that it came from."""


def _known(session: Session, intake: Intake, receipts: Sequence[Receipt]) -> dict[str, Known]:
    named = [(intake.campaign.id, intake.source, one.ref) for one in receipts]
    found = session.execute(_KNOWN, {"receipts": sorted(named)}) if named else ()
    return {ref: (content, file, row) for ref, content, file, row in found}


def _count(found: Found, receipt: Receipt, known: Known | None, keys: Keyring) -> None:
    if known is not None:
        if (wrong := _differs(receipt, known, keys)) is not None:
            found.wrong.append(wrong)
        found.known += 1
        return
    found.new += 1
    found.cents += receipt.cents
    found.first_at = min(found.first_at or receipt.at, receipt.at)
    found.last_at = max(found.last_at or receipt.at, receipt.at)


def _differs(receipt: Receipt, known: Known, keys: Keyring) -> Line | None:
    content, file, row = known
    if content == fingerprint(keys, receipt):
        return None
    told = "row {row}: {ref} was taken in before, from {file} row {other}, and said something else; mend the row"
    return line(told, row=receipt.row, ref=receipt.ref, file=file, other=row)


class Storing:
    """A table of receipts on its way into the database."""

    def __init__(self, runtime: Runtime, intake: Intake) -> None:
        self._runtime, self._intake = runtime, intake
        self._waiting: dict[bytes, str] = {}
        """Buyers of the last chunk who had not joined: they may have, before it was committed."""
        self.done = self.new = self.owned = 0
        """Receipts that were read, that were new, and of these the players'."""

    def store(self, receipts: Receipts, step: Callable[[Session, int], object]) -> None:
        """Store what is not there yet; ``step`` hears, in each transaction, how far it is.

        Raises VerbRefused where a number came with other content meanwhile; what was stored stays.
        """
        with self._runtime.sessions.begin() as session:
            import_id = _begin(session, self._intake)
        for chunk in _chunks(receipts, Found()):
            self.done += len(chunk)
            self._patiently(import_id, chunk, step)
        with self._runtime.sessions.begin() as session:
            _adopt(session, self._intake.campaign.id, _owners(session, self._runtime.keys, self._intake, self._waiting))
            ended = {"ended_at": self._intake.at}
            session.execute(update(PurchaseImport).where(PurchaseImport.id == import_id).values(ended))

    def _patiently(self, import_id: int, chunk: Sequence[Receipt], step: Callable[[Session, int], object]) -> None:
        """Store a chunk; what somebody else has stored at the same moment is there at the next try."""
        for tries in range(1, _TRIES + 1):
            try:
                with self._runtime.sessions.begin() as session:
                    step(session, self.done)
                    made = self._chunk(session, import_id, list({one.ref: one for one in chunk}.values()))
            except IntegrityError:
                if tries == _TRIES:
                    raise
                continue
            new, owned, self._waiting = made
            self.new, self.owned = self.new + new, self.owned + owned
            return

    def _chunk(self, session: Session, import_id: int, chunk: Sequence[Receipt]) -> tuple[int, int, dict[bytes, str]]:
        keys, intake = self._runtime.keys, self._intake
        known = _known(session, intake, chunk)
        for receipt in chunk:
            found = known.get(receipt.ref)
            if found is not None and (wrong := _differs(receipt, found, keys)) is not None:
                raise VerbRefused(wrong.sentence, **wrong.values)
        buyers = {buyer_key(keys, buyer): buyer for buyer in {one.buyer for one in chunk}}
        owners = _owners(session, keys, intake, {**self._waiting, **buyers})
        _adopt(session, intake.campaign.id, owners)
        new = [one for one in chunk if one.ref not in known]
        first = int.from_bytes(self._runtime.randomness.take(8), "big") >> 1 >> _BLOCK_BITS << _BLOCK_BITS
        by_buyer = {buyer: key for key, buyer in buyers.items()}
        rows = [
            {
                "id": purchase_id,
                "campaign_id": intake.campaign.id,
                "source": intake.source,
                "ref": one.ref,
                "player_id": owners.get(by_buyer[one.buyer]),
                "buyer_key": by_buyer[one.buyer],
                "buyer_sealed": keys.seal(BUYER_COLUMN, purchase_row(purchase_id), one.buyer),
                "at": one.at,
                "amount": one.cents,
                "refunded": 0,
                "content": fingerprint(keys, one),
                "import_id": import_id,
                "row": one.row,
            }
            for purchase_id, one in enumerate(new, start=first)
        ]
        bulk.append(session, table_of(Purchase), rows)
        things = [
            _item(purchase_id, place, item)
            for purchase_id, one in enumerate(new, start=first)
            for place, item in enumerate(one.items, start=1)
        ]
        bulk.append(session, table_of(PurchaseItem), things)
        counted = {"new_count": PurchaseImport.new_count + len(new)}
        session.execute(update(PurchaseImport).where(PurchaseImport.id == import_id).values(counted))
        owned = sum(row["player_id"] is not None for row in rows)
        return len(new), owned, {key: buyer for key, buyer in buyers.items() if key not in owners}


def _begin(session: Session, intake: Intake) -> int:
    made = PurchaseImport(
        campaign_id=intake.campaign.id,
        source=intake.source,
        file=intake.file,
        operator=intake.operator,
        begun_at=intake.at,
        ended_at=None,
        new_count=0,
    )
    session.add(made)
    session.flush()
    return made.id


def purchase_row(purchase_id: int) -> bytes:
    """What the sealed buyer of a purchase is bound to, beside its column."""
    return purchase_id.to_bytes(8, "big")


def _item(purchase_id: int, place: int, item: Item) -> dict[str, object]:
    sku = item_key(item.sku) if item.sku else None
    return {
        "purchase_id": purchase_id,
        "place": place,
        "item": item_key(item.name) if item.name else sku,
        "sku": sku,
        "name": item.name,
        "milli": item.milli,
        "price": item.price,
    }


def places_known(session: Session) -> frozenset[Place]:
    """Where anybody has ever talked with us: a phone may be an address at each of these."""
    return frozenset(Place(*row) for row in session.execute(select(Address.channel, Address.account).distinct()))


def _owners(session: Session, keys: Keyring, intake: Intake, buyers: dict[bytes, str]) -> dict[bytes, int]:
    """The players of those buyers who have joined the campaign, by the buyers' blind indexes. One query."""
    by_address: dict[bytes, bytes] = {}
    for key, buyer in buyers.items():
        if buyer.startswith("+"):
            by_address.update((keys.address_key(*place, buyer), key) for place in intake.places)
        else:
            by_address[key] = key
    if not by_address:
        return {}
    named = {"campaign_id": intake.campaign.id, "keys": sorted(by_address)}
    return {by_address[address]: player_id for address, player_id in session.execute(_JOINED, named)}


def _adopt(session: Session, campaign_id: int, owners: dict[bytes, int]) -> None:
    """Let purchases that were nobody's be those of ``owners``, by the blind indexes of buyers."""
    if not owners:
        return
    lost = set(session.scalars(_LOST, {"buyers": [(campaign_id, key) for key in sorted(owners)]}))
    for key in sorted(key for key in lost if key is not None):
        session.execute(
            update(Purchase)
            .where(Purchase.campaign_id == campaign_id, Purchase.buyer_key == key, Purchase.player_id.is_(None))
            .values(player_id=owners[key]),
            execution_options={"synchronize_session": False},
        )
