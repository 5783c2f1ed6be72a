"""Load what players win and buy: claims, the stock of gifts and prizes, and vouchers that nobody has yet.

The claims of a player change under that player's lock only. A voucher changes hands under the lock of the stock of its
prize or gift, so the free ones that are read after that lock are nobody else's.
"""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import database, lists
from core.claims.items import imported_pools
from core.context import TurnRows
from core.models import Claim, Gift, Player, Prize, Voucher
from core.models.players import ROOT

_PRIZES = database.locked(
    select(Prize).where(lists.among(Prize.campaign_id, "campaign_ids")).order_by(Prize.campaign_id), Prize.name, Prize
)
_GIFTS = database.locked(
    select(Gift).where(lists.among(Gift.campaign_id, "campaign_ids")).order_by(Gift.campaign_id), Gift.name, Gift
)
_CLAIMS = (
    select(ROOT, Claim)
    .join(Player, Player.id == Claim.player_id)
    .where(lists.among(Player.id, "ids") | lists.among(Player.merged_into, "ids"))
    .order_by(Claim.id)
)
_HANDED = select(Voucher).where(lists.among(Voucher.claim_id, "claim_ids"))


def lock_prizes(session: Session, rows: TurnRows, campaign_ids: Iterable[int], takers: int) -> None:
    """Lock the stock of all prizes of these campaigns; have a voucher of each at hand for ``takers`` players."""
    wanted = sorted(set(campaign_ids))
    if not wanted:
        return
    for prize in session.scalars(_PRIZES, {"campaign_ids": wanted}):
        rows.prizes[prize.campaign_id, prize.name] = prize
    for campaign_id in wanted:
        draw = rows.campaigns[campaign_id].rules.draw
        load_free_vouchers(session, rows, campaign_id, imported_pools(draw.prizes if draw else ()), takers)


def lock_gifts(session: Session, rows: TurnRows, campaign_ids: Iterable[int], takers: int) -> None:
    """Lock the stock of all gifts of these campaigns; have a voucher of each at hand for ``takers`` players."""
    wanted = sorted(each for each in set(campaign_ids) if rows.campaigns[each].rules.gifts)
    if not wanted:
        return
    for gift in session.scalars(_GIFTS, {"campaign_ids": wanted}):
        rows.gifts[gift.campaign_id, gift.name] = gift
    for campaign_id in wanted:
        pools = imported_pools(rows.campaigns[campaign_id].rules.gifts or ())
        load_free_vouchers(session, rows, campaign_id, pools, takers)


def read_gifts(session: Session, rows: TurnRows, campaign_ids: Iterable[int]) -> None:
    """The stock of all gifts of these campaigns, to be shown; none of them may be handed out."""
    wanted = sorted(each for each in set(campaign_ids) if rows.campaigns[each].rules.gifts)
    if wanted:
        for gift in session.scalars(select(Gift).where(Gift.campaign_id.in_(wanted))):
            rows.gifts[gift.campaign_id, gift.name] = gift


def load_free_vouchers(session: Session, rows: TurnRows, campaign_id: int, pools: Iterable[str], most: int) -> None:
    """Up to ``most`` vouchers of each of ``pools`` that nobody has; the stock of their items is locked."""
    for pool in pools:
        free = select(Voucher).where(Voucher.campaign_id == campaign_id, Voucher.item == pool)
        statement = free.where(Voucher.claim_id.is_(None)).order_by(Voucher.hash).limit(most)
        rows.free_vouchers[campaign_id, pool] = list(session.scalars(statement))


def load_claims(session: Session, rows: TurnRows, players: Iterable[Player]) -> None:
    """All claims of these players, which are locked, and the vouchers that were handed to them. Two queries."""
    ids = sorted({player.id for player in players})
    if not ids:
        return
    rows.claims.update((player_id, []) for player_id in ids)
    for root, claim in session.execute(_CLAIMS, {"ids": ids}):
        rows.claims[root].append(claim)
    claim_ids = sorted(claim.id for each in ids for claim in rows.claims[each] if claim.kind == "voucher")
    if claim_ids:
        for voucher in session.scalars(_HANDED, {"claim_ids": claim_ids}):
            rows.handed_vouchers[voucher.claim_id or 0] = voucher
