"""What operators do with claims: look at them, approve, deliver, hand over at the counter, cancel."""

import itertools
from typing import Annotated, Literal

from pydantic import Field

from core.answers import (
    Answer,
    Change,
    Column,
    ColumnFormat,
    Line,
    Reach,
    Table,
    Value,
    VerbName,
    line,
    more_than,
    said,
)
from core.arguments import Arguments, ClaimNumber, Given, PlayerArgument
from core.database import read_only
from core.engine.lookup import find_player, ids_of
from core.operators import Role, VerbRefused
from core.verbs import Attended, Desk, Group, LeftFile, Verb, patiently
from core.words import Mark, row_number
from handlers.claims import fulfilment
from handlers.claims.details import FIELDS, details_of
from handlers.claims.queries import ListedClaim, get_claim, listed, voucher_stock
from handlers.claims.shipments import AT_ONCE, MOST_LINES, dispatch, find_outgoing, listed_before, prepare
from handlers.claims.shipping_list import write_list

_State = Literal["open", "ready", "shipped", "received", "lapsed", "cancelled"]


class _List(Arguments):
    campaign: Annotated[str | None, Given.IN_PLACE] = Field(None, description="Those of one campaign.")
    state: _State | None = Field(None, description="Only these.")
    waiting_for_approval: bool = Field(
        default=False, description="Only what two operators must approve, and have not yet."
    )
    player: PlayerArgument | None = Field(
        None, description="Those of one player: number, phone, invite code or address."
    )
    limit: Annotated[int, Field(ge=1, le=100_000)] = Field(100, description="At most so many.")


class _Claim(Arguments):
    number: ClaimNumber = Field(description="The number of a claim, from the list.")


class _Show(_Claim):
    details: bool = Field(default=False, description="Show name, phone and address, too.")


class _Claims(Arguments):
    numbers: tuple[ClaimNumber, ...] = Field(title="NUMBER", min_length=1, description="Numbers of claims.")


class _Cancel(_Claim):
    reason: Annotated[str, Given.BY_NAME] = Field(description="Told to the player.", examples=["out of stock"])


class _PickUp(Arguments):
    code: str = Field(description="What the player shows.", examples=["7KQ2-9XMP"])


_COLUMNS = (
    Column("number", ColumnFormat.COPIED),
    Column("campaign"),
    Column("item"),
    Column("kind"),
    Column("state"),
    Column("source"),
    Column("opened", ColumnFormat.MINUTE),
    Column("deadline", ColumnFormat.MINUTE),
    Column("approvals"),
    Column("revision"),
)
_MORE = (
    Column("exported revision"),
    Column("approved by"),
    Column("carrier"),
    Column("tracking number"),
    Column("closed", ColumnFormat.MINUTE),
)


def _facts(one: ListedClaim) -> tuple[Value, ...]:
    claim = one.claim
    return (
        row_number(Mark.CLAIM, claim.id),
        one.campaign,
        claim.item,
        claim.kind,
        claim.state,
        claim.source,
        claim.opened_at,
        claim.deadline_at,
        one.approvals,
        claim.revision,
    )


def _list(desk: Desk, given: _List) -> Answer:
    waits = given.waiting_for_approval
    with read_only(desk.runtime.sessions) as session:
        whose = None if given.player is None else ids_of(session, find_player(session, desk, given.player))
        found = listed(
            session, given.campaign, given.state, waits_for_approval=waits, whose=whose, most=given.limit + 1
        )
    rows = [_facts(one) for one in found[: given.limit]]
    return Answer([Table("claims", _COLUMNS, rows, empty="There is no such claim."), *more_than(given.limit, found)])


def _show(desk: Desk, given: _Show) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        one = get_claim(session, given.number)
    claim = one.claim
    approvers = ", ".join(filter(None, (claim.first_approver, claim.second_approver)))
    row = [
        *_facts(one),
        claim.exported_revision,
        approvers or None,
        claim.carrier,
        claim.tracking,
        claim.closed_at,
    ]
    columns = [*_COLUMNS, *_MORE]
    if given.details:
        known = details_of(desk.runtime.keys, claim)
        columns += [Column(field) for field in FIELDS]
        row += [getattr(known, field) for field in FIELDS]
    return Answer([Table("claims", columns, [row], upright=True)])


