"""The warehouse's list: one line a parcel, written for a spreadsheet, with room for what the warehouse fills in."""

from collections.abc import Iterable
from pathlib import Path

from core.sheets import write_sheet
from core.words import Mark, row_number
from handlers.claims.shipments import Shipment

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
_COLUMN_OF = {"zh": 0, "en": 1}


def write_list(path: Path, language: str, parcels: Iterable[Shipment]) -> int:
    """Write a new list in ``language`` ("zh" or "en"), safe on disk, and return how many lines. Raises SheetRefused."""
    headings = [names[_COLUMN_OF[language]] for names in HEADINGS.values()]
    return write_sheet(path, headings, (_row(parcel, language) for parcel in parcels))


def _row(parcel: Shipment, language: str) -> list[str]:
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
