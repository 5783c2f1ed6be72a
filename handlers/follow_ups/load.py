"""What unasked texts are judged by: what their players have done, and what was said to them; one query a question."""

from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from core import lists
from core.context import TurnRows
from core.models import Player, Timer
from core.models.players import ROOT
from core.segments.segment import Segment, look_up
from core.segments.words import Asked
from core.sending.quiet_hours import WEEK
from handlers.follow_ups.known import Known
from handlers.follow_ups.react import FOLLOW_UP

ANNOUNCE = "announce"
_MINE = lists.among(Player.id, "ids") | lists.among(Player.merged_into, "ids")
_SAID = (
    select(ROOT, Timer.settled_at)
    .join_from(Timer, Player, Player.id == Timer.owner_id)
    .where(_MINE, Timer.kind.in_([FOLLOW_UP, ANNOUNCE]), Timer.state == "fired", Timer.settled_at > bindparam("since"))
)
_absorbed, _other = aliased(Timer), aliased(Timer)
_TWINS = (
    select(_absorbed.owner_id, _absorbed.kind, _absorbed.subject, _absorbed.occurrence)
    .join(Player, Player.id == _absorbed.owner_id)
    .join(
        _other,
        (_other.owner_id == Player.merged_into)
        & (_other.kind == _absorbed.kind)
        & (_other.subject == _absorbed.subject)
        & (_other.occurrence == _absorbed.occurrence),
    )
    .where(lists.among(_absorbed.owner_id, "ids"), _absorbed.state == "due")
)


def ask(session: Session, rows: TurnRows, timers: Sequence[Timer], asked: Iterable[Segment], *, counted: bool) -> None:
    """Ask what ``timers`` are judged by; their players are locked, so nothing that is counted changes meanwhile.

    ``counted`` is True when it matters how much was said to them.
    """
    known, ids = rows.of(Known), sorted({rows.root(timer.owner_id) for timer in timers})
    look_up(session, asked, ids, known.sought)
    if counted:
        known.said.update((each, []) for each in ids)
        since = min(timer.due_at for timer in timers) - WEEK
        for player_id, settled_at in session.execute(_SAID, {"ids": ids, "since": since}):
            assert settled_at is not None
            known.said[player_id].append(settled_at)
    if absorbed := sorted({timer.owner_id for timer in timers if rows.root(timer.owner_id) != timer.owner_id}):
        known.twins.update((row[0], row[1], row[2], row[3]) for row in session.execute(_TWINS, {"ids": absorbed}))


def is_true(rows: TurnRows, segment: Segment, player: Player, asked: Asked) -> bool:
    """Whether ``segment`` is true of ``player``, of whom it was asked before; False where that is not known."""
    return segment.check(rows.of(Known).sought, player, rows.preferred_addresses[player.id], asked) is True