def _approve(desk: Desk, given: _Claim) -> Answer:
    became = patiently(lambda: fulfilment.approve(desk.runtime, given.number, desk.operator, desk.at))
    number = row_number(Mark.CLAIM, given.number)
    with read_only(desk.runtime.sessions) as session:
        one = get_claim(session, given.number)
    given_before = 1 if one.claim.second_approver is not None else 0
    return Answer(
        [line("{number}: {became}.", number=number, became=became)],
        changes=[Change("approvals", given_before, given_before + 1, number)],
        reach=Reach(1, campaign=one.campaign),
    )


def _deliver(desk: Desk, given: _Claims) -> Answer:
    refused: list[Line] = []
    changes: list[Change] = []
    for number in given.numbers:
        try:
            _delivered(desk, number)
        except VerbRefused as why:
            refused.append(why.line)
        else:
            changes.append(Change("state", "shipped", "received", row_number(Mark.CLAIM, number)))
    done = line("delivered {done}, refused {refused}", done=len(given.numbers) - len(refused), refused=len(refused))
    return Answer([done], wrong=refused, changes=changes, reach=Reach(len(changes)))


def _delivered(desk: Desk, claim_id: int) -> None:
    patiently(lambda: fulfilment.deliver(desk.runtime, claim_id, desk.at))


def _cancel(desk: Desk, given: _Cancel) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        one = get_claim(session, given.number)
    before, number = one.claim.state, row_number(Mark.CLAIM, given.number)
    patiently(lambda: fulfilment.cancel(desk.runtime, given.number, given.reason, desk.at))
    return Answer(
        [line("{number} is cancelled; the player is told.", number=number)],
        changes=[Change("state", before, "cancelled", number)],
        reach=Reach(1, one.claim.price or 0, one.campaign),
    )


def _pick_up(desk: Desk, given: _PickUp) -> Answer:
    number, title = patiently(lambda: fulfilment.pick_up(desk.runtime, given.code, desk.operator, desk.at))
    return Answer(
        [line("Hand over: {item}", item=f"{title} ({number})")],
        changes=[Change("state", "open", "received", number)],
        reach=Reach(1),
    )


class _Vouchers(Arguments):
    campaign: Annotated[str | None, Given.IN_PLACE] = Field(None, description="Those of one campaign.")


_POOL = (
    Column("campaign"),
    Column("pool"),
    Column("vouchers"),
    Column("in all"),
    Column("handed out"),
    Column("free"),
    Column("waiting players"),
    Column("stock left"),
)
_MISSING = (
    "{campaign} {pool}: {stock_left} pieces are in stock and {waiting} players wait, but {free} vouchers are free;"
    " import {missing} more"
)


def _vouchers(desk: Desk, given: _Vouchers) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        pools = list(voucher_stock(session, given.campaign))
    rows = [
        (
            one.campaign,
            one.name,
            "imported" if one.is_imported else "generated",
            one.total,
            one.handed,
            one.free,
            one.waiting,
            one.stock_left,
        )
        for one in pools
    ]
    missing = [
        line(
            _MISSING,
            campaign=one.campaign,
            pool=one.name,
            stock_left=one.stock_left,
            waiting=one.waiting,
            free=one.free,
            missing=one.missing,
        )
        for one in pools
        if one.missing
    ]
    return Answer([Table("pools", _POOL, rows, empty="No voucher was taken in yet."), *missing])


class _Export(Arguments):
    campaign: str = Field(description="The name of a campaign.", examples=["snack"])
    all: bool = Field(False, description="Everything that is ready, listed before or not.")
    language: Literal["zh", "en"] | None = Field(
        None, description="Of the headings; the campaign's own where not given."
    )
    form: Annotated[Literal["xlsx", "csv"], Given.IN_CHAT] = Field("xlsx", description="What the file is.")


def _foresee_export(desk: Desk, given: _Export) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        outgoing = find_outgoing(session, given.campaign, again=given.all, most=MOST_LINES)
    return said("{count} parcels would be in the file.", count=len(outgoing.claim_ids))


