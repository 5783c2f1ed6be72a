"""Routes: by which channels and accounts a broadcast goes, and at which of their addresses each player hears it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, literal, null, or_, select

from core.campaign.live import LiveCampaign
from core.campaign.platforms import rights
from core.engine.runtime import Runtime
from core.models import Address, Join, Player
from core.places import Place, place_named

NO_ADDRESS, OPTED_OUT, BLOCKED, GONE = "no_address", "opted_out", "blocked", "gone"
NO_ROUTE, MUST_SPEAK = "no_route", "must_speak_first"
_REASONS = (OPTED_OUT, BLOCKED, MUST_SPEAK, GONE, NO_ROUTE, NO_ADDRESS)
"""Why somebody is left out; of several addresses the first one of these is told."""


class RankedRoute(NamedTuple):
    """A channel, or one account of it, and its rank: of those that reach a person the lowest one is taken."""

    name: str
    rank: int


def routes_of(
    runtime: Runtime, campaign: LiveCampaign, words: dict[str, str], channels: Sequence[str]
) -> list[RankedRoute]:
    """The routes of a broadcast, as ``channels`` order them, or else the cheapest first, by what its text costs there.

    What costs the same has the same rank: there a person hears it where they spoke last.
    """
    if channels:
        return [RankedRoute(name, rank) for rank, name in enumerate(channels)]
    costs = {name: _cost(runtime, name, words) for name in campaign.rules.channels}
    ranks = {cost: rank for rank, cost in enumerate(sorted(set(costs.values())))}
    return [RankedRoute(name, ranks[cost]) for name, cost in costs.items()]


def _cost(runtime: Runtime, name: str, words: dict[str, str]) -> int:
    """Millionths of what the dearest language of the text costs at the dearest account that ``name`` means."""
    mine = [limits.tariff for place, limits in runtime.limits.items() if Place(*place).is_among([name])]
    return max((tariff.cost("", text).micros for tariff in mine for text in words.values()), default=0)


def _at(name: str) -> ColumnElement[bool]:
    place = place_named(name)
    there = Address.channel == place.channel
    return and_(there, Address.account == place.account) if place.account else there


def chosen(
    campaign: LiveCampaign, routes: Sequence[RankedRoute], at: datetime, *members: ColumnElement[bool]
) -> Subquery:
    """Each player of whom ``members`` is true, with the one address that reaches them, or why none does.

    Columns: player_id, address_key, channel, account, language, reason; reason is NULL for who is reached.
    """
    route = or_(*(_at(one.name) for one in routes))
    counted = [name for name in {place_named(one.name).channel for one in routes} if rights(name) is not None]
    left = or_(
        and_(Address.typed_left > 0, Address.typed_until > at), and_(Address.tapped_left > 0, Address.tapped_until > at)
    )
    reason = case(
        (Address.key.is_(None), literal(NO_ADDRESS)),
        (Address.opted_out_at.is_not(None), literal(OPTED_OUT)),
        (Address.blocked_at.is_not(None), literal(BLOCKED)),
        (Address.gone_at.is_not(None), literal(GONE)),
        (~route, literal(NO_ROUTE)),
        (and_(Address.channel.in_(counted), func.coalesce(left, False).is_(False)), literal(MUST_SPEAK)),
        else_=null(),
    )
    rank = case(*((_at(one.name), one.rank) for one in routes), else_=len(routes))
    severity = case({name: place for place, name in enumerate(_REASONS, 1)}, value=reason, else_=0)
    order = (severity, rank, Address.heard_at.desc(), Address.key)
    each = (
        select(
            Player.id.label("player_id"),
            Address.key.label("address_key"),
            Address.channel,
            Address.account,
            _language(campaign).label("language"),
            reason.label("reason"),
            func.row_number().over(partition_by=Player.id, order_by=order).label("place"),
        )
        .outerjoin(Join, Join.player_id == Player.id)
        .outerjoin(Address, Address.key == Join.address_key)
        .where(*members)
        .subquery("each")
    )
    return select(each).where(each.c.place == 1).subquery("chosen")


def _language(campaign: LiveCampaign) -> ColumnElement[str]:
    """In which language an address hears the campaign, as core.engine.replies.language_for says."""
    spoken = sorted(campaign.published.texts)
    return case(
        (Address.language.in_(spoken), Address.language),
        (Address.app_language.in_(spoken), Address.app_language),
        else_=literal(campaign.rules.language),
    )


def counts(session: Any, found: Subquery) -> list[tuple[str | None, str | None, str, str | None, int]]:
    """How many of ``found`` there are: by channel, account, language and reason."""
    group = (found.c.channel, found.c.account, found.c.language, found.c.reason)
    rows: Select[Any] = select(*group, func.count()).group_by(*group)
    return [(row[0], row[1], row[2], row[3], int(row[4])) for row in session.execute(rows)]
