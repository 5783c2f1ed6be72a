"""Vouchers from a list: take them in, count them, and give them to the players who wait for one."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, text, tuple_
from sqlalchemy.orm import Session

from core import bulk
from core.campaign.publication import get_campaign
from core.campaign.published import newest_rules
from core.campaign.rules import Rules
from core.context import TurnRows
from core.database import finds
from core.engine.runtime import Runtime
from core.engine.unit_of_work import unit_of_work
from core.keys import Keyring
from core.models.base import table_of
from core.operators import VerbRefused
from handlers.claims.handover import CARD_JOINT, hand_over, new_voucher
from handlers.claims.items import voucher_pools
from handlers.claims.load import ClaimRows, load_claims, load_free_vouchers
from handlers.claims.replies import notify, told
from handlers.claims.stock import lock_stock
from handlers.claims.tables import Claim, Voucher

_COLUMNS = tuple(column.name for column in table_of(Voucher).columns)
LONGEST = 60
"""Letters of a voucher, and of each half of an e-card."""
_AT_ONCE = 5_000
_SERVED_AT_ONCE = 50


class VouchersRefused(VerbRefused):
    """These vouchers cannot be taken in; the message says why and what to do."""


class Taken(NamedTuple):
    """How many vouchers were new, and the rows of those that were here already."""

    new: int
    known: tuple[int, ...]


def take_in(session: Session, keys: Keyring, campaign_name: str, item: str, codes: Iterable[tuple[int, str]]) -> Taken:
    """Store ``codes`` (row and code) as vouchers of ``item``, a prize or "gift:" and a gift of the campaign.

    A code that is here already is left as it is. Raises VouchersRefused, naming the row; then nothing is stored.
    """
    campaign = get_campaign(session, campaign_name)
    _refuse_other_items(newest_rules(session, campaign), item)
    table, rows, row_of = table_of(Voucher), [], dict[bytes, int]()
    known, count = list[int](), 0
    for row, code in codes:
        if not all(1 <= len(part) <= LONGEST and part.isprintable() for part in code.split(CARD_JOINT)):
            told = "row {row}: a voucher has 1 to {longest} letters, digits and signs on one line"
            raise VouchersRefused(told, row=row, longest=LONGEST)
        voucher = new_voucher(keys, campaign.id, item, code)
        if row_of.setdefault(voucher.hash, row) != row:
            known.append(row)
        else:
            rows.append({name: getattr(voucher, name) for name in _COLUMNS})
    if not rows:
        raise VouchersRefused("the file holds no vouchers; give one a row")
    rows.sort(key=lambda row: row["hash"])
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        new = {claimed for (claimed,) in bulk.claim(session, table, some, table.c.hash)}
        known += (row_of[row["hash"]] for row in some if row["hash"] not in new)
        count += len(new)
    return Taken(count, tuple(sorted(known)))


def _refuse_other_items(rules: Rules, item: str) -> None:
    pools = voucher_pools(rules)
    if pools.get(item):
        return
    if item in pools:
        told = "the vouchers of {item} are generated here; say vouchers: imported in the file first"
        raise VouchersRefused(told, item=item)
    known = ", ".join(sorted(pools)) or "none has claim: voucher"
    raise VouchersRefused("{item} is not handed out by voucher; this campaign has: {known}", item=item, known=known)


def counts(session: Session, campaign_id: int) -> dict[str, tuple[int, int]]:
    """(vouchers in all, handed out) of every pool of a campaign that has any."""
    statement = select(Voucher.item, func.count(), func.count(Voucher.claim_id)).where(
        Voucher.campaign_id == campaign_id
    )
    return {item: (total, handed) for item, total, handed in session.execute(statement.group_by(Voucher.item))}


_POOL = case((Claim.source == "gift", "gift:" + Claim.item), else_=Claim.item)
_FREE = exists().where(Voucher.campaign_id == Claim.campaign_id, Voucher.item == _POOL, Voucher.claim_id.is_(None))
_WAITS = and_(
    text("claims.kind = 'voucher' AND claims.state = 'ready'"),  # spelt out, for the index that holds only these
    or_(~Claim.needs_approval, Claim.second_approver.is_not(None)),
)
_WAITING = (
    select(Claim.player_id, Claim.id, Claim.campaign_id, _POOL).where(_WAITS).order_by(Claim.id).limit(_SERVED_AT_ONCE)
)
_OWING = select(Claim.campaign_id).where(_WAITS).distinct()


def serve_waiting(runtime: Runtime, at: datetime) -> int:
    """Give vouchers that have come since to players who wait for one, and tell them; returns how many."""
    total = 0
    while served := _serve_some(runtime, at):
        total += served
    return total


def _serve_some(runtime: Runtime, at: datetime) -> int:
    if not finds(runtime.sessions, _WAITING):
        return 0
    with unit_of_work(runtime, at) as work:
        session = work.session
        owing = session.scalars(_OWING).all()
        rows = work.rows
        waiting = session.execute(_WAITING.where(or_(_FREE, _made_here(rows, owing)))).all()
        if not waiting:
            return 0
        people = work.lock_people(claim[0] for claim in waiting)
        campaigns = {claim[2] for claim in waiting}
        lock_stock(session, rows, campaigns)
        for campaign_id in campaigns:
            pools = {claim[3] for claim in waiting if claim[2] == campaign_id}
            load_free_vouchers(session, rows, campaign_id, sorted(pools), len(waiting))
        load_claims(session, rows, people.values())
        wanted = {claim[1] for claim in waiting}
        mine = [claim for claims in rows.of(ClaimRows).claims.values() for claim in claims]
        served = 0
        for claim in sorted(mine, key=lambda claim: claim.id):
            waits = claim.id in wanted and claim.state == "ready"
            if waits and hand_over(rows, rows.people[rows.root(claim.player_id)], claim, at):
                notify(rows, claim, [told(rows, claim, at)], "voucher", at)
                served += 1
        return served


def _made_here(rows: TurnRows, campaign_ids: Iterable[int]) -> ColumnElement[bool]:
    """The claim's vouchers are generated by now, whatever they were when it was opened."""
    pools = [
        (campaign_id, pool)
        for campaign_id in campaign_ids
        for pool, is_imported in voucher_pools(rows.campaigns[campaign_id].rules).items()
        if not is_imported
    ]
    return tuple_(Claim.campaign_id, _POOL).in_(pools)