def _export(desk: Desk, given: _Export) -> Answer:
    """List what is ready, marked as listed in the transaction in which the file becomes whole.

    A job that is killed behind it lists exactly the same once more.
    """
    runtime, work = desk.runtime, desk.work
    with read_only(runtime.sessions) as session:
        if work.kept:
            outgoing = listed_before(session, given.campaign, work.kept["claims"])
        else:
            outgoing = find_outgoing(session, given.campaign, again=given.all, most=MOST_LINES)
        total = len(outgoing.claim_ids)
        done = itertools.count(AT_ONCE, AT_ONCE)
        prepared = prepare(session, runtime.keys, outgoing, lambda _some: work.told(min(next(done), total), total))
    if not total:
        told = "Nothing of {campaign} is ready that was not listed before; no file was written."
        return said(told, campaign=given.campaign)
    path = desk.path_for(f"parcels-{given.campaign}.{given.form}")
    is_written = False
    try:
        with runtime.sessions.begin() as session:
            work.step(session, total, total, claims=list(outgoing.claim_ids))
            parcels = dispatch(session, runtime.keys, outgoing, prepared)
            count = write_list(path, given.language or ("zh" if outgoing.rules.language == "zh" else "en"), parcels)
            is_written = True
    except Exception as error:
        if not is_written or not isinstance(work, Attended):
            raise
        raise VerbRefused(_PERHAPS_LISTED, path=str(path), why=type(error).__name__) from error
    parts = [line("{count} parcels are in the file. It holds names and addresses: delete it at the end.", count=count)]
    if outgoing.left:
        parts.append(line("{left} more are ready; export them to another file.", left=outgoing.left))
    parts.append(
        line("When carrier and tracking number are filled in: {verb}", verb=VerbName("claims ship --file FILE"))
    )
    return Answer(parts, changes=[Change("parcels listed", None, count, given.campaign)], file=path)


_SHIP_LIST = VerbName("claims ship --file FILE")
_PERHAPS_LISTED = (
    "{path} is whole and is kept, but its parcels may or may not be marked as listed ({why});"
    " the next list may hold them again: give the warehouse one of both"
)


_VOUCHERS = Group(
    "vouchers", "Take in the vouchers that prizes and gifts are handed out by, and see how many are left."
)
_CLAIMS = Group(
    "claims", "Bring prizes and gifts to their players: approve, export for the warehouse, ship, hand over, cancel."
)
VERBS = (
    Verb(
        group=_CLAIMS,
        word="list",
        chinese="领奖单",
        role=Role.SUPPORT,
        says="All claims, or those of one campaign, oldest first; no names and no addresses.",
        takes=_List,
        act=_list,
    ),
    Verb(
        group=_CLAIMS,
        word="show",
        chinese="查领奖",
        role=Role.SUPPORT,
        says="One claim.",
        takes=_Show,
        act=_show,
    ),
    Verb(
        group=_CLAIMS,
        word="approve",
        chinese="批准领奖",
        role=Role.OPERATOR,
        says="Approve a claim; two different operators must, before what is of great value leaves.",
        takes=_Claim,
        act=_approve,
        changes=True,
        final="an approval stays with the claim; cancel the claim if it must not leave",
        signed="the claim",
    ),
    Verb(
        group=_CLAIMS,
        word="deliver",
        chinese="已送达",
        role=Role.SUPPORT,
        says="The parcels of these claims have arrived; the players are told.",
        more="Each is done by itself: what is refused keeps no other from being delivered.",
        takes=_Claims,
        act=_deliver,
        changes=True,
        final="the players were told",
    ),
    Verb(
        group=_CLAIMS,
        word="cancel",
        chinese="取消领奖",
        role=Role.OPERATOR,
        says="Cancel a claim: the piece goes back to stock, points for a gift to the player, who is told why.",
        takes=_Cancel,
        act=_cancel,
        changes=True,
        confirm="A cancelled claim cannot be brought back, and its player is told. Cancel it?",
        final="the player was told, and the piece may be somebody else's by now",
    ),
    Verb(
        group=_CLAIMS,
        word="pick-up",
        chinese="核销",
        role=Role.SUPPORT,
        says="Redeem the pick-up code that a player shows at the counter; it works once.",
        takes=_PickUp,
        act=_pick_up,
        changes=True,
        final="it was handed over, and its code works no more",
    ),
    Verb(
        group=_CLAIMS,
        word="export",
        chinese="导出包裹",
        role=Role.OPERATOR,
        says="The list of parcels of a campaign that are ready to ship and were not listed as they are now.",
        more="It holds names, phones and addresses. The warehouse fills in carrier and tracking number.",
        takes=_Export,
        act=_export,
        changes=True,
        final="what was listed stays so; export everything once more, listed before or not",
        long=True,
        foresees=_foresee_export,
        leaves=LeftFile("A new .csv or .xlsx.", "parcels.xlsx"),
    ),
    Verb(
        group=_VOUCHERS,
        word="status",
        chinese="查券",
        role=Role.SUPPORT,
        says="What there is of vouchers, of all campaigns or of one, and what is missing.",
        takes=_Vouchers,
        act=_vouchers,
    ),
)
