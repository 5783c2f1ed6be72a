"""What operators see of claims without seeing anybody's details: lists, one claim, and how the vouchers stand."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from core.answers import Line, line
from core.campaign.publication import get_campaign
from core.campaign.published import newest_rules
from core.models import Campaign
from handlers.claims.fulfilment import no_claim
from handlers.claims.items import pool_name, voucher_pools
from handlers.claims.tables import Claim
from handlers.claims.vouchers import counts
from handlers.draws import Prize
from handlers.gifts import Gift


class ListedClaim(NamedTuple):
    """One claim, and the name of its campaign."""

    claim: Claim
    campaign: str

    @property
    def approvals(self) -> Line:
        """How many of the approvals that it needs were given."""
        if not self.claim.needs_approval:
            return line("none needed")
        return line("{given} of 2", given=sum(map(bool, (self.claim.first_approver, self.claim.second_approver))))


def _claims() -> Select[Claim, str]:
    return select(Claim, Campaign.name).join(Campaign, Campaign.id == Claim.campaign_id)


def listed(
    session: Session,
    campaign: str | None,
    state: str | None,
    *,
    waits_for_approval: bool,
    most: int,
    whose: Sequence[int] | None = None,
) -> list[ListedClaim]:
    """Up to ``most`` claims (of one campaign, or of these players), oldest first. Raises CampaignRefused."""
    statement = _claims().order_by(Claim.id).limit(most)
    if campaign is not None:
        statement = statement.where(Claim.campaign_id == get_campaign(session, campaign).id)
    if whose is not None:
        statement = statement.where(Claim.player_id.in_(whose))
    if state is not None:
        statement = statement.where(Claim.state == state)
    if waits_for_approval:
        waiting = Claim.needs_approval & Claim.second_approver.is_(None) & Claim.state.in_(("open", "ready"))
        statement = statement.where(waiting)
    return [ListedClaim(claim, name) for claim, name in session.execute(statement)]


def get_claim(session: Session, claim_id: int) -> ListedClaim:
    """The claim ``claim_id``. Raises ClaimRefused."""
    found = session.execute(_claims().where(Claim.id == claim_id)).first()
    if found is None:
        raise no_claim(claim_id)
    return ListedClaim(found[0], found[1])


class VoucherPool(NamedTuple):
    """The vouchers of one prize or gift, and how many more will be asked for."""

    campaign: str
    name: str
    is_imported: bool
    total: int
    handed: int
    waiting: int
    """Players who have won or bought it and have no voucher yet."""
    stock_left: int

    @property
    def free(self) -> int:
        """Vouchers that nobody has."""
        return self.total - self.handed

    @property
    def missing(self) -> int:
        """Vouchers to be imported before the last piece is gone."""
        return max(self.waiting + self.stock_left - self.free, 0) if self.is_imported else 0


def voucher_stock(session: Session, campaign: str | None) -> Iterator[VoucherPool]:
    """The pools of all campaigns (or of one). Raises CampaignRefused."""
    chosen = [get_campaign(session, campaign)] if campaign else session.scalars(select(Campaign).order_by(Campaign.id))
    for one in chosen:
        totals, waiting, stock = counts(session, one.id), _waiting(session, one.id), _stock(session, one.id)
        for pool, is_imported in voucher_pools(newest_rules(session, one)).items():
            total, handed = totals.get(pool, (0, 0))
            yield VoucherPool(one.name, pool, is_imported, total, handed, waiting.get(pool, 0), stock.get(pool, 0))


def _waiting(session: Session, campaign_id: int) -> dict[str, int]:
    mine = (Claim.campaign_id == campaign_id) & (Claim.kind == "voucher") & (Claim.state == "ready")
    is_gift = Claim.source == "gift"
    rows = session.execute(select(is_gift, Claim.item, func.count()).where(mine).group_by(is_gift, Claim.item))
    waiting: dict[str, int] = {}
    for gift, item, count in rows:
        pool = pool_name(item, gift=bool(gift))
        waiting[pool] = waiting.get(pool, 0) + count
    return waiting


def _stock(session: Session, campaign_id: int) -> dict[str, int]:
    left: dict[str, int] = {}
    for model, gift in ((Prize, False), (Gift, True)):
        rows = session.execute(select(model.name, model.stock_left).where(model.campaign_id == campaign_id))
        left |= {pool_name(name, gift=gift): pieces for name, pieces in rows}
    return left
