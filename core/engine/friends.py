"""Load what is known of inviters: their own invites, whom they brought, and who stands above them in their chain."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from core import lists
from core.context import TurnRows
from core.models import Invite, JoinedPhone, Player, Recommendation
from core.models.players import ROOT
from core.told import Friends

LATEST_FRIENDS = 60
"""Of one inviter, looked at when the next one is judged."""
_LEVELS = 5
"""So many inviters above a player are looked at."""

_INVITES = select(Invite).where(lists.among(Invite.player_id, "ids"))


def load_invites(session: Session, rows: TurnRows, *, judging: bool) -> None:
    """The invites of all players at hand, and the latest friends of each inviter when a new one may be judged."""
    found = session.scalars(_INVITES, {"ids": sorted({*rows.people, *rows.circles.roots})})
    rows.circles.invites.update((invite.player_id, invite) for invite in found)
    inviters = sorted({*rows.circles.roots, *rows.circles.roots.values()})
    if not inviters or not judging:
        return
    place = func.row_number().over(partition_by=Invite.inviter_id, order_by=Invite.joined_at.desc())
    numbered = select(Invite, place.label("place")).where(Invite.inviter_id.in_(inviters)).subquery()
    latest = aliased(Invite, numbered)
    statement = select(latest).where(numbered.c.place <= LATEST_FRIENDS).order_by(numbered.c.joined_at)
    for invite in session.scalars(statement):
        rows.circles.recent.setdefault(rows.root(invite.inviter_id), []).append(invite)


def load_above(session: Session, rows: TurnRows, player_ids: Sequence[int]) -> None:
    """The inviters above each of these players, level by level."""
    above: dict[int, set[int]] = {player_id: set() for player_id in player_ids}
    reached = {player_id: player_id for player_id in player_ids}
    for _ in range(_LEVELS):
        statement = select(Invite.player_id, Invite.inviter_id).where(Invite.player_id.in_(set(reached.values())))
        inviter_of = dict(row for row in session.execute(statement))
        reached = {start: inviter_of[at] for start, at in reached.items() if at in inviter_of}
        for start, inviter in reached.items():
            above[start].add(inviter)
    rows.circles.above.update(above)


def load_friends(session: Session, rows: TurnRows, player_ids: Sequence[int]) -> None:
    """Count what the invites of each player brought, those of players linked to it included."""
    mine = Player.id.in_(player_ids) | Player.merged_into.in_(player_ids)
    counted = (
        select(ROOT, Invite.state, func.count(), func.sum(Invite.inviter_points))
        .select_from(Invite)
        .join(Player, Player.id == Invite.inviter_id)
        .where(mine)
        .group_by(ROOT, Invite.state)
    )
    waiting = (
        select(ROOT, func.count())
        .select_from(Recommendation)
        .join(Player, Player.id == Recommendation.inviter_id)
        .outerjoin(
            JoinedPhone,
            (JoinedPhone.phone_key == Recommendation.phone_key)
            & (JoinedPhone.campaign_id == Recommendation.campaign_id),
        )
        .where(mine, JoinedPhone.phone_key.is_(None))
        .group_by(ROOT)
    )
    states: dict[int, dict[str, tuple[int, int]]] = {}
    for player_id, state, count, points in session.execute(counted):
        states.setdefault(player_id, {})[state] = (count, int(points))
    expected = dict(row for row in session.execute(waiting))
    for player_id in player_ids:
        mine_by = states.get(player_id, {})
        paid = [mine_by.get(state, (0, 0)) for state in ("rewarded", "released")]
        rows.circles.friends[player_id] = Friends(
            joined=sum(count for count, _ in mine_by.values()),
            waiting=expected.get(player_id, 0),
            rewarded=sum(count for count, _ in paid),
            held=mine_by.get("held", (0, 0))[0],
            points=sum(points for _, points in paid),
        )
