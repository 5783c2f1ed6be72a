"""Unasked: where something would go, said when nobody asked. It is taken to a delivery, or noted nowhere."""

from collections.abc import Mapping

from core.context import Context
from core.engine.routes import Prompt
from core.messages import Reply
from core.speech.answers import yes_or_no
from core.speech.campaign_choice import played
from core.speech.choices import numbered
from handlers.claims.delivery import PATIENCE, ask_about, begin, claim_about, is_current, outdated
from handlers.claims.details import Details, details_of, details_said, is_editable, offer_details, set_details, shown_at
from handlers.claims.load import BEGUN_BY, CLAIMS, ClaimRows
from handlers.claims.parcel_block import read_parcel
from handlers.claims.play import title_of
from handlers.claims.replies import told
from handlers.claims.tables import Claim


def take_unasked(ctx: Context, said: Mapping[str, str]) -> list[Reply]:
    """Offer what is ``said`` to a delivery, or say that nothing is to be sent, and what became of the last one."""
    if asked := offer(ctx, said):
        return asked
    if ctx.campaign is None:
        return [Reply("unknown.none")]
    if not ctx.address.said_count:
        return [ctx.reception.welcome(ctx, Reply("delivery.unasked"))]
    mine = [claim for claim in _deliveries(ctx) if claim.state != "received"]
    return [Reply("delivery.unasked"), *(told(ctx.rows, claim, ctx.now) for claim in mine[-1:])]


def offer(ctx: Context, said: Mapping[str, str], *, wanted: bool = False) -> list[Reply]:
    """Take what is ``said`` to the delivery that wants it, or may be put right; nothing when there is none.

    What is missing is filled in and shown as ever; whether it shall stand in the place of something else is asked.
    With ``wanted`` only a delivery counts of which some of it is missing.
    """
    open_first = sorted(_deliveries(ctx), key=lambda claim: claim.state != "open")
    for claim in open_first if said else ():
        known = details_of(ctx.rows.keys, claim)
        if not is_editable(claim, ctx.now) or (wanted and all(getattr(known, field) for field in said)):
            continue
        ctx.campaign = ctx.rows.campaigns[claim.campaign_id]
        if _differs(known, said):
            offer_details(ctx.rows.keys, claim, details_said(said, ctx.address.key))
            return ask_about(ctx, INSTEAD, claim)
        if known.missing is not None:
            set_details(ctx.rows.keys, claim, said, ctx.address.key)
        return begin(ctx, claim)
    return []


def _deliveries(ctx: Context) -> list[Claim]:
    """What is or was to be delivered to the sender, of all that was ever played here, oldest first."""
    mine = (claim for player in played(ctx, over=True) for claim in ctx.rows.of(ClaimRows).claims.get(player.id, ()))
    return sorted((claim for claim in mine if claim.kind == "delivery"), key=lambda claim: claim.id)


def _differs(known: Details, said: Mapping[str, str]) -> bool:
    return any(getattr(known, field) not in {None, value} for field, value in said.items())


def _put(ctx: Context, about: str) -> list[Reply]:
    claim = claim_about(ctx, about)
    if claim is None or ctx.player is None:
        return []
    known = details_of(ctx.rows.keys, claim)
    offered = known.offered or Details()
    new = shown_at(offered, ctx.address.key)
    shown = shown_at(known, ctx.address.key) | {field: new[field] for field in offered.said}
    item = title_of(ctx.rows.campaigns[claim.campaign_id].rules, claim)
    return [Reply("delivery.instead", {"item": item, **shown}, numbered(ctx, "choice.yes", "choice.no"))]


def _answer(ctx: Context, about: str, text: str) -> list[Reply] | None:
    claim = claim_about(ctx, about)
    if claim is None or not is_current(ctx, claim, about):
        return outdated(ctx, claim)
    offered = details_of(ctx.rows.keys, claim).offered
    match yes_or_no(text):
        case True if offered is not None:
            set_details(ctx.rows.keys, claim, offered.said, bytes.fromhex(offered.said_at or ""))
        case False | True:
            offer_details(ctx.rows.keys, claim, None)
        case None:
            another = read_parcel(text, ctx.rows.campaigns[claim.campaign_id].rules.region).said
            return offer(ctx, another) if len(another) > 1 else None
    return begin(ctx, claim)


INSTEAD = Prompt("delivery.instead", CLAIMS, _answer, _put, PATIENCE, begun_by=BEGUN_BY)
PROMPTS = (INSTEAD,)
