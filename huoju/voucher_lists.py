"""Lists of vouchers as partners send them: one a line, or the first column of a sheet."""

from pathlib import Path

from core.claims.vouchers import VouchersRefused
from huoju.sheet_reading import read_sheet
from huoju.warehouse import is_damaged

_SHEETS = {".csv", ".xlsx"}
_HEADINGS = frozenset({"code", "codes", "voucher", "vouchers", "voucher code", "券码", "兑换码", "卡密", "码"})
_MOST_BYTES = 20 * 2**20


def read_vouchers(path: Path) -> list[tuple[int, str]]:
    """(line, voucher) of every voucher in a .csv or .xlsx, which has headings, or in any other file of text.

    Raises SheetRefused or VouchersRefused.
    """
    codes = _from_sheet(path) if path.suffix.lower() in _SHEETS else _from_text(path)
    for line, code in codes:
        if is_damaged(code):
            raise VouchersRefused(
                f"line {line}: {code} is what a spreadsheet made of a voucher; give the column the format Text and"
                " enter it again"
            )
    return codes


def _from_sheet(path: Path) -> list[tuple[int, str]]:
    """Without a heading that says so, the first voucher would be taken for the heading, and be lost."""
    rows = read_sheet(path)
    if rows and (heading := next(iter(rows[0][1]))) not in _HEADINGS:
        raise VouchersRefused(
            f"{path}: its first column is headed {heading!r}; head the column of the vouchers with: code"
        )
    return [(line, next(iter(row.values()))) for line, row in rows]


def _from_text(path: Path) -> list[tuple[int, str]]:
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise VouchersRefused(f"{path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise VouchersRefused(f"{path} is not UTF-8 text; save it as text in UTF-8, one voucher a line") from None
    if len(raw) > _MOST_BYTES:
        raise VouchersRefused(f"{path} is larger than {_MOST_BYTES // 2**20} MiB; divide it")
    lines = [(number, line.strip()) for number, line in enumerate(text.split("\n"), start=1)]
    codes = [(number, line) for number, line in lines if line]
    return codes[1:] if codes and codes[0][1].casefold() in _HEADINGS else codes
