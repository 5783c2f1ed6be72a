"""Scores: what each version of a broadcast came to, counted from rows: who heard it, what they did, what it cost."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Select, and_, func, literal, select, text, union_all
from sqlalchemy.orm import Session

from core.campaign.rules import Rules
from core.database import Instant
from core.models import Broadcast, BroadcastMember, BroadcastTest, Touch
from core.results.conversation import OPT_OUTS
from core.results.result import NOTHING as NOBODY
from core.results.result import Result, tally
from handlers.broadcasts.deciding import Score
from handlers.broadcasts.fates import OPEN, STATE, with_texts
from handlers.broadcasts.report import costs_by_arm
from handlers.broadcasts.versions import HELD_OUT, NOTHING


class Scores(NamedTuple):
    """What a broadcast came to, by the parts of its test."""

    versions: Sequence[Score]
    """Those who heard one before the best was known, in the order of versions."""
    rest: Score | None
    """Those who heard the best one afterwards."""
    held_out: Score | None
    """Those who heard nothing, from when the others began to hear it."""
    currency: str | None
    """Of amounts and costs."""
    is_money: bool
    """Whether results are amounts of it."""


def scores_of(session: Session, broadcast: Broadcast, test: BroadcastTest, result: Result, rules: Rules) -> Scores:
    """Count all of it. A person who was linked to another counts once, for the part of the text that went first."""
    within, moments = timedelta(seconds=test.within_s), _moments(broadcast)
    came, left = (tally(session, each, moments, within) for each in (result, OPT_OUTS))
    costs, money = costs_by_arm(session, broadcast), result.currency(rules)
    spent = dict[str, int]()
    for (_, paid_in), micros in costs.items():
        spent[paid_in] = spent.get(paid_in, 0) + micros
    mostly: str | None = max(spent, key=lambda one: spent[one], default=None)
    currency = money or mostly
    rest = len(test.shares_ppm)
    members = dict(enumerate(test.tested, 1))

    def score(arm: int, version: int) -> Score:
        did = came.get(arm, NOBODY)
        micros = costs.get((arm, currency or ""), 0)
        out = left.get(arm, NOBODY).did
        return Score(version, members.get(arm, did.people), did.people, did.did, did.cents, out, micros)

    versions = [score(arm, arm) for arm in range(1, rest)]
    return Scores(
        versions,
        score(rest, test.winner) if rest in came and test.winner is not None else None,
        score(NOTHING, 0) if test.hold_out_ppm else None,
        currency,
        money is not None,
    )


def _moments(broadcast: Broadcast) -> Select[int, datetime, int]:
    """When each member heard it, and in which part of the test they are; for who hears nothing, its beginning."""
    its_touch = and_(Touch.address_key == BroadcastMember.address_key, Touch.sequence == BroadcastMember.sequence)
    mine = BroadcastMember.broadcast_id == broadcast.id
    heard = (
        with_texts(BroadcastMember.player_id, Touch.at.label("since"), BroadcastMember.arm)
        .join(Touch, its_touch)
        .where(mine, STATE.in_(("sent", "delivered")))
    )
    began = literal(broadcast.starts_at, Instant()).label("since")
    nothing = select(BroadcastMember.player_id, began, BroadcastMember.arm).where(
        mine, BroadcastMember.reason == HELD_OUT
    )
    both = union_all(heard, nothing).subquery("either")
    return select(both.c.player_id, both.c.since, both.c.arm)


def unsettled(session: Session, broadcast_id: int) -> int:
    """How many members who are not reserved have no settled outcome yet."""
    mine = BroadcastMember.broadcast_id == broadcast_id
    waiting = select(BroadcastMember.player_id).where(mine, text("broadcast_members.state = 'waiting'"))
    queued = select(BroadcastMember.player_id).where(mine, OPEN, BroadcastMember.state == "queued")
    counted = (select(func.count()).select_from(each.subquery()) for each in (waiting, queued))
    return sum(session.scalar(each) or 0 for each in counted)
