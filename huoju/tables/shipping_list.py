"""The warehouse's list as it comes back: one line a parcel, with tracking numbers filled in."""

import re
from dataclasses import dataclass
from pathlib import Path

from handlers.claims.shipping_list import HEADINGS
from huoju.tables.codes import without_address
from huoju.tables.columns import Found, Wanted, filled, find
from huoju.tables.damage import damage
from huoju.tables.reader import open_table
from huoju.tables.table import Row, TableRefused
from huoju.tables.values import Unreadable

_OTHER_NAMES = {
    "number": ("claim", "claim no", "领取号", "领奖编号"),
    "revision": ("version", "rev", "修订", "版本号"),
    "carrier": ("courier", "shipping company", "carrier name", "快递", "物流公司", "承运商", "快递名称", "快遞公司"),
    "tracking": (
        *("tracking", "tracking no", "tracking code", "waybill", "waybill number", "awb", "parcel number"),
        *("运单号", "物流单号", "单号", "快递编号", "运单编号", "快递运单号", "快遞單號", "運單號"),
    ),
}
"""What warehouses make of the headings that they fill in."""
_WANTED = [Wanted(what, ((*HEADINGS[what], *more),)) for what, more in _OTHER_NAMES.items()]
_CUT_OFF = re.compile(r"\d{15}0{3,}")
"""15 digits are what a spreadsheet keeps of a number (support.microsoft.com, "Excel specifications and limits")."""


@dataclass(frozen=True, slots=True)
class ReturnedLine:
    """One line of a list that came back, as it was filled in."""

    line: int
    number: str
    revision: str
    carrier: str
    tracking: str
    damage: str | None
    """What a spreadsheet made of its tracking number, None where that is whole."""


def read_list(path: Path, sheet: str | None) -> list[ReturnedLine]:
    """The lines of a list that came back, whichever language its headings have.

    Raises TableRefused when it is no table, or lacks one of the columns that are needed.
    """
    found = find(open_table(path, _knows, sheet), _WANTED, filled)
    lines = [_line(row, found) for row in found.rows()]
    if not lines:
        raise TableRefused(f"{path} has no line below its headings")
    return lines


def _knows(row: Row) -> bool:
    return any(one.rank(cell.text) is not None for cell in row.cells for one in _WANTED)


def _line(row: Row, found: Found) -> ReturnedLine:
    cells = {what: row.at(column) for what, column in found.columns.items()}
    values = {what: cell.text for what, cell in cells.items()}
    spoilt = damage(cells["tracking"]) if values["tracking"] else None
    if spoilt is None and _CUT_OFF.fullmatch(values["tracking"]):
        spoilt = "what a spreadsheet made of a tracking number, of which it keeps 15 digits"
    try:
        values["tracking"] = without_address(values["tracking"])
    except Unreadable:
        spoilt = "an address in which it is not clear what is the tracking number"
    return ReturnedLine(row.number, **values, damage=spoilt)
