"""What a player is told about a claim: how to get the prize, what is missing, what has become of it."""

from collections.abc import Sequence
from datetime import datetime

from core.alphabet import grouped
from core.campaign.rules import Rules
from core.context import TurnRows
from core.engine.replies import State, say
from core.messages import Reply, Told
from core.models import Address
from core.sending.outbound import Category
from core.texts.formats import When
from handlers.claims.details import is_late
from handlers.claims.handover import CARD_JOINT, pickup_code, voucher_code
from handlers.claims.load import ClaimRows
from handlers.claims.play import title_of
from handlers.claims.tables import Claim


def told(rows: TurnRows, claim: Claim, at: datetime) -> Reply:
    """Where ``claim`` stands and what its player can do, in one text, with its voucher or pick-up code."""
    rules = rows.campaigns[claim.campaign_id].rules
    shown: dict[str, str | dict[str, str] | Told | tuple[Reply, ...]] = {"item": title_of(rules, claim)}
    key = "claim.lapsed" if is_late(claim, at) else _key(claim)
    if key == "claim.voucher":
        number, _, secret = voucher_code(rows.keys, rows.of(ClaimRows).handed_vouchers[claim.id]).partition(CARD_JOINT)
        shown["code"] = (Reply("claim.card", {"number": number, "secret": secret}),) if secret else number
    elif key == "claim.counter":
        shown |= {"code": grouped(pickup_code(rows.keys, claim)), "deadline": last_minute(rules, claim, at)}
    elif key == "claim.asked":
        shown["deadline"] = last_minute(rules, claim, at)
    elif key == "claim.shipped_with":
        shown |= {"carrier": claim.carrier or "", "tracking": claim.tracking or ""}
    return Reply(key, shown)


def _key(claim: Claim) -> str:
    match claim.state, claim.kind:
        case ("received", "voucher") | ("open", "counter"):
            return f"claim.{claim.kind}"
        case "open", _:
            return "claim.asked"
        case "shipped", _:
            return "claim.shipped_with" if claim.tracking else "claim.shipped"
        case "ready", _ if claim.needs_approval and claim.second_approver is None:
            return "claim.approval"
        case "ready", "voucher":
            return "claim.voucher_follows"
        case state, _:
            return f"claim.{state}"


def last_minute(rules: Rules, claim: Claim, now: datetime) -> Told | str:
    """The deadline of ``claim`` in the campaign's zone, as it is said at ``now``; "-" where there is none."""
    return When(claim.deadline_at, rules.zone, now) if claim.deadline_at else "-"


def notify(rows: TurnRows, claim: Claim, replies: Sequence[Reply], what: str, at: datetime) -> None:
    """Tell the player of ``claim`` at the address that was heard last, once per ``what``."""
    address, ref = _addressed(rows, claim, what)
    say(rows, address, rows.campaigns[claim.campaign_id], replies, ref=ref, state=State.QUEUED, at=at)


def remind(rows: TurnRows, claim: Claim, reply: Reply, number: int, at: datetime) -> None:
    """Remind the player of ``claim`` for the ``number``-th time: nobody asked for that, and its deadline ends it."""
    address, ref = _addressed(rows, claim, f"remind-{number}")
    campaign, kind, until = rows.campaigns[claim.campaign_id], Category.REMINDER, claim.deadline_at
    say(rows, address, campaign, [reply], ref=ref, state=State.QUEUED, at=at, category=kind, expires_at=until)


def _addressed(rows: TurnRows, claim: Claim, what: str) -> tuple[Address, str]:
    return rows.preferred_addresses[rows.root(claim.player_id)], f"notice:claim:{claim.id}:{what}"
