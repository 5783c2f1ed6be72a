"""What unasked texts are judged by: what their players have done, and what was said to them; one query a question."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from core import lists
from core.campaign.follow_ups import Audience, Reason
from core.context import TurnRows
from core.models import Player, Timer
from core.models.players import ROOT
from core.sending.quiet_hours import WEEK
from handlers.claims.tables import Claim
from handlers.follow_ups.known import Known
from handlers.follow_ups.react import FOLLOW_UP
from handlers.invites.tables import Invite
from handlers.relay.tables import Torch

ANNOUNCE = "announce"
_MINE = lists.among(Player.id, "ids") | lists.among(Player.merged_into, "ids")
_LIT = (
    select(ROOT, func.max(Torch.lit_at))
    .join_from(Torch, Player, Player.id == Torch.player_id)
    .where(_MINE, Torch.state == "lit")
    .group_by(ROOT)
)
_BROUGHT = (
    select(ROOT, func.max(Invite.joined_at))
    .join_from(Invite, Player, Player.id == Invite.inviter_id)
    .where(_MINE)
    .group_by(ROOT)
)
_UNCLAIMED = (
    select(ROOT, func.max(Claim.opened_at))
    .join_from(Claim, Player, Player.id == Claim.player_id)
    .where(_MINE, Claim.state == "open")
    .group_by(ROOT)
)
_UNLIT = (
    select(ROOT, func.max(Torch.ends_at))
    .join_from(Torch, Player, Player.id == Torch.player_id)
    .where(_MINE, Torch.state == "unlit")
    .group_by(ROOT)
)
_ASKED: Mapping[Reason | Audience, Select[int, datetime | None]] = {
    "lit": _LIT,
    "brought a friend": _BROUGHT,
    "claimed": _UNCLAIMED,
    "unlit": _UNLIT,
}
"""What is not on the rows of player and address: the latest instant of it, by player."""

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


def ask(session: Session, rows: TurnRows, timers: Sequence[Timer], asked: Collection[str], *, counted: bool) -> None:
    """Ask what ``timers`` are judged by; their players are locked, so nothing that is counted changes meanwhile.

    ``counted`` is True when it matters how much was said to them.
    """
    known, ids = rows.of(Known), sorted({rows.root(timer.owner_id) for timer in timers})
    for what, statement in _ASKED.items():
        if what in asked:
            found = session.execute(statement, {"ids": ids})
            known.latest.setdefault(what, {}).update((each, instant) for each, instant in found if instant is not None)
    if counted:
        known.said.update((each, []) for each in ids)
        since = min(timer.due_at for timer in timers) - WEEK
        for player_id, settled_at in session.execute(_SAID, {"ids": ids, "since": since}):
            assert settled_at is not None
            known.said[player_id].append(settled_at)
    if absorbed := sorted({timer.owner_id for timer in timers if rows.root(timer.owner_id) != timer.owner_id}):
        known.twins.update((row[0], row[1], row[2], row[3]) for row in session.execute(_TWINS, {"ids": absorbed}))
