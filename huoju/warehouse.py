"""The warehouse's list: one line a parcel, written for a spreadsheet and read again with tracking numbers filled in."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.claims.exporting import Dispatch
from core.words import Mark, row_number
from huoju.sheet_reading import read_sheet
from huoju.sheets import SheetRefused, write_sheet

HEADINGS = {
    "number": ("领取编号", "Claim number"),
    "revision": ("版本", "Revision"),
    "item": ("品名代号", "Item"),
    "title": ("品名", "Title"),
    "quantity": ("数量", "Quantity"),
    "recipient": ("收件人", "Recipient"),
    "phone": ("电话", "Phone"),
    "address": ("地址", "Address"),
    "opened": ("登记时间", "Opened"),
    "carrier": ("快递公司", "Carrier"),
    "tracking": ("快递单号", "Tracking number"),
}
"""Every column, in order, in Chinese and in English."""
_NEEDED = ("number", "revision", "carrier", "tracking")
_COLUMN_OF = {"zh": 0, "en": 1}

# What a spreadsheet makes of a long number that it was not told to keep as text: an exponent, or 15 digits and zeros
# (support.microsoft.com, "Excel specifications and limits").
_DAMAGED = re.compile(r"\d(?:[.,]\d+)?E[+-]\d+|\d{15}0{3,}|[#=].*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ReturnedLine:
    """One line of a list that came back, as it was filled in."""

    line: int
    number: str
    revision: str
    carrier: str
    tracking: str


def write_list(path: Path, language: str, parcels: Iterable[Dispatch]) -> int:
    """Write a new list in ``language`` ("zh" or "en"), safe on disk, and return how many lines. Raises SheetRefused."""
    headings = [names[_COLUMN_OF[language]] for names in HEADINGS.values()]
    return write_sheet(path, headings, (_row(parcel, language) for parcel in parcels))


def _row(parcel: Dispatch, language: str) -> list[str]:
    details = parcel.details
    return [
        row_number(Mark.CLAIM, parcel.claim_id),
        str(parcel.revision),
        parcel.item,
        parcel.title[language],
        "1",
        details.name or "",
        details.phone or "",
        details.address or "",
        parcel.opened,
        "",
        "",
    ]


def read_list(path: Path) -> list[ReturnedLine]:
    """The lines of a list that came back, whichever language its headings have.

    Raises SheetRefused when it is no sheet, or lacks one of the columns that are needed.
    """
    rows = read_sheet(path, headings_wanted=[[HEADINGS[what][column] for what in _NEEDED] for column in (1, 0)])
    if not rows:
        raise SheetRefused(f"{path} has no line below its headings")
    known = rows[0][1]
    columns = {what: _column(path, known, what) for what in _NEEDED}
    return [ReturnedLine(line, **{what: row[column] for what, column in columns.items()}) for line, row in rows]


def _column(path: Path, row: dict[str, str], what: str) -> str:
    for name in HEADINGS[what]:
        if name.lower() in row:
            return name.lower()
    wanted = " or ".join(repr(name) for name in HEADINGS[what])
    raise SheetRefused(f"{path} has no column {wanted}; keep the headings of the list as it was exported")


def is_damaged(text: str) -> bool:
    """True when ``text`` is what a spreadsheet has made of a number, or a formula that it did not calculate."""
    return _DAMAGED.fullmatch(text) is not None
