"""Fulfilment: approve a claim, ship it, deliver it, hand it over at the counter, cancel it; the player is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from core.alphabet import normalise
from core.answers import ArgumentName, Line, Verbatim, VerbName, line
from core.context import TurnRows
from core.database import read_only
from core.engine.runtime import Runtime
from core.engine.unit_of_work import unit_of_work
from core.messages import Reply, Shown
from core.models import Player
from core.operators import VerbRefused, check_operator, same_operator
from core.texts.formats import to_the_minute
from core.words import Kind, Mark, is_word, row_number
from handlers.claims.details import is_late
from handlers.claims.load import ClaimRows, load_claims, load_vouchers_in_stock
from handlers.claims.play import give_up, proceed, title_of
from handlers.claims.replies import notify, told
from handlers.claims.stock import lock_stock
from handlers.claims.tables import Claim

_LONGEST = 80
_SHIPPED_WITH = "{number} was shipped with {how} already; add {option} to change it"
_SHIPPED_UNTRACKED = "{number} was shipped untracked already; add {option} to change it"
_CHANGED = (
    "{number} was changed by the player after this list (revision {revision}, the list has {listed}); export it again"
    " before it ships"
)


class ClaimRefused(VerbRefused):
    """What was asked cannot be done with this claim; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """How a delivery travels. ``revision`` is the one of the list that the warehouse packed by, None when unknown."""

    carrier: str = ""
    tracking: str = ""
    revision: int | None = None
    correct: bool = False
    """True to change what was said of a parcel that has shipped."""


@dataclass(frozen=True, slots=True)
class Held:
    """One claim, its player locked, ready to be changed."""

    rows: TurnRows
    player: Player
    claim: Claim

    @property
    def number(self) -> str:
        """As operators know it."""
        return row_number(Mark.CLAIM, self.claim.id)


def no_claim(claim_id: int) -> ClaimRefused:
    """What is refused where there is no claim ``claim_id``."""
    told = "there is no claim {number}; {verb} shows them"
    return ClaimRefused(told, number=row_number(Mark.CLAIM, claim_id), verb=VerbName("claims list"))


@contextmanager
def _held(runtime: Runtime, claim_id: int, at: datetime, *, stock: bool = False) -> Iterator[Held]:
    """The claim ``claim_id`` in a transaction; with ``stock`` the stock that it came from is locked, too."""
    with unit_of_work(runtime, at) as work:
        player_id = work.session.scalar(select(Claim.player_id).where(Claim.id == claim_id))
        if player_id is None:
            raise no_claim(claim_id)
        player = work.lock_people([player_id]).get(player_id)
        if player is None:
            number = row_number(Mark.CLAIM, claim_id)
            told = "the player of {number} has no address left; {verb} says what is broken"
            raise ClaimRefused(told, number=number, verb=VerbName("audit"))
        session, rows = work.session, work.rows
        if stock:
            lock_stock(session, rows, [player.campaign_id])
            load_vouchers_in_stock(session, rows, 1)
        load_claims(session, rows, [player])
        claim = next(each for each in rows.of(ClaimRows).claims[player.id] if each.id == claim_id)
        yield Held(rows, player, claim)


def approve(runtime: Runtime, claim_id: int, operator: str, at: datetime) -> Line:
    """One of two approvals by ``operator``; with the second one what can be handed over is. Returns what it became."""
    check_operator(operator)
    with _held(runtime, claim_id, at, stock=True) as held:
        claim = held.claim
        if not claim.needs_approval:
            raise ClaimRefused("{number} needs no approval", number=held.number)
        if claim.state not in {"open", "ready"}:
            said = "{number} is {state}; it cannot be approved any more"
            raise ClaimRefused(said, number=held.number, state=claim.state)
        if claim.second_approver is not None:
            raise ClaimRefused("{number} has both approvals already", number=held.number)
        if claim.first_approver is None:
            claim.first_approver = operator
            return line("approved once; another operator must approve it, too")
        if same_operator(claim.first_approver, operator):
            said = "{number} was approved by {first} before; another operator must do it"
            raise ClaimRefused(said, number=held.number, first=claim.first_approver)
        claim.second_approver = operator
        proceed(held.rows, held.player, claim, at)
        notify(held.rows, claim, [told(held.rows, claim, at)], "approved", at)
        return line("approved twice; it is {state} now", state=claim.state)


def _refuse_unapproved(held: Held) -> None:
    if held.claim.needs_approval and held.claim.second_approver is None:
        said = "{number} waits for the approval of two operators; see {verb}"
        raise ClaimRefused(said, number=held.number, verb=VerbName("claims approve"))


