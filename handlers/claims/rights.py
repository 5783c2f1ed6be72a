"""What claims keep about people, what they won and where it goes; and what of it is sealed."""

import json
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from core.context import TurnRows
from core.personal import CAMPAIGN, Cell, Forgetting, Kept, Label, WhoseData, by, column
from core.sealed import Sealed, by_key
from core.words import Mark, row_number
from handlers.claims.details import DETAILS_COLUMN, claim_row, details_of
from handlers.claims.handover import VOUCHER_COLUMN
from handlers.claims.load import ClaimRows
from handlers.claims.play import give_up
from handlers.claims.tables import Claim, SecondDraw, Voucher, WinnerRecord
from handlers.claims.timers import load_with_stock


def _detail(name: str) -> Callable[[WhoseData, Claim], Cell]:
    def give(whose: WhoseData, row: Claim) -> Cell:
        opened = whose.opened(DETAILS_COLUMN, claim_row(row.player_id, row.id), row.details_sealed)
        said = None if opened is None else json.loads(opened).get(name)
        return said if said is None or isinstance(said, str) else json.dumps(said, ensure_ascii=False)

    return give


def _number(_whose: WhoseData, row: Claim) -> Cell:
    return row_number(Mark.CLAIM, row.id)


def _code(whose: WhoseData, row: Voucher) -> Cell:
    return whose.opened(VOUCHER_COLUMN, row.hash, row.code_sealed)


def _my_vouchers(whose: WhoseData) -> ColumnElement[bool]:
    return Voucher.claim_id.in_(select(Claim.id).where(Claim.player_id.in_(whose.ids)))


KEPT = (
    Kept(
        table=Claim,
        title=Label("What you won or bought", "您赢得或兑换的物品"),
        of=by(Claim.player_id),
        gives=(
            (Label("number", "编号"), _number),
            CAMPAIGN,
            (Label("item", "物品"), column("item")),
            (Label("state", "状态"), column("state")),
            (Label("name", "姓名"), _detail("name")),
            (Label("phone", "电话"), _detail("phone")),
            (Label("address", "地址"), _detail("address")),
            (Label("carrier", "快递公司"), column("carrier")),
            (Label("tracking", "快递单号"), column("tracking")),
            (Label("opened", "开始时间"), column("opened_at")),
            (Label("deadline", "截止时间"), column("deadline_at")),
            (Label("closed", "结束时间"), column("closed_at")),
        ),
    ),
    Kept(
        table=Voucher,
        title=Label("Your vouchers", "您的券码"),
        of=_my_vouchers,
        gives=(
            CAMPAIGN,
            (Label("item", "物品"), column("item")),
            (Label("code", "券码"), _code),
            (Label("handed out", "发放时间"), column("handed_at")),
        ),
    ),
    Kept(
        table=SecondDraw,
        title=Label("Prizes that you left, drawn again", "您未领取而再次抽出的奖品"),
        of=by(SecondDraw.player_id),
        gives=(CAMPAIGN, (Label("prize", "奖品"), column("prize")), (Label("at", "时间"), column("at"))),
    ),
)

WINNER_COLUMN = "winner_records.winner"


def _winner_row(claim_id: int) -> bytes:
    return claim_id.to_bytes(8, "big")


SEALED = (
    Sealed(
        column=Claim.details_sealed,
        where=DETAILS_COLUMN,
        named_by=(Claim.player_id, Claim.id),
        row=claim_row,
        locked=True,
    ),
    Sealed(column=Voucher.code_sealed, where=VOUCHER_COLUMN, named_by=(Voucher.hash,), row=by_key, locked=True),
    Sealed(column=WinnerRecord.winner_sealed, where=WINNER_COLUMN, named_by=(WinnerRecord.claim_id,), row=_winner_row),
)


def part(session: Session, rows: TurnRows, at: datetime) -> None:
    """Give up what waits for its player: the piece goes back to stock. A parcel that is packed goes on."""
    load_with_stock(session, rows, rows.people.values())
    for root, claims in rows.of(ClaimRows).claims.items():
        for claim in claims:
            if claim.state == "open" or (claim.state == "ready" and claim.kind != "delivery"):
                give_up(rows, rows.people[root], claim, state="cancelled", at=at)


def forget(forgetting: Forgetting) -> None:
    """Take names, phones and addresses off claims; of prizes that were had, the winners' record keeps who it was."""
    keys = forgetting.whose.keys
    for claim in forgetting.session.scalars(select(Claim).where(Claim.player_id.in_(forgetting.whose.ids))):
        if claim.kind == "delivery" and claim.state in {"ready", "shipped"} and forgetting.patient:
            forgetting.waits.append(row_number(Mark.CLAIM, claim.id))
            continue
        details = details_of(keys, claim) if claim.details_sealed is not None else None
        if details is not None and claim.source != "gift" and claim.state in {"shipped", "received"}:
            told = json.dumps({"name": details.name, "phone": details.phone}, ensure_ascii=False)
            record = WinnerRecord(
                claim_id=claim.id,
                campaign_id=claim.campaign_id,
                item=claim.item,
                winner_sealed=keys.seal(WINNER_COLUMN, _winner_row(claim.id), told),
                won_at=claim.opened_at,
            )
            forgetting.session.add(record)
        claim.details_sealed = claim.carrier = claim.tracking = None
    forgetting.session.flush()
