"""Find the columns of a table by their headings in either language, or by what alone can stand in them.

At the end stands what people call the columns of codes and vouchers, in Chinese and in English.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from huoju.tables.table import Cell, Row, Table, TableRefused, first_rows, letters, shortened

HEADINGS_WITHIN = 20
"""Rows that are not blank, of which one has the headings: a title and some words may stand above them."""
_SHORTEST_TAIL = 3
_SHORTEST_LETTERS = 6
_IN_BRACKETS = re.compile(r"[(（\[【<《].*?[)）\]】>》]")
_BY_SCRIPT = re.compile(r"[\u3400-\u9fff]+|[^\u3400-\u9fff]+")
_COUNTER = re.compile("[0-9]{1,18}")
_PARTS = re.compile(r"[\u3400-\u9fff]+|[^\W_\u3400-\u9fff]+")

Fits = Callable[[Sequence[Cell]], bool]
"""Whether these cells, one below the other, can all be values, and none of them a heading."""


class Wanted:
    """A column that is looked for: what it holds, and the names that it has, better ones in an earlier list."""

    def __init__(self, what: str, names: Sequence[Sequence[str]]) -> None:
        self.what, self.names = what, names
        self._spelt = [frozenset(map(spelt, some)) for some in names]
        self._all = frozenset[str]().union(*self._spelt)

    def rank(self, heading: str) -> int | None:
        """How good a name of this column ``heading`` is, 0 the best; None for a name of something else."""
        name = spelt(heading)
        exactly = (rank for rank, names in enumerate(self._spelt) if name in names)
        nearly = (rank for rank, names in enumerate(self._spelt, start=len(self._spelt)) if _means(name, names))
        return next(exactly, None) if name in self._all else next(nearly, None)

    def called(self) -> str:
        """What it is called best, in both languages."""
        english = next(name for name in self.names[0] if name.isascii())
        chinese = next(name for name in self.names[0] if "\u3400" <= name[0] <= "\u9fff")
        return f"“{english}” or “{chinese}”"


@dataclass(frozen=True, slots=True)
class Found:
    """Where a table has what was looked for."""

    table: Table
    columns: Mapping[str, int]
    """By what they hold."""
    heading: Row | None
    """None where the table begins with a value."""

    def rows(self) -> Iterator[Row]:
        """The rows below the headings."""
        start = self.heading.number if self.heading else 0
        return (row for row in self.table.read() if row.number > start)

    def told(self) -> str:
        """How it is read, for the operator."""
        named = [f"column {letters(column)}{self._title(column)}" for column in self.columns.values()]
        without = "" if self.heading else ", which has no headings: it is the only one that can be meant"
        return f"{self.table.told}, {' and '.join(named)}{without}"

    def _title(self, column: int) -> str:
        return f" “{shortened(self.heading.at(column).text)}”" if self.heading and self.heading.at(column).text else ""


def spelt(heading: str) -> str:
    """A heading in one spelling: letters and digits in lower case, without what stands in brackets, no plural."""
    plain = _IN_BRACKETS.sub("", unicodedata.normalize("NFKC", heading)).casefold()
    return "".join(part.removesuffix("s") for part in _PARTS.findall(plain))


def _means(name: str, names: frozenset[str]) -> bool:
    """A name in two languages at once, or after more Chinese words, like 活动兑换码."""
    parts = _BY_SCRIPT.findall(name)
    return (len(parts) > 1 and all(part in names for part in parts)) or any(
        name.endswith(tail) for tail in names if len(tail) >= _SHORTEST_TAIL and not tail.isascii()
    )


def find(table: Table, wanted: Sequence[Wanted], fits: Fits, chosen: Sequence[str] | None = None) -> Found:
    """The columns of ``wanted``: those that were ``chosen`` by heading or letter, or that their headings name.

    Without headings, a single wanted column is the only one whose values all ``fits``. Raises TableRefused when they
    are not found or could be several, with the first rows, so that a person can choose where ``chosen`` is not None.
    """
    try:
        return _found(table, table.head(), wanted, fits, chosen or ())
    except _Unclear as unclear:
        remedy = ", or choose with --column and its letter" if chosen is not None else ""
        raise TableRefused(f"{table.path} {unclear}{remedy}:\n{first_rows(table.head())}") from None


class _Unclear(Exception):
    """Which column is meant cannot be told; the text says why."""


def _found(table: Table, rows: list[Row], wanted: Sequence[Wanted], fits: Fits, chosen: Sequence[str]) -> Found:
    if chosen:
        return _chosen(table, rows, wanted, fits, chosen)
    heading = _heading(rows, wanted)
    if heading is None:
        return _without_headings(table, rows, wanted, fits)
    columns: dict[str, int] = {}
    for one in wanted:
        column = _column(heading, one)
        if column is None:
            raise _lacking(one)
        columns[one.what] = column
    return _refuse_values_above(table, rows, wanted, Found(table, columns, heading), fits)


def find_some(table: Table, wanted: Sequence[Wanted], needed: Sequence[Wanted]) -> Found:
    """The columns of those of ``wanted`` that headings name, each column as one thing, the first that it may be.

    Raises TableRefused when there are no headings, one of ``needed`` is not named, or several columns can be one.
    """
    rows = table.head()
    try:
        heading, columns = _heading(rows, wanted), dict[str, int]()
        if heading is None:
            raise _Unclear(f"has no headings that are known here; it needs columns headed {_all_of(needed)}")
        for one in wanted:
            column = _column(heading, one, taken=columns.values())
            if column is not None:
                columns[one.what] = column
            elif one in needed:
                raise _lacking(one)
    except _Unclear as unclear:
        raise TableRefused(f"{table.path} {unclear}:\n{first_rows(rows)}") from None
    return _refuse_values_above(table, rows, needed, Found(table, columns, heading), filled)


def _column(heading: Row, one: Wanted, taken: Collection[int] = ()) -> int | None:
    """The column of ``one``, of those that are not ``taken``; None where none is named so."""
    ranks = {column: one.rank(cell.text) for column, cell in enumerate(heading.cells) if column not in taken}
    ranked = [rank for rank in ranks.values() if rank is not None]
    best = [column for column, rank in ranks.items() if ranked and rank == min(ranked)]
    if len(best) > 1:
        raise _Unclear(f"has several columns that can be the {one.what}")
    return best[0] if best else None


def _lacking(one: Wanted) -> _Unclear:
    return _Unclear(f"has no column for the {one.what}; head it {one.called()}")


def _all_of(wanted: Sequence[Wanted]) -> str:
    return "; ".join(one.called() for one in wanted)


def _heading(rows: Sequence[Row], wanted: Sequence[Wanted]) -> Row | None:
    """The last of the first rows that names most of what is wanted: a title above it may name something, too."""
    named = [(_named(row, wanted), row) for row in rows[:HEADINGS_WITHIN]]
    most = max(count for count, _ in named)
    return [row for count, row in named if count == most][-1] if most else None


def _named(row: Row, wanted: Sequence[Wanted]) -> int:
    """How many of the wanted columns ``row`` has a name of."""
    return sum(any(one.rank(cell.text) is not None for cell in row.cells) for one in wanted)


def _refuse_values_above(
    table: Table, rows: Sequence[Row], wanted: Sequence[Wanted], found: Found, fits: Fits
) -> Found:
    """Return ``found`` where no row above its headings holds values: below other headings, any row that is filled."""
    number = found.heading.number if found.heading else 0
    could_be = fits
    for row in (row for row in rows if row.number < number):
        cells = [row.at(column) for column in found.columns.values()]
        if _named(row, wanted):
            could_be = filled
        elif all(could_be([cell]) for cell in cells):
            raise TableRefused(
                f"{table.path} row {row.number}: a value stands above the headings of row {number};"
                " divide what was joined, or delete the second headings"
            )
    return found


def _without_headings(table: Table, rows: list[Row], wanted: Sequence[Wanted], fits: Fits) -> Found:
    if len(wanted) > 1:
        raise _Unclear(f"has no headings that are known here; it needs columns headed {_all_of(wanted)}")
    columns = range(max(row.width for row in rows))
    able = [column for column in columns if _are_values(rows, column, fits)]
    if len(able) != 1 or any(_are_letters(rows, column) for column in columns):
        (one,) = wanted
        raise _Unclear(f"does not say which column has the {one.what}; head it {one.called()}")
    return Found(table, {wanted[0].what: able[0]}, None)


def _are_values(rows: Sequence[Row], column: int, fits: Fits) -> bool:
    """Every one can be a value, none is like another, and they do not merely count."""
    cells = [row.at(column) for row in rows]
    return fits(cells) and len(set(cells)) == len(cells) and not counts_up([cell.text for cell in cells])


def _are_letters(rows: list[Row], column: int) -> bool:
    """Whether they are so many letters each, in groups or not, none like another: values or words, nobody can tell."""
    texts = ["".join(filter(str.isalnum, row.at(column).text)) for row in rows]
    alone = all(len(text) >= _SHORTEST_LETTERS and text.isascii() and text.isalpha() for text in texts)
    return alone and len(set(texts)) == len(texts) and len(set(map(len, texts))) == 1


def filled(cells: Sequence[Cell]) -> bool:
    """Whether none of ``cells`` is blank: all that is asked of rows that headings tell apart."""
    return all(cell.text for cell in cells)


def counts_up(texts: Sequence[str]) -> bool:
    """Whether they are numbers of which each is one more than the last."""
    if len(texts) <= 1 or not all(_COUNTER.fullmatch(text) for text in texts):
        return False
    return all(int(after) == int(before) + 1 for before, after in pairwise(texts))


def _chosen(table: Table, rows: list[Row], wanted: Sequence[Wanted], fits: Fits, chosen: Sequence[str]) -> Found:
    if len(chosen) != len(wanted):
        raise TableRefused(f"choose {len(wanted)} columns, for {' and '.join(one.what for one in wanted)}")
    by_letter = {letters(column): column for column in range(max(row.width for row in rows))}
    columns: dict[str, int] = {}
    heading: Row | None = None
    for one, name in zip(wanted, chosen, strict=True):
        titled = [
            (row, column)
            for row in rows[:HEADINGS_WITHIN]
            for column, cell in enumerate(row.cells)
            if spelt(cell.text) == spelt(name) and (row is rows[0] or name.upper() not in by_letter)
        ]
        if titled:
            heading, columns[one.what] = titled[-1]
        elif name.upper() in by_letter:
            columns[one.what] = by_letter[name.upper()]
        else:
            raise _Unclear(f"has no column {name!r}")
    heading = heading or _heading(rows, wanted) or _first_row(table, rows, columns, fits)
    return _refuse_values_above(table, rows, wanted, Found(table, columns, heading), fits)


def _first_row(table: Table, rows: Sequence[Row], columns: Mapping[str, int], fits: Fits) -> Row | None:
    """The first row as one of headings, None where it is like the rest. Raises TableRefused where nobody can tell."""
    first = rows[0]
    if len(columns) > 1:
        raise _Unclear("has no headings that are known here; write a row of them above the values")
    for column in columns.values():
        cells = [row.at(column) for row in rows]
        if not fits(cells[:1]):
            return first
        if not fits(cells):
            raise TableRefused(
                f"{table.path} row {first.number}: “{shortened(cells[0].text)}” can be a heading or a value that is not"
                " like the others; write a row of headings above it, or mend it"
            )
    return None


def _listed(*lines: str) -> tuple[str, ...]:
    return tuple(name.strip() for line in lines for name in line.split(","))


_CODE = _listed(
    "code, coupon code, coupon, promo code, promotion code, promotional code, discount code, promo, voucher code",
    "voucher, gift code, redeem code, redemption code, activation code, lucky code, draw code, prize code",
    "raffle code, card code, pack code, on-pack code, unique code, game code, winning code, entry code, access code",
    "scratch code, serial code, claim code, campaign code, your code, the code, code number, code no",
    "gift card code, lottery code, lucky draw code, scratch-off code, cdk, cd key, ticket code",
    "coupon codes list, code list, codes list",
    "coupon number, coupon no, voucher number, voucher no, Gutscheincode, Gewinncode, Gutschein-Nr, Code-Nr",
    "code promo, code unique, code cadeau, code coupon, código, kode, codice, codigo promocional",
    "兑换码, 抽奖码, 码, 券码, 优惠码, 优惠券码, 兑奖码, 激活码, 礼品码, 礼品券, 兑换券, 优惠券, 卡券码, 券号",
    "兑换券码, 活动码, 幸运码, 刮奖码, 开奖码, 中奖码, 促销码, 提货码, 核销码, 一物一码, 礼品券码, 电子券码",
    "兑换编码, 抽奖编码, 抽奖号码, 兑奖号码, 兑换号码, 兑奖编号, 券编码, 优惠券编码, 礼包码, 福利码",
    "刮刮码, 瓶盖码, 抽奖序号, 兑换序号, 兑换码列表, 抽奖码列表, 券码列表",
    "兌換碼, 抽獎碼, 優惠碼, 兌獎碼, 券碼, 抽獎序號, 兌換序號, 禮品碼, 序號碼",
)
_NUMBER = _listed("card number, card no, account, account number, 卡号, 卡號, 账号, 帐号, 电子卡号, 礼品卡号")
_SECRET = _listed(
    "secret, pin, pin code, password, passcode, card secret, card password, card pin, security code",
    "卡密, 礼品卡卡密, 礼品卡密, 密码, 卡密码, 密碼, 卡片密码, 兑换密码, 券密码, 提货密码, 电子卡密",
)
_LESS_CLEAR = (
    *_NUMBER,
    *_SECRET,
    *_listed(
        "key, token, string, license key, activation key, product key, ticket number, ticket no",
        "串码, 编码, 序列码, 字符串, 码值, 码号, 码串, 数码, 数字码, 暗码, 明码, 唯一码, 随机码",
        "防伪码, 验证码, 会员码, 盖内码, 袋内码, 箱内码, 包装码",
    ),
)
_SERIAL = _listed(
    "serial, serial number, serial no, sn, s/n, s/n code, sn码, Seriennummer, Serien-Nr, numéro de série",
    "número de serie, 序列号, 序列號, 串号, 串號, 流水号, 流水號",
)
"""A code, or what counts the rows: only what stands below it can tell."""
_LINK = _listed("link, url, address, qr, qr code, 链接, 网址, 地址, 二维码, 二维码内容, 連結")

CODES = Wanted("codes", (_CODE, _LESS_CLEAR, _LINK, _SERIAL))
VOUCHERS = Wanted("vouchers", (_CODE, _LESS_CLEAR, _LINK, _SERIAL))
SERIALS = Wanted("serials", (_SERIAL,))
NUMBERS = Wanted("card numbers", (_NUMBER, _CODE))
SECRETS = Wanted("card secrets", (_SECRET,))
"""An e-card is a number and a secret, in two columns: a player needs both."""
