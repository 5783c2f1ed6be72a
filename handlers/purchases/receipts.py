"""A receipt: what a table of a till says of one purchase, as it is kept; and who reads such tables."""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from core.answers import Line
from core.keys import Keyring

LONGEST_REF, LONGEST_ITEM, LONGEST_SKU = 80, 80, 40
MILLI = 1000
"""Thousandths of a piece, or of whatever a thing is sold by."""


class Item(NamedTuple):
    """One line of a receipt: a name or a number of the article is there."""

    name: str | None
    sku: str | None
    milli: int
    """How much of it, in thousandths."""
    price: int | None
    """Of one, in hundredths of the currency; None where the table does not say."""


class Receipt(NamedTuple):
    """One purchase."""

    row: int
    """Its first row in the table."""
    ref: str
    buyer: str
    """A phone in E.164, or an address as channel/account/user."""
    at: datetime
    cents: int
    items: tuple[Item, ...]


class Wrong(NamedTuple):
    """A row that cannot be read, and why."""

    row: int
    why: Line


class Reading(NamedTuple):
    """How a table is read where it does not say so itself."""

    zone: ZoneInfo
    region: str | None
    """Of phones without a country code."""
    currency: str
    now: datetime
    day_first: bool | None = None
    """Whether 3/4 is the third of April; None where the table has to show it."""


class ReceiptTable(Protocol):
    """A table of receipts that was opened."""

    @property
    def name(self) -> str:
        """Of its file."""
        ...

    @property
    def told(self) -> str:
        """How it is read: its encoding or worksheet, and its columns."""
        ...

    @property
    def rows_about(self) -> int | None:
        """About how many rows it has, where that is known."""
        ...

    def receipts(self, reading: Reading) -> Iterator[Receipt | Wrong | None]:
        """All receipts in their order, None for a row without a buyer. It begins anew each time it is called.

        Raises VerbRefused for what is no such table.
        """
        ...


@dataclass(frozen=True, slots=True)
class ReceiptTables:
    """A setting of an installation: what opens a file as a table of receipts. Raises VerbRefused."""

    open: Callable[[Path, str | None], ReceiptTable]
    """With the worksheet, where a workbook has several."""


def item_key(text: str) -> str:
    """What things of one name are told by: width, case and blanks make no other thing of it."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def buyer_key(keys: Keyring, buyer: str) -> bytes:
    """The blind index by which a buyer is found."""
    if buyer.startswith("+"):
        return keys.index("phone", buyer)
    channel, account, user = buyer.split("/", 2)
    return keys.address_key(channel, account, user)


def fingerprint(keys: Keyring, receipt: Receipt) -> bytes:
    """What tells whether two receipts of one number say the same."""
    items = ["\x1e".join(map(str, (one.name, one.sku, one.milli, one.price))) for one in receipt.items]
    return keys.index("receipt", receipt.buyer, receipt.at.isoformat(), str(receipt.cents), *items)