def ship(runtime: Runtime, claim_id: int, parcel: Parcel, at: datetime) -> bool:
    """The parcel of a delivery is on its way; the player is told how. False when exactly this was said before."""
    for what in (parcel.carrier, parcel.tracking):
        if len(what) > _LONGEST or not (what == "" or what.isprintable()):
            said = "carrier and tracking number have at most {longest} letters and digits on one line"
            raise ClaimRefused(said, longest=_LONGEST)
    with _held(runtime, claim_id, at) as held:
        claim = held.claim
        again = claim.state == "shipped"
        has_left = claim.kind == "delivery" and claim.state in {"shipped", "received"}
        if has_left and (claim.carrier or "", claim.tracking or "") == (parcel.carrier, parcel.tracking):
            return False
        if again and not parcel.correct:
            how = " ".join(filter(None, (claim.carrier, claim.tracking)))
            said = _SHIPPED_WITH if how else _SHIPPED_UNTRACKED
            raise ClaimRefused(said, number=held.number, how=how, option=ArgumentName("correct=yes"))
        if claim.kind != "delivery" or claim.state not in {"ready", "shipped"}:
            said = "{number} is {state} ({kind}); only a delivery that is ready can ship"
            raise ClaimRefused(said, number=held.number, state=claim.state, kind=claim.kind)
        _refuse_unapproved(held)
        if parcel.revision is not None and parcel.revision != claim.revision and not again:
            raise ClaimRefused(_CHANGED, number=held.number, revision=claim.revision, listed=parcel.revision)
        claim.state, claim.carrier, claim.tracking = "shipped", parcel.carrier or None, parcel.tracking or None
        notify(held.rows, claim, [told(held.rows, claim, at)], f"shipped:{at.isoformat()}", at)
        return True


def deliver(runtime: Runtime, claim_id: int, at: datetime) -> None:
    """The parcel has arrived."""
    with _held(runtime, claim_id, at) as held:
        if held.claim.state != "shipped":
            said = "{number} is {state}; only what has shipped can be delivered"
            raise ClaimRefused(said, number=held.number, state=held.claim.state)
        held.claim.state, held.claim.closed_at = "received", at
        notify(held.rows, held.claim, [told(held.rows, held.claim, at)], "delivered", at)


def pick_up(runtime: Runtime, code: str, operator: str, at: datetime) -> tuple[str, str]:
    """``operator``, "" where nobody knows who, redeems the pick-up code that a player shows; it works once.

    Returns its number, and what to hand over. Of a code that was used it is said when, and by whom.
    """
    word = normalise(code)
    if not is_word(Kind.PICKUP, word):
        raise ClaimRefused("this is no pick-up code; one symbol is wrong or missing")
    with read_only(runtime.sessions) as session:
        claim_id = session.scalar(select(Claim.id).where(Claim.pickup_hash == runtime.keys.index("pickup", word)))
    if claim_id is None:
        raise ClaimRefused("there is no such pick-up code; look again at what the player shows")
    with _held(runtime, claim_id, at) as held:
        if held.claim.state == "received":
            raise _handed_over(held)
        if held.claim.state != "open":
            said = "{number} is {state}; its code works no more"
            raise ClaimRefused(said, number=held.number, state=held.claim.state)
        if is_late(held.claim, at):
            raise ClaimRefused("{number} had to be picked up before; its deadline has passed", number=held.number)
        _refuse_unapproved(held)
        held.claim.state, held.claim.closed_at, held.claim.handed_by = "received", at, operator or None
        notify(held.rows, held.claim, [told(held.rows, held.claim, at)], "picked-up", at)
        title = title_of(held.rows.campaigns[held.claim.campaign_id].rules, held.claim)
        return held.number, f"{title['zh']} / {title['en']}"


def _handed_over(held: Held) -> ClaimRefused:
    claim, zone = held.claim, held.rows.campaigns[held.claim.campaign_id].rules.zone
    when = Verbatim("-" if claim.closed_at is None else to_the_minute(claim.closed_at, zone))
    if claim.handed_by is None:
        return ClaimRefused("{number} was handed over already, at {when}", number=held.number, when=when)
    said = "{number} was handed over already, at {when} by {who}"
    return ClaimRefused(said, number=held.number, when=when, who=Verbatim(claim.handed_by))


def cancel(runtime: Runtime, claim_id: int, reason: str, at: datetime) -> None:
    """End a claim that has not left: the piece goes back to stock, a gift's points to the player, who is told why."""
    if not 1 <= len(reason) <= _LONGEST or not reason.isprintable():
        said = "give a reason of 1 to {longest} letters and digits on one line; the player reads it"
        raise ClaimRefused(said, longest=_LONGEST)
    with _held(runtime, claim_id, at, stock=True) as held:
        if held.claim.state not in {"open", "ready"}:
            said = "{number} is {state}; it cannot be cancelled any more"
            raise ClaimRefused(said, number=held.number, state=held.claim.state)
        give_up(held.rows, held.player, held.claim, state="cancelled", at=at)
        rules = held.rows.campaigns[held.claim.campaign_id].rules
        shown: Shown = {"item": title_of(rules, held.claim), "reason": reason}
        key = "claim.cancelled_refunded" if held.claim.price else "claim.cancelled_because"
        notify(held.rows, held.claim, [Reply(key, shown)], "cancelled", at)
