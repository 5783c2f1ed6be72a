"""Codes and vouchers in the tables of people: which columns they stand in, and how one is read."""

import re
import unicodedata
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

from core.alphabet import normalise
from handlers.claims.handover import CARD_JOINT
from handlers.claims.vouchers import LONGEST as VOUCHER_LONGEST
from handlers.codes.importer import LONGEST, SHORTEST
from huoju.tables.columns import (
    CODES,
    HEADINGS_WITHIN,
    NUMBERS,
    SECRETS,
    SERIALS,
    VOUCHERS,
    Found,
    counts_up,
    filled,
    find,
)
from huoju.tables.damage import ENTER_AGAIN, damage
from huoju.tables.table import Cell, Kind, Row, Table, TableRefused, first_rows, shortened
from huoju.tables.values import Unreadable, Value, Values

_SHORTEST_VOUCHER = 4
"""Where no heading says that they are vouchers."""
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_HAS_DIGIT = re.compile(r"\d")
_SPACERS = re.compile(r"[\s_-]+")
_LINE_BREAK = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_LONGEST_GROUP = 8
"""No printer's group of symbols is longer, so two that are stand for two codes."""
_LINK = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//.*|www\..*|[\w-]+(?:\.[\w-]+)+/.*", re.IGNORECASE)


def codes_in(table: Table, chosen: Sequence[str] = (), *, as_is: bool = False) -> Values:
    """The codes of ``table`` as they are stored. Raises TableRefused when it is not clear where they stand."""
    found = find(table, [CODES], _are_codes, chosen)
    _refuse_glued(found, last_too=True)
    if not chosen:
        _refuse_counter(found)
    return Values(found, _code, as_is=as_is, distinct=False)


def vouchers_in(table: Table, chosen: Sequence[str] = (), *, as_is: bool = False) -> Values:
    """The vouchers of ``table``; where they are a number and a secret, both as one, and none twice.

    Raises TableRefused when it is not clear where they stand.
    """
    cards = [NUMBERS, SECRETS]
    if len(chosen) == len(cards) or (not chosen and any(_has_cards(row) for row in table.head()[:HEADINGS_WITHIN])):
        return Values(find(table, cards, filled, chosen), _card, as_is=as_is, distinct=True)
    found = find(table, [VOUCHERS], _are_vouchers, chosen)
    _refuse_glued(found, last_too=False)
    if not chosen:
        _refuse_counter(found)
    return Values(found, _voucher, as_is=as_is, distinct=True)


def knows_codes(row: Row) -> bool:
    """Whether ``row`` has a heading of codes or vouchers."""
    return any(CODES.rank(cell.text) is not None for cell in row.cells)


def _has_cards(row: Row) -> bool:
    numbers, secrets = (
        {column for column, cell in enumerate(row.cells) if wanted.rank(cell.text) is not None}
        for wanted in (NUMBERS, SECRETS)
    )
    return bool(secrets and numbers - secrets)


def _refuse_glued(found: Found, *, last_too: bool) -> None:
    """Refuse a column in which a number that counts up stands beside each code: typed with it, no code would do."""
    (column,) = found.columns.values()
    rows = [row for row in found.table.head() if found.heading is None or row.number > found.heading.number]
    parts = [re.split(_SPACERS if last_too else r"\s+", _plain(row.at(column).text)) for row in rows]
    if not all(len(part) > 1 for part in parts):
        return
    if counts_up([part[0] for part in parts]) or (last_too and counts_up([part[-1] for part in parts])):
        shown = shortened(rows[0].at(column).text)
        raise TableRefused(
            f"{found.table.path} row {rows[0].number}: “{shown}” is a number that counts up beside a code;"
            " put them into columns of their own"
        )


def _refuse_counter(found: Found) -> None:
    """Refuse a column of serials that do nothing but count: it holds no codes, and each could be guessed."""
    (column,) = found.columns.values()
    heading, head = found.heading, found.table.head()
    if heading is None or SERIALS.rank(heading.at(column).text) is None:
        return
    if counts_up([row.at(column).text for row in head if row.number > heading.number]):
        raise TableRefused(
            f"{found.table.path} has only “{shortened(heading.at(column).text)}” to take, which counts up; head the"
            f" right column “code” or “兑换码”, or choose with --column and its letter:\n{first_rows(head)}"
        )


