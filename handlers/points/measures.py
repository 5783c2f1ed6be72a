"""What points come to: what is given, spent, lost, and outstanding."""

from sqlalchemy import and_, case, or_

from core.audit.faults import FROM_ME, MINE
from core.campaign.rules import Rules
from core.ledger import POINTS
from core.measures.measure import Measure, Sum, Unit, happened
from core.models import Player, Transfer
from core.segments.words import Number

_LINKED, _BOUGHT, _REFUNDED, _EXPIRED = "linked", "gift", "refund", "expired"
"""Reasons of transfers: of what one player brings to another who is the same person, of gifts, and of time."""

_points = Transfer.asset == POINTS
_given = and_(_points, MINE, Transfer.reason.not_in((_LINKED, _REFUNDED)))
_spent = and_(_points, or_(and_(FROM_ME, Transfer.reason == _BOUGHT), and_(MINE, Transfer.reason == _REFUNDED)))
_expired = and_(_points, FROM_ME, Transfer.reason == _EXPIRED)
_taken = and_(_points, FROM_ME, Transfer.reason.not_in((_LINKED, _BOUGHT, _EXPIRED)))
_change = case((MINE, Transfer.amount), else_=-Transfer.amount)
_held = and_(_points, or_(MINE, FROM_ME))


def _has_points(rules: Rules) -> bool:
    return rules.pays_codes() or rules.points.worth is not None or rules.brings_friends


def _worth(rules: Rules) -> int:
    return rules.points.worth.cents if rules.points.worth else 0


SEGMENTS = (
    Number(
        name="points",
        chinese=("积分", "积分数", "分数"),
        says="How many points they have.",
        column=Player.points.expression,
        units=("points", "point", "分"),
    ),
)

MEASURES = (
    Measure(
        name="points given",
        chinese="发放积分",
        says="Points that players were given, for whatever reason.",
        counts=happened(Transfer.owner_id, Transfer.at, _given, value=Transfer.amount),
        unit=Unit.POINTS,
        told=_has_points,
    ),
    Measure(
        name="points spent",
        chinese="花费积分",
        says="Points that players spent on gifts, less what was given back for gifts that did not come.",
        counts=happened(Transfer.owner_id, Transfer.at, _spent, value=-_change),
        unit=Unit.POINTS,
        told=_has_points,
    ),
    Measure(
        name="points expired",
        chinese="过期积分",
        says="Points that were not spent in time.",
        counts=happened(Transfer.owner_id, Transfer.at, _expired, value=Transfer.amount),
        unit=Unit.POINTS,
        told=_has_points,
    ),
    Measure(
        name="points taken",
        chinese="扣除积分",
        says="Points that an operator took away, by a correction or because a friend was not real.",
        counts=happened(Transfer.owner_id, Transfer.at, _taken, value=Transfer.amount),
        unit=Unit.POINTS,
        told=_has_points,
    ),
    Measure(
        name="points outstanding",
        chinese="未用积分",
        says="Points that players have, and may still spend, by the ledger.",
        counts=happened(Transfer.owner_id, Transfer.at, _held, value=_change),
        unit=Unit.POINTS,
        sum=Sum.BALANCE,
        told=_has_points,
    ),
    Measure(
        name="liability",
        chinese="积分负债",
        says="What the points that players have are worth to the organiser, by the newest version of the rules.",
        counts=happened(Transfer.owner_id, Transfer.at, _held, value=_change),
        unit=Unit.CENTS,
        sum=Sum.BALANCE,
        kept=False,
        of="points outstanding",
        told=lambda rules: rules.points.worth is not None,
        times=_worth,
    ),
)
