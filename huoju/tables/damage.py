"""What a spreadsheet or a database made of a value: told by its type and its shape, never mended."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date

from huoju.tables.table import Cell, Kind

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]{0,6}"
ENTER_AGAIN = "give the column the format Text and enter or import it again"
_SHAPES = (
    # what it looks like                                              what that is
    (r"[-+]?\d+(?:[.,]\d+)?E[-+]\d+",                                 "what a spreadsheet made of a long number"),
    (r"\d+[.,]0+",                                                    "a number with decimals, which no value has"),
    (r"#(?:N/A|VALUE!|REF!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA)", "the error of a formula"),
    (r"#+",                                                           "what a column shows that is too narrow"),
    (r"[=@].*|[-+]\w+\(.*",                                           "a formula that was not calculated"),
    (r"true|false|真|假",                                             "a truth value"),
    (r"null|\(null\)|none|nil|nan|n/?a|undefined|<na>|-+|—+|/+|无|空|空值", "how a program writes that there is none"),
    (rf"\d{{1,2}}[- ]{_MONTH}(?:[- ]\d{{2,4}})?|{_MONTH}[- ]\d{{1,4}}",   "a date"),
    (r"\d{1,4}[/.]\d{1,2}[/.]\d{1,4}(?: .*)?|\d{1,2}/\d{1,2}",        "a date"),
    (r"(?:\d{2,4}年)?\d{1,2}月(?:\d{1,2}日)?|\d{4}年\d{1,2}月?",        "a date"),
    (r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[ap]m)?",              "a time of day"),
    (r".*\N{REPLACEMENT CHARACTER}.*",                                "text that was saved in another encoding"),
    (r".*(?:…|\.\.\.)",                                               "cut off"),
    (r".*[*•●]{3,}.*",                                                "hidden by stars"),
)  # fmt: skip
_ANY = re.compile("|".join(f"({shape})" for shape, _ in _SHAPES), re.IGNORECASE | re.DOTALL)
_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]\d{1,2}:\d{2}.*)?")
_KINDS = {Kind.ERROR: "the error of a formula", Kind.TRUTH: "a truth value", Kind.DATE: "a date"}
_WHOLE = re.compile(r"-?\d{1,15}")

# Excel keeps 15 digits of a number: support.microsoft.com, "Excel specifications and limits"
_KEPT = 15
_SURE = 3
"""So many zeros from the sixteenth digit on are no chance in a short list."""
_ENOUGH = 3
_MOST_SHORT = 0.25
"""At random one number in ten begins with a zero; of a list that counts, most are shorter than its last."""


def damage(cell: Cell) -> str | None:
    """What ``cell`` is instead of a value, or None. Blank is not damage."""
    if cell.kind in _KINDS:
        return _KINDS[cell.kind]
    if cell.kind is Kind.NUMBER and not _WHOLE.fullmatch(cell.text):
        return "a number that a spreadsheet has rounded, or one with decimals"
    match = _ISO_DATE.fullmatch(cell.text)
    if match and _is_date(*map(int, match.groups())):
        return "a date"
    match = _ANY.fullmatch(cell.text)
    return _SHAPES[match.lastindex - 1][1] if match and match.lastindex else None


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        return date(year, month, day).year in range(1900, 2100)
    except ValueError:
        return False


class Digits:
    """Watches a column of numbers for what only the whole column shows: digits that were cut at either end."""

    def __init__(self) -> None:
        self._count = 0
        self._lengths: Counter[int] = Counter()
        self._zeros: Counter[int] = Counter()
        self._zeros_from: dict[int, int] = {}
        self._short: dict[int, int] = {}
        self._begins_with_zero = False

    def see(self, row: int, text: str) -> None:
        """Take note of a value."""
        self._count += 1
        if not (text.isascii() and text.isdigit()):
            return
        length = len(text)
        self._lengths[length] += 1
        self._short.setdefault(length, row)
        self._begins_with_zero |= text.startswith("0")
        if length > _KEPT and not text[_KEPT:].strip("0"):
            self._zeros[length] += 1
            self._zeros_from.setdefault(length, row)

    def violations(self) -> Iterable[str]:
        """What is wrong with the column, by its first row, likelier than any chance."""
        for length, count in self._zeros.items():
            by_chance = self._lengths[length] / 10 ** (length - _KEPT)
            all_of_them = count == self._lengths[length] >= _ENOUGH
            if all_of_them or (length >= _KEPT + _SURE and count > 10 * by_chance):
                yield (
                    f"row {self._zeros_from[length]}: it ends in zeros from the sixteenth digit on, as {count} of"
                    f" {self._lengths[length]} numbers do: a spreadsheet keeps only 15 digits; {ENTER_AGAIN}"
                )
        if self._lengths.total() != self._count or self._begins_with_zero or len(self._lengths) == 1:
            return
        longest = max(self._lengths, default=0)
        short = self._count - self._lengths[longest]
        if 0 < short <= _MOST_SHORT * self._count:
            first = min(row for length, row in self._short.items() if length < longest)
            yield (
                f"row {first}: it is shorter than the {longest} digits of most, and none begins with 0: a spreadsheet"
                f" has taken zeros off the front of {short}; {ENTER_AGAIN}"
            )
