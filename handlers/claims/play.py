"""Open a claim for what was won or bought; hand over at once what can be: points, a voucher, a pick-up code."""

from datetime import datetime

from core import ledger
from core.campaign.live import LiveCampaign
from core.campaign.rules import Rules
from core.context import TurnRows
from core.models import Player
from core.timers.schedule import set_timer
from handlers.claims.handover import give_pickup_code, hand_over
from handlers.claims.items import item_of
from handlers.claims.load import ClaimRows
from handlers.claims.rules import ClaimRules
from handlers.claims.tables import Claim
from handlers.draws import DrawRows, PrizeRules
from handlers.gifts import GiftRows, GiftRules

REMIND, DEADLINE, DEADLINE_DRAW = "claim.remind", "claim.deadline", "claim.deadline-draw"
"""A deadline after which the prize is drawn again is a kind of its own: it takes a transaction alone."""


def open_claim(
    rows: TurnRows,
    player: Player,
    item: PrizeRules | GiftRules,
    *,
    source: str,
    ref: str,
    at: datetime,
    claim_id: int | None = None,
) -> Claim | None:
    """Open the claim for one piece that the transfer ``ref`` gave to ``player``; None where the file names no way.

    Its deadline and the reminders before it are set. What needs approval is handed over when it has it.
    """
    if item.claim is None:
        return None
    claim = _new_claim(rows, player, item, source=source, ref=ref, at=at, claim_id=claim_id)
    rows.add(claim)
    rows.gains += 1
    if player.id in rows.of(ClaimRows).claims:
        rows.of(ClaimRows).claims[player.id].append(claim)
    if claim.kind == "delivery":
        start_deadline(rows, rows.campaigns[claim.campaign_id], claim, at)
    if not claim.needs_approval:
        proceed(rows, player, claim, at)
    return claim


def _new_claim(
    rows: TurnRows,
    player: Player,
    item: PrizeRules | GiftRules,
    *,
    source: str,
    ref: str,
    at: datetime,
    claim_id: int | None,
) -> Claim:
    campaign = rows.campaigns[player.campaign_id]
    return Claim(
        player_id=player.id,
        id=rows.new_id(at) if claim_id is None else claim_id,
        campaign_id=campaign.id,
        source=source,
        ref=ref,
        item=item.name,
        price=item.price if isinstance(item, GiftRules) else 0,
        points=item.points or 0 if isinstance(item, PrizeRules) else 0,
        kind=item.claim,
        state="open" if item.claim == "delivery" else "ready",
        details_sealed=None,
        revision=0,
        exported_revision=None,
        carrier=None,
        tracking=None,
        pickup_hash=None,
        handed_by=None,
        needs_approval=_needs_approval(campaign.rules, item),
        first_approver=None,
        second_approver=None,
        opened_at=at,
        deadline_at=None,
        closed_at=None,
    )


def proceed(rows: TurnRows, player: Player, claim: Claim, at: datetime) -> None:
    """Hand over what needs no more approval; a delivery goes on when its details are known and it ships."""
    campaign = rows.campaigns[claim.campaign_id]
    if claim.kind == "counter" and claim.state == "ready":
        give_pickup_code(rows.keys, claim)
        start_deadline(rows, campaign, claim, at)
    if claim.kind in {"voucher", "points"} and claim.state == "ready":
        hand_over(rows, player, claim, at)


def title_of(rules: Rules, claim: Claim) -> dict[str, str]:
    """The title of what is claimed, by language."""
    item = item_of(rules, claim)
    return item.title.model_dump() if item else {"zh": claim.item, "en": claim.item}


def start_deadline(rows: TurnRows, campaign: LiveCampaign, claim: Claim, at: datetime) -> None:
    """From ``at`` on the player has the time that the file gives."""
    rules = campaign.rules.section(ClaimRules)
    claim.deadline_at = at + rules.within
    drawn_again = claim.source == "draw" and rules.unclaimed == "second draw"
    kind = DEADLINE_DRAW if drawn_again else DEADLINE
    set_timer(rows, claim.player_id, kind, subject=claim.id, due_at=claim.deadline_at)
    for number, before in enumerate(rules.reminders(), start=1):
        due_at = claim.deadline_at - before
        set_timer(rows, claim.player_id, REMIND, subject=claim.id, due_at=due_at, occurrence=number)


def _needs_approval(rules: Rules, item: PrizeRules | GiftRules) -> bool:
    limit = rules.section(ClaimRules).approve_above
    return limit is not None and item.value is not None and item.value.cents > limit.cents


def give_up(rows: TurnRows, player: Player, claim: Claim, *, state: str, at: datetime) -> None:
    """The piece goes back to its stock, which is locked, and the points of a gift to ``player``."""
    stock = rows.of(GiftRows).gifts if claim.source == "gift" else rows.of(DrawRows).prizes
    item = stock[claim.campaign_id, claim.item]
    ledger.take_back(rows, item, claim.player_id, ref=f"returned:{claim.id}", reason="returned", at=at)
    if claim.price:
        ref = f"refund:{claim.id}"
        ledger.award(rows, player, claim.price, ref=ref, reason="refund", at=at, source="gifts")
    claim.state, claim.closed_at = state, at
