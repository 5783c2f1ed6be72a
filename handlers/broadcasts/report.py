"""Report: what became of a broadcast's members, what they did after, and what it cost; all of it counted from rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Select, String, and_, cast, func, literal, select
from sqlalchemy.orm import Session

from core.audit.hex import hexed
from core.campaign.quantities import Money
from core.models import Broadcast, BroadcastMember, OutboundJob, Touch, Transfer
from core.models.ledger import HOUSE
from core.results.conversation import OPT_OUTS
from core.results.result import NOTHING, Result, Tally, tally
from handlers.broadcasts.fates import REASON, STATE, with_texts

WINDOW = timedelta(hours=48)
"""So long after its text what somebody does counts as its result, where nobody says otherwise."""
_MICROS_IN_A_CENT = 10_000
STATES = ("waiting", "queued", "sent", "delivered", "failed", "unknown", "left_out")


@dataclass(frozen=True, slots=True)
class Report:
    """How far a broadcast came; its ``states`` add up to its members."""

    broadcast: Broadcast
    states: Mapping[str, int]
    left_out: Mapping[str, int]
    """By reason."""
    why: Mapping[str, int] = field(default_factory=dict)
    """What those that are queued wait for, and why others failed or are unknown."""
    results: Mapping[str, Tally] = field(default_factory=dict)
    """What its members did after it, within the window, by the name of the result; who opted out, too."""
    costs: Mapping[str, int] = field(default_factory=dict)
    """In millionths of money, by currency."""

    @property
    def total(self) -> int:
        """All members; so many as were frozen."""
        return sum(self.states.values())


def counted(session: Session, broadcast: Broadcast) -> Report:
    """How far ``broadcast`` came, without what people did after. Of one that was stopped nobody waits."""
    waits_for = OutboundJob.error.label("waits_for")
    group = (STATE.label("now"), REASON.label("why"), waits_for)
    found = session.execute(
        with_texts(*group, func.count()).where(BroadcastMember.broadcast_id == broadcast.id).group_by(*group)
    )
    states, left_out, why = dict.fromkeys(STATES, 0), dict[str, int](), dict[str, int]()
    for state, reason, waits, count in found:
        if broadcast.state == "stopped" and state in {"reserved", "waiting"}:
            state, reason = "left_out", "stopped"  # noqa: PLW2901  # it was not written down yet
        elif state == "reserved":
            state, waits = "waiting", "reserved"  # noqa: PLW2901  # as operators count
        states[state] += count
        if state == "left_out":
            left_out[reason] = left_out.get(reason, 0) + count
        elif (told := reason or (waits if state in {"queued", "waiting"} else None)) is not None:
            why[told] = why.get(told, 0) + count
    return Report(broadcast, states, left_out, why)


def whole(session: Session, broadcast: Broadcast, results: Sequence[Result], within: timedelta = WINDOW) -> Report:
    """How far ``broadcast`` came, which ``results`` came ``within`` so long after its texts, and what it cost."""
    short, heard = counted(session, broadcast), _heard(broadcast)
    return Report(
        broadcast,
        short.states,
        short.left_out,
        short.why,
        {one.name: tally(session, one, heard, within).get(0, NOTHING) for one in (*results, OPT_OUTS)},
        _costs(session, broadcast),
    )


def _heard(broadcast: Broadcast) -> Select[int, datetime, int]:
    """To whom its text went, and when."""
    its_touch = and_(Touch.address_key == BroadcastMember.address_key, Touch.sequence == BroadcastMember.sequence)
    return (
        select(BroadcastMember.player_id, Touch.at.label("since"), literal(0).label("arm"))
        .join(Touch, its_touch)
        .where(BroadcastMember.broadcast_id == broadcast.id)
    )


def _costs(session: Session, broadcast: Broadcast) -> dict[str, int]:
    """What its texts cost, whatever became of them, by the currency."""
    found = dict[str, int]()
    for (_, currency), micros in costs_by_arm(session, broadcast).items():
        found[currency] = found.get(currency, 0) + micros
    return found


def costs_by_arm(session: Session, broadcast: Broadcast) -> dict[tuple[int | None, str], int]:
    """What its texts cost by the part of the test and the currency, by the transfers that paid for them."""
    if broadcast.frozen_at is None:
        return {}
    named = hexed(BroadcastMember.address_key).concat("-").concat(cast(BroadcastMember.sequence, String))  # type: ignore[arg-type]
    mine = (
        select(literal("cost:").concat(named).label("text"), BroadcastMember.arm)
        .where(BroadcastMember.broadcast_id == broadcast.id, BroadcastMember.sequence.is_not(None))
        .cte("mine")
    )
    of_text = func.substr(Transfer.ref, 1, func.length(mine.c.text))
    begins = func.substr(Transfer.ref, 1, len("cost:") + 32)
    same = and_(
        begins == func.substr(mine.c.text, 1, len("cost:") + 32),
        of_text == mine.c.text,
        func.substr(Transfer.ref, func.length(mine.c.text) + 1, 1) == literal(":"),
    )
    paid = (
        select(mine.c.arm, Transfer.asset, func.sum(Transfer.amount))
        .join(mine, same)
        .where(Transfer.owner_id == HOUSE, Transfer.reason == "text", Transfer.at >= broadcast.frozen_at)
        .group_by(mine.c.arm, Transfer.asset)
    )
    return {(arm, asset.removeprefix("money:")): int(amount) for arm, asset, amount in session.execute(paid)}


def cents(micros: int) -> int:
    """Hundredths of money, rounded up."""
    return -(-micros // _MICROS_IN_A_CENT)


def money(micros: Mapping[str, int]) -> str | None:
    """What it costs by currency, as people read it; None for nothing."""
    return " + ".join(str(Money(cents(amount), currency)) for currency, amount in sorted(micros.items())) or None
