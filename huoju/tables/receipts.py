"""Receipts in the tables of tills: which columns they stand in, and what the lines of one amount to."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from core.answers import Verbatim
from core.arguments import player_named
from core.operators import VerbRefused
from core.phones import read_phone
from handlers.purchases.readings import is_ambiguous, read_amount, read_instant, read_quantity
from handlers.purchases.receipts import (
    LONGEST_ITEM,
    LONGEST_REF,
    LONGEST_SKU,
    MILLI,
    Item,
    Reading,
    Receipt,
    Wrong,
)
from huoju.tables.columns import Found, Wanted, find_some
from huoju.tables.damage import damage
from huoju.tables.reader import open_table
from huoju.tables.table import Cell, Kind, Row, Table, TableRefused, letters
from huoju.tables.values import is_total


def _listed(*lines: str) -> tuple[str, ...]:
    return tuple(name.strip() for each in lines for name in each.split(","))


_REF = Wanted(
    "receipt number",
    (
        _listed(
            "receipt number, receipt no, receipt, receipt id, order number, order no, order id, order, ref, reference",
            "bill number, bill no, bill, ticket number, ticket no, transaction id, transaction number, transaction no",
            "transaction, invoice number, invoice no, sale id, sale no, document no, Belegnummer, Bon-Nr, Bonnummer",
            "单号, 订单号, 订单编号, 小票号, 小票编号, 小票单号, 收据号, 交易号, 交易单号, 流水号, 流水单号, 账单号",
            "销售单号, 票号, 商户订单号, 交易流水号, 單號, 訂單編號, 訂單號, 收據號",
        ),
    ),
)
_PHONE = Wanted(
    "phone of the buyer",
    (
        _listed(
            "phone, phone number, phone no, mobile, mobile number, mobile phone, mobile no, cell, cell phone, tel",
            "telephone, customer phone, member phone, buyer phone, customer mobile, contact phone, contact number",
            "Telefon, Handy, Telefonnummer, Handynummer",
            "手机, 手机号, 手机号码, 会员手机, 会员手机号, 电话, 电话号码, 联系电话, 顾客电话, 客户电话, 客户手机",
            "买家手机, 会员电话, 收货手机, 手機, 手機號碼, 電話",
        ),
    ),
)
_ADDRESS = Wanted("address of the buyer", (_listed("chat address, player address, player, 玩家, 玩家地址, 渠道地址"),))
_AT = Wanted(
    "day",
    (
        _listed("date, day, sale date, purchase date, transaction date, 日期, 交易日期, 消费日期, 购买日期, 销售日期"),
        _listed(
            "paid at, payment time, payment date, date time, datetime, timestamp, purchased at, purchase time",
            "transaction time, sold at, sale time, Datum",
            "付款时间, 支付时间, 交易时间, 消费时间, 购买时间, 销售时间, 结账时间, 日期时间, 支付日期, 付款日期",
        ),
        _listed("order time, order date, ordered at, created at, created, 下单时间, 下单日期, 创建时间, 订单时间"),
        _listed("time, when, 时间, 時間"),
    ),
)
_CLOCK = Wanted(
    "time of day",
    (_listed("time, time of day, clock, hour, Uhrzeit, 时间, 时刻, 交易时间, 消费时间, 付款时间, 支付时间, 時間"),),
)
_TOTALS = _listed(
    "total, total amount, order total, receipt total, grand total, amount paid, paid amount, paid, order amount",
    "total paid, total price, net total, gross total, Gesamt, Summe",
    "实付, 实付金额, 实收, 实收金额, 订单金额, 订单总额, 总金额, 总额, 合计, 总价, 支付金额, 付款金额, 消费金额",
    "交易金额, 應付金額, 實付金額, 總金額",
)
_TOTAL = Wanted("amount", (_TOTALS, _listed("amount, sum, value, price paid, Betrag, 金额, 金額")))
_ORDER_TOTAL = Wanted("amount", (_TOTALS,))
_LINE_TOTAL = Wanted(
    "amount of a line",
    (
        _listed(
            "line total, line amount, subtotal, item total, item amount, 小计, 行金额, 商品金额, 商品小计", "明细金额"
        ),
    ),
)
_CURRENCY = Wanted("currency", (_listed("currency, currency code, Währung, 币种, 货币, 幣別"),))
_ITEM = Wanted(
    "item",
    (
        _listed(
            "item, item name, product, product name, goods, article, article name, description, Artikel, Bezeichnung",
            "商品, 商品名称, 商品名, 品名, 货品, 货品名称, 产品, 产品名称, 菜品, 菜名, 品项, 项目, 商品名稱, 品項",
        ),
    ),
)
_SKU = Wanted(
    "article number",
    (
        _listed(
            "sku, item code, item number, item no, product code, product id, product number, article number",
            "article no, barcode, ean, Artikelnummer, 货号, 商品编码, 商品编号, 条码, 条形码, 商品条码, 货品编号, 品號",
        ),
    ),
)
_QUANTITY = Wanted(
    "quantity",
    (_listed("quantity, qty, count, pieces, units, pcs, Menge, Anzahl, 数量, 件数, 份数, 购买数量, 销售数量, 數量"),),
)
_PRICE = Wanted("price", (_listed("price, unit price, price each, Preis, Einzelpreis, 单价, 售价, 价格, 單價"),))
_ALL = (_REF, _PHONE, _ADDRESS, _AT, _CLOCK, _TOTAL, _LINE_TOTAL, _CURRENCY, _ITEM, _SKU, _QUANTITY, _PRICE)
_NEEDED = (_REF, _AT)
_CHINESE_PHONE = re.compile(r"1[3-9]\d{9}")


def open_receipts(path: Path, sheet: str | None) -> "ReceiptsOfTill":
    """The receipts in a file. Raises VerbRefused where it is no table, or lacks a column that is needed."""
    try:
        table = open_table(path, _knows, sheet)
        found = find_some(table, _ALL, _NEEDED)
    except TableRefused as error:
        raise VerbRefused("{why}", why=Verbatim(str(error).replace(f"{path}", path.name))) from None
    for able in ((_PHONE, _ADDRESS), (_TOTAL, _LINE_TOTAL, _PRICE)):
        if not any(one.what in found.columns for one in able):
            told = f"{path.name} has no column for the {able[0].what}; head it {able[0].called()}"
            raise VerbRefused("{why}", why=Verbatim(told))
    return ReceiptsOfTill(path.name, table, found)


def _knows(row: Row) -> bool:
    return sum(any(one.rank(cell.text) is not None for one in _ALL) for cell in row.cells) > 1


class _Line(NamedTuple):
    """One row of a table, read."""

    row: int
    ref: str
    buyer: str | None
    at_said: tuple[str, str]
    total: int | None
    of_line: int | None
    item: Item | None


@dataclass(frozen=True, slots=True)
class ReceiptsOfTill:
    """A table of receipts, one line or several for each."""

    name: str
    table: Table
    found: Found

    @property
    def told(self) -> str:
        """How it is read."""
        return self.found.told()

    @property
    def rows_about(self) -> int | None:
        """About how many rows it has, where that is known."""
        return self.table.rows_about

    def receipts(self, reading: Reading) -> Iterator[Receipt | Wrong | None]:
        """All receipts in their order: lines of one number that follow one another are one receipt.

        Raises VerbRefused for what is damaged as a whole.
        """
        try:
            yield from self._receipts(reading._replace(day_first=self._day_first(reading)))
        except TableRefused as error:
            raise VerbRefused("{why}", why=Verbatim(str(error).replace(f"{self.table.path}", self.name))) from None

    def _receipts(self, reading: Reading) -> Iterator[Receipt | Wrong | None]:
        lines: list[_Line] = []
        for row in self.found.rows():
            if is_total(row):
                continue
            try:
                read = self._line(row, reading)
            except VerbRefused as refused:
                yield Wrong(row.number, refused.line)
                continue
            if lines and lines[0].ref != read.ref:
                yield self._receipt(lines, reading)
                lines = []
            lines.append(read)
        if lines:
            yield self._receipt(lines, reading)

    def _day_first(self, reading: Reading) -> bool | None:
        """Which of two numbers is the day, by the whole column; None where no row has to say so."""
        if reading.day_first is not None:
            return reading.day_first
        column = self.found.columns[_AT.what]
        rows = self.found.rows()
        first = next(rows, None)
        if first is None or is_ambiguous(first.at(column).text) is None:
            return None
        for row in (first, *rows):
            numbers = is_ambiguous(row.at(column).text)
            if numbers is not None and max(numbers) > 12:  # noqa: PLR2004  # months
                return numbers[0] > numbers[1]
        return None

    def _line(self, row: Row, reading: Reading) -> _Line:
        if row.hidden:
            raise VerbRefused("the row is hidden; show it, or delete it")
        ref = self._whole(row, _REF, LONGEST_REF)
        if not ref:
            raise VerbRefused("the receipt has no number; give each one of its own")
        currency = self._text(row, _CURRENCY)
        if currency and not _is_called(reading.currency, currency.upper()):
            raise VerbRefused("“{text}” is not {currency}", text=currency[:40], currency=reading.currency)
        return _Line(
            row.number,
            ref,
            self._buyer(row, reading),
            (self._at(row, _AT), self._at(row, _CLOCK)),
            self._amount(row, _TOTAL, reading),
            self._amount(row, _LINE_TOTAL, reading),
            self._item(row, reading),
        )

    def _text(self, row: Row, wanted: Wanted) -> str:
        column = self.found.columns.get(wanted.what)
        return "" if column is None else row.at(column).text

    def _whole(self, row: Row, wanted: Wanted, most: int) -> str:
        """A text that a spreadsheet has not damaged."""
        column = self.found.columns.get(wanted.what)
        if column is None or not (cell := row.at(column)).text:
            return ""
        if what := damage(cell):
            told = "{place} “{text}” is {what}; give the column the format Text and enter it again"
            raise VerbRefused(told, place=f"{letters(column)}{row.number}", text=cell.text[:40], what=Verbatim(what))
        text = " ".join(cell.text.removeprefix("'").split())
        if len(text) > most or not text.isprintable():
            raise VerbRefused("“{text}…” is longer than {most} letters; shorten it", text=text[:20], most=most)
        return text

    def _at(self, row: Row, wanted: Wanted) -> str:
        """What the row says of day or time; a workbook that keeps a time alone gives it a day of its own."""
        column = self.found.columns.get(wanted.what)
        cell = Cell("") if column is None else row.at(column)
        return cell.text.rpartition("T")[2] if wanted is _CLOCK and cell.kind is Kind.DATE else cell.text

    def _amount(self, row: Row, wanted: Wanted, reading: Reading) -> int | None:
        text = self._text(row, wanted)
        return read_amount(text, reading.currency) if text else None

    def _buyer(self, row: Row, reading: Reading) -> str | None:
        if text := self._text(row, _PHONE):
            return _phone(text.removeprefix("'"), reading.region)
        if text := self._text(row, _ADDRESS):
            named = player_named(text)
            if named is not None and named.phone is not None:
                return _phone(named.phone, reading.region)
            if named is None or named.address is None:
                raise VerbRefused("“{text}” is no address; write channel/account/user", text=text[:40])
            return str(named.address)
        return None

    def _item(self, row: Row, reading: Reading) -> Item | None:
        name, sku = self._text(row, _ITEM), self._whole(row, _SKU, LONGEST_SKU)
        name = " ".join(name.split())
        if len(name) > LONGEST_ITEM or not name.isprintable():
            name = "".join(filter(str.isprintable, name))[:LONGEST_ITEM]
        if not name and not sku:
            return None
        quantity = self._text(row, _QUANTITY)
        return Item(
            name or None,
            sku or None,
            read_quantity(quantity) if quantity else MILLI,
            self._amount(row, _PRICE, reading),
        )

    def _receipt(self, lines: Sequence[_Line], reading: Reading) -> Receipt | Wrong | None:
        first = lines[0]
        try:
            buyers = list(dict.fromkeys(one.buyer for one in lines if one.buyer))
            if len(buyers) > 1:
                other = next(one.row for one in lines if one.buyer == buyers[1])
                raise _differs(first, other)
            instants = list(dict.fromkeys(one.at_said for one in lines if any(one.at_said)))
            if len(instants) > 1:
                raise _differs(first, next(one.row for one in lines if one.at_said == instants[1]))
            if not buyers:
                return None
            if not instants:
                raise VerbRefused("the receipt has no day; write it as 2026-11-28 14:05")
            at = read_instant(*instants[0], reading.zone, reading.now, day_first=reading.day_first)
            items = tuple(one.item for one in lines if one.item is not None)
            return Receipt(first.row, first.ref, buyers[0], at, self._total(lines), items)
        except VerbRefused as refused:
            return Wrong(first.row, refused.line)

    def _total(self, lines: Sequence[_Line]) -> int:
        """What the receipt came to: as it says, or what its lines add up to."""
        totals = list(dict.fromkeys(one.total for one in lines if one.total is not None))
        if totals:
            column = self.found.columns[_TOTAL.what]
            heading = self.found.heading
            is_sure = heading is None or _ORDER_TOTAL.rank(heading.at(column).text) is not None
            if len(lines) > 1 and not is_sure:
                told = (
                    "rows {row} and {other} are one receipt, and nobody can tell whether “{heading}” is of the line or"
                    " of all; head it “line total” (小计) or “order total” (实付金额)"
                )
                name = heading.at(column).text if heading else ""
                raise VerbRefused(told, row=lines[0].row, other=lines[1].row, heading=Verbatim(name))
            if len(totals) > 1:
                raise _differs(lines[0], next(one.row for one in lines if one.total == totals[1]))
            return totals[0]
        if all(one.of_line is not None for one in lines):
            return sum(one.of_line or 0 for one in lines)
        if all(one.item is not None and one.item.price is not None for one in lines):
            items = [one.item for one in lines if one.item is not None]
            return sum(round(item.milli * (item.price or 0) / MILLI) for item in items)
        raise VerbRefused("the receipt has no amount; write it as 12.50")


def _differs(first: _Line, other: int) -> VerbRefused:
    told = "rows {row} and {other} have the same receipt number {ref} and say different things; mend one of both"
    return VerbRefused(told, row=first.row, other=other, ref=first.ref)


def _is_called(currency: str, said: str) -> bool:
    return said == currency or (currency == "CNY" and said in {"RMB", "CNH", "人民币", "元", "¥", "￥"})


@lru_cache(maxsize=65536)
def _phone(text: str, region: str | None) -> str:
    bare = text.replace(" ", "").replace("-", "")
    if region == "CN" and _CHINESE_PHONE.fullmatch(bare):
        text = bare
    found = read_phone(text, region)
    if found is None:
        raise VerbRefused("“{text}” is no phone number; mend it, or leave it empty", text=text[:40])
    return found