def _plain(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text.strip().removeprefix("'")
    folded = _DASHES.sub("-", unicodedata.normalize("NFKC", text))
    return "".join(letter for letter in folded if unicodedata.category(letter) != "Cf").strip().removeprefix("'")


def _refuse_damaged(cell: Cell) -> None:
    if not cell.text:
        raise Unreadable("is empty; fill it in, or delete the row")
    if what := damage(cell):
        raise Unreadable(f"is {what}; {ENTER_AGAIN}")
    if cell.kind is Kind.TEXT and not _HAS_DIGIT.search(cell.text) and VOUCHERS.rank(cell.text) is not None:
        raise Unreadable("is a heading; delete the row")


def _code(cells: Sequence[Cell]) -> Value:
    (cell,) = cells
    _refuse_damaged(cell)
    text = _plain(cell.text)
    inner = _inside(text)
    if _LINE_BREAK.search(cell.text) or sum(len(part) > _LONGEST_GROUP for part in inner.split()) > 1:
        raise Unreadable("holds several codes; give each a row of its own")
    bare = _SPACERS.sub("", inner).upper()
    if not (bare.isascii() and bare.isalnum()):
        wrong = next((letter for letter in bare if not (letter.isascii() and letter.isalnum())), "")
        raise Unreadable(f"is no code: no code has {wrong!r} in it")
    if not SHORTEST <= len(bare) <= LONGEST:
        raise Unreadable(f"is no code: {len(bare)} letters and digits; codes have {SHORTEST} to {LONGEST}")
    before, _, after = text.partition(inner)
    return Value(code := normalise(bare), bare, (before, after), folded=code != bare)


def _inside(text: str) -> str:
    """The code inside an address or after a label."""
    if (bare := without_address(text)) != text:
        return bare
    label, colon, rest = text.partition(":")
    return rest.strip() if colon and CODES.rank(label) is not None else text


def without_address(text: str) -> str:
    """``text`` without the address that is printed around it, if it is one. Raises Unreadable for an unclear one."""
    if "/" not in text or not _LINK.fullmatch(text):
        return text
    address = urlsplit(text if "//" in text else f"//{text}")
    named = [value for key, value in parse_qsl(address.query) if CODES.rank(key) is not None or key in {"c", "k"}]
    path = [part for part in address.path.split("/") if part]
    values = named or [*path[-1:], *(value for _, value in parse_qsl(address.query)), address.fragment]
    able = [value for value in values if _could_be_code(value)]
    if len(able) != 1 or text.count(able[0]) != 1:
        raise Unreadable("is an address in which it is not clear what is the code; give the codes alone")
    return able[0]


def _could_be_code(text: str) -> bool:
    bare = _SPACERS.sub("", text)
    return bare.isascii() and bare.isalnum() and SHORTEST <= len(bare) <= LONGEST and not bare.isalpha()


def _voucher(cells: Sequence[Cell]) -> Value:
    (cell,) = cells
    _refuse_damaged(cell)
    text = cell.text[1:] if cell.text[:1] == "'" and cell.text[1:].isdigit() else cell.text
    if len(text) > VOUCHER_LONGEST or not text.isprintable():
        raise Unreadable(f"is no voucher: it has 1 to {VOUCHER_LONGEST} letters, digits and signs on one line")
    return Value(text, text)


def _card(cells: Sequence[Cell]) -> Value:
    number, secret = (_voucher([cell]).text for cell in cells)
    return Value(CARD_JOINT.join((number, secret)), number)


def _are_codes(cells: Sequence[Cell]) -> bool:
    try:
        codes = [_code([cell]).alone for cell in cells]
    except Unreadable:
        return False
    return not any(code.isalpha() for code in codes) and len(set(map(len, codes))) == 1


def _are_vouchers(cells: Sequence[Cell]) -> bool:
    try:
        texts = [_voucher([cell]).text for cell in cells]
    except Unreadable:
        return False
    if not all(
        re.search(r"\d", text) and text.isascii() and len(text) >= _SHORTEST_VOUCHER and not re.search(r"\s", text)
        for text in texts
    ):
        return False
    return len(set(map(len, texts))) == 1 or len(set(map(_skeleton, texts))) == 1


def _skeleton(text: str) -> str:
    return re.sub(r"\d+", "9", re.sub(r"[^\W\d_]+", "A", text))
