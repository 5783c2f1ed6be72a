"""What operators do with purchases: take a table of a till in, look at them, and note what was given back."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from core.answers import Answer, Change, Column, ColumnFormat, Line, Reach, Table, Value, line, more_than
from core.arguments import Arguments, Given, PlayerArgument, SentFile
from core.campaign.live import LiveCampaign
from core.campaign.quantities import Money
from core.database import read_only
from core.engine.lookup import find_player, ids_of
from core.operators import Role, VerbRefused
from core.verbs import Desk, Group, Verb
from core.words import Mark, row_number
from handlers.purchases import importer
from handlers.purchases.readings import read_amount
from handlers.purchases.receipts import MILLI, Reading, ReceiptTable, ReceiptTables
from handlers.purchases.refunds import refund
from handlers.purchases.rules import PurchaseRules
from handlers.purchases.tables import CODES, Purchase, PurchaseItem

TILL = "till"
_SHOWN = 20
_MOST_SHOWN = 1000
_FILE_NAME = 80

Source = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}$")]


def _no_codes(source: str) -> str:
    if source == CODES:
        raise PydanticCustomError("source", "codes are no till; choose another name")
    return source


class _Import(Arguments):
    file: SentFile | None = Field(None, description="A table of receipts, sent here as a document within ten minutes.")
    campaign: str | None = Field(
        None, description="The name of a campaign, where several know purchases.", examples=["snack"]
    )
    source: Annotated[Source, AfterValidator(_no_codes)] = Field(
        TILL, description="Whose receipt numbers these are: each is taken in once."
    )
    dates: Literal["day-first", "month-first"] | None = Field(
        None, description="How to read 03/04/2026, where the table does not show it."
    )
    sheet: str | None = Field(None, description="Which worksheet of a workbook, where several are filled.")


class Choice(Arguments):
    """How a table is taken in."""

    campaign: str | None = None
    source: Annotated[Source, AfterValidator(_no_codes)] = TILL
    dates: Literal["day-first", "month-first"] | None = None


def campaign_of(session: Session, desk: Desk, name: str | None) -> tuple[LiveCampaign, PurchaseRules]:
    """The campaign called ``name``, or the only one that knows purchases. Raises VerbRefused."""
    known = [
        (each, rules)
        for each in desk.runtime.shelf.look(session).values()
        if (rules := each.rules.section(PurchaseRules)) is not None
    ]
    found = [one for one in known if name is None or one[0].rules.name == name]
    if len(found) == 1:
        return found[0]
    if name is not None:
        told = "{campaign} knows no purchases; write “purchases: {example}” into its file and publish it"
        raise VerbRefused(told, campaign=name, example="{currency: CNY}")
    if not found:
        told = "no campaign knows purchases; write “purchases: {example}” into its file and publish it"
        raise VerbRefused(told, example="{currency: CNY}")
    names = ", ".join(sorted(one.rules.name for one, _ in found))
    raise VerbRefused("several campaigns know purchases, say which: {names}", names=names)


class TakingIn:
    """A table that is taken in: looked through first, and then stored."""

    def __init__(self, desk: Desk, table: ReceiptTable, given: Choice) -> None:
        with read_only(desk.runtime.sessions) as session:
            campaign, rules = campaign_of(session, desk, given.campaign)
            places = importer.places_known(session)
        day_first = None if given.dates is None else given.dates == "day-first"
        self._reading = Reading(campaign.rules.zone, campaign.rules.region, rules.currency, desk.at, day_first)
        self._desk, self._table = desk, table
        self._intake = importer.Intake(campaign, given.source, table.name[:_FILE_NAME], desk.operator, desk.at, places)

    def look(self, told: Callable[[int], object] = lambda _done: None) -> Answer:
        """What it would bring. Raises VerbRefused where anything is wrong."""
        found = importer.look(self._desk.runtime, self._intake, self._table.receipts(self._reading), told)
        if not found.new + found.known + found.without_buyer:
            raise VerbRefused("{file} has no receipt below its headings", file=self._intake.file)
        name, currency = self._intake.campaign.rules.name, self._reading.currency
        parts = [line("{file}: {told}.", file=self._intake.file, told=self._table.told)]
        if found.first_at is not None and found.last_at is not None:
            told_new = (
                "{new} purchases are new for {campaign}, {amount} in all, from {first:%Y-%m-%d} to {last:%Y-%m-%d}."
            )
            amount = str(Money(found.cents, currency))
            parts.append(
                line(told_new, new=found.new, campaign=name, amount=amount, first=found.first_at, last=found.last_at)
            )
        else:
            parts.append(line("Nothing in it is new for {campaign}.", campaign=name))
        if found.known:
            parts.append(line("{known} are there already and stay as they are.", known=found.known))
        if found.without_buyer:
            parts.append(line("{count} have no buyer and are left out.", count=found.without_buyer))
        return Answer(parts, reach=Reach(0, found.cents, name, currency))

    def store(self, step: Callable[[Session, int], object] = lambda _session, _done: None) -> Answer:
        """Store it. Raises VerbRefused; what was stored before stays."""
        receipts = self._table.receipts(self._reading)
        storing = importer.Storing(self._desk.runtime, self._intake)
        storing.store(receipts, step)
        new, owned = storing.new, storing.owned
        name = self._intake.campaign.rules.name
        parts = [line("{new} purchases taken in for {campaign}.", new=new, campaign=name)]
        if new:
            told = "{owned} of them are of players; the others wait until their buyers join."
            parts.append(line(told, owned=owned))
        return Answer(parts, changes=[Change("purchases", None, new, name)] if new else [])


@contextmanager
def _opened(desk: Desk, given: _Import) -> Iterator[TakingIn]:
    tables = desk.runtime.setting(ReceiptTables)
    if tables is None:
        raise VerbRefused("tables cannot be read here; say it in a terminal")
    if given.file is None:
        raise VerbRefused("there is no file: send it here as a document first")
    with tempfile.TemporaryDirectory() as folder:
        name = "".join(letter for letter in Path(given.file.name).name if letter.isprintable())[-_FILE_NAME:]
        path = Path(folder) / (name.strip(". ") or "receipts")
        path.write_bytes(given.file.content)
        choice = Choice(campaign=given.campaign, source=given.source, dates=given.dates)
        yield TakingIn(desk, tables.open(path, given.sheet), choice)


def _foresee(desk: Desk, given: _Import) -> Answer:
    with _opened(desk, given) as taking:
        return taking.look()


def _take_in(desk: Desk, given: _Import) -> Answer:
    with _opened(desk, given) as taking:
        taking.look(desk.work.told)
        return taking.store(lambda session, done: desk.work.step(session, done, None, stored=done))


class _Refund(Arguments):
    ref: str = Field(description="The number of the receipt.", examples=["A-1001"])
    amount: Annotated[str | None, Given.IN_PLACE] = Field(
        None, description="How much; without it, all that is left.", examples=["12.50"]
    )
    campaign: str | None = Field(None, description="The name of a campaign, where several know purchases.")
    source: Source = Field(TILL, description="Whose receipt number it is.")


def _refund(desk: Desk, given: _Refund) -> Answer:
    with desk.runtime.sessions.begin() as session:
        campaign, rules = campaign_of(session, desk, given.campaign)
        mine = (Purchase.campaign_id == campaign.id) & (Purchase.source == given.source)
        found = session.scalars(select(Purchase).where(mine, Purchase.ref == given.ref)).one_or_none()
        if found is None:
            raise VerbRefused("no purchase of {source} has the number {ref}", source=given.source, ref=given.ref)
        cents = None if given.amount is None else read_amount(given.amount, rules.currency)
        if cents == 0:
            raise VerbRefused("give back 0.01 or more")
        back = refund(session, found, cents, desk.operator, desk.at)
        left = found.amount - found.refunded
    told = "{amount} of {ref} given back; {left} of it stay paid."
    parts = [line(told, amount=str(Money(back, rules.currency)), ref=given.ref, left=str(Money(left, rules.currency)))]
    change = Change("paid", left + back, left, given.ref)
    return Answer(parts, changes=[change], reach=Reach(0, back, campaign.rules.name, rules.currency))


class _List(Arguments):
    campaign: str | None = Field(None, description="Those of one campaign.")
    limit: Annotated[int, Field(ge=1, le=_MOST_SHOWN)] = Field(_SHOWN, description="How many.")


class _Show(Arguments):
    player: PlayerArgument = Field(description="The player: number, phone, invite code or channel/account/user.")
    limit: Annotated[int, Field(ge=1, le=_MOST_SHOWN)] = Field(_SHOWN, description="How many.")


_COLUMNS = (
    Column("at", ColumnFormat.MINUTE),
    Column("receipt", ColumnFormat.COPIED),
    Column("paid"),
    Column("given back"),
    Column("things"),
    Column("source"),
)


def _newest(session: Session, which: ColumnElement[bool], most: int) -> list[Purchase]:
    newest = select(Purchase).where(which).order_by(Purchase.at.desc(), Purchase.id.desc()).limit(most + 1)
    return list(session.scalars(newest))


def _rows(session: Session, found: Sequence[Purchase], currencies: dict[int, str]) -> list[tuple[Value, ...]]:
    mine = PurchaseItem.purchase_id.in_([one.id for one in found])
    things: dict[int, list[str]] = {}
    for one in session.scalars(select(PurchaseItem).where(mine).order_by(PurchaseItem.purchase_id, PurchaseItem.place)):
        count = "" if one.milli == MILLI else f"{one.milli / MILLI:g} × "
        things.setdefault(one.purchase_id, []).append(f"{count}{one.name or one.item}")
    return [
        (
            one.at,
            one.ref,
            str(Money(one.amount, currencies[one.campaign_id])),
            str(Money(one.refunded, currencies[one.campaign_id])) if one.refunded else None,
            ", ".join(things.get(one.id, [])) or None,
            one.source,
        )
        for one in found
    ]


def _currencies(session: Session, desk: Desk) -> dict[int, str]:
    campaigns = desk.runtime.shelf.read(session).values()
    return {each.id: rules.currency for each in campaigns if (rules := each.rules.section(PurchaseRules)) is not None}


def _list(desk: Desk, given: _List) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        currencies = _currencies(session, desk)
        if given.campaign is not None:
            campaign, _ = campaign_of(session, desk, given.campaign)
            currencies = {campaign.id: currencies[campaign.id]}
        found = _newest(session, Purchase.campaign_id.in_(sorted(currencies)), given.limit)
        told = _rows(session, found[: given.limit], currencies)
    rows = [
        (*row, None if one.player_id is None else row_number(Mark.PLAYER, one.player_id))
        for row, one in zip(told, found, strict=False)
    ]
    columns = (*_COLUMNS, Column("player", ColumnFormat.COPIED))
    return Answer([Table("purchases", columns, rows, empty="There are no purchases."), *more_than(given.limit, found)])


def _show(desk: Desk, given: _Show) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        ids = ids_of(session, find_player(session, desk, given.player))
        found = _newest(session, Purchase.player_id.in_(ids), given.limit) if ids else []
        rows = _rows(session, found[: given.limit], _currencies(session, desk))
    parts: list[Line | Table] = [Table("purchases", _COLUMNS, rows, empty="There are no purchases.")]
    return Answer([*parts, *more_than(given.limit, found)])


PURCHASES = Group("purchases", "Take receipts of a till in, look at what players bought, note refunds.")
VERBS: tuple[Verb[Any], ...] = (
    Verb(
        group=PURCHASES,
        word="import",
        chinese="导入购买",
        role=Role.OPERATOR,
        says="Take in the receipts of a till, from the table that you sent.",
        more=(
            "Send the table as a document first: CSV or .xlsx with receipt number, day, phone and amount."
            " What is there already stays as it is."
        ),
        takes=_Import,
        act=_take_in,
        foresees=_foresee,
        changes=True,
        final="what was bought stays bought; note what was given back with purchases refund",
        confirm="What is taken in stays. Take in these purchases?",
        chat_only=True,
        long=True,
    ),
    Verb(
        group=PURCHASES,
        chinese="看购买",
        word="show",
        role=Role.SUPPORT,
        says="What a player bought, the newest first.",
        takes=_Show,
        act=_show,
    ),
    Verb(
        group=PURCHASES,
        chinese="购买列表",
        word="list",
        role=Role.SUPPORT,
        says="The newest purchases.",
        takes=_List,
        act=_list,
    ),
    Verb(
        group=PURCHASES,
        chinese="退款",
        word="refund",
        role=Role.OPERATOR,
        says="Note that what was paid was given back, all of it or a part.",
        more="It moves no money. Never more is given back than was paid.",
        takes=_Refund,
        act=_refund,
        changes=True,
        final="a refund stays; what is paid once more is a purchase with a number of its own",
        confirm="A refund stays. Note it?",
    ),
)
