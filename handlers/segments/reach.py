"""Who of a segment can be told something unasked at an instant, at which place, and why the others cannot."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from core.campaign.live import LiveCampaign
from core.campaign.platforms import marketing_hours, rights
from core.campaign.unasked import Quiet
from core.models import Address, Join, Player
from core.places import Place, place_named
from core.segments.segment import Segment
from core.segments.words import Asked
from core.sending.quiet_hours import end_of_quiet

NOW, QUIET, CLOSED, OUT, BLOCKED, GONE, ELSEWHERE, NOWHERE = range(8)
WHY = (
    "can be told now",
    "quiet hours",
    "has not written lately: the platform lets us send nothing",
    "opted out",
    "blocked by an operator",
    "gone: left or blocked us",
    "only where the campaign is not played",
    "no address",
)
"""What becomes of a player, the best of all addresses first."""
_PLACES = 1000


class Reached(NamedTuple):
    """So many players of a segment for whom the same holds: where the campaign is played, and what."""

    players: int
    why: int
    place: Place | None


def reach(session: Session, segment: Segment, campaign: LiveCampaign, at: datetime) -> list[Reached]:
    """All players of ``segment``, each once: their numbers add up to its size. One statement.

    Quiet hours are those of the file in the campaign's zone, and of the law; how often somebody may be told something
    is looked at when it is sent.
    """
    places = [place_named(name) for name in campaign.rules.channels]
    best = (
        select(func.min(_worth(places, campaign, at)).label("worth"))
        .select_from(Player)
        .outerjoin(Join, Join.player_id == Player.id)
        .outerjoin(Address, Address.key == Join.address_key)
        .where(Player.campaign_id == campaign.id, Player.merged_into.is_(None))
        .group_by(Player.id)
    )
    found = segment.among(session, best, Asked(campaign.rules, at)).subquery()
    rows = session.execute(select(found.c.worth, func.count()).group_by(found.c.worth).order_by(found.c.worth))
    return [Reached(count, *_what(places, worth)) for worth, count in rows]


def _what(places: Sequence[Place], worth: int) -> tuple[int, Place | None]:
    why, number = divmod(worth, _PLACES)
    return why, places[number] if number < len(places) else None


def _worth(places: Sequence[Place], campaign: LiveCampaign, at: datetime) -> ColumnElement[int]:
    """How good an address is: why it cannot be told something, and the place of its account in the file."""
    here = [_is_at(place) for place in places]
    number = case(*((at_it, order) for order, at_it in enumerate(here)), else_=literal(len(places)))
    counted = [at_it for place, at_it in zip(places, here, strict=True) if rights(place.channel) is not None]
    quiet = [at_it for place, at_it in zip(places, here, strict=True) if _is_quiet(place, campaign, at)]
    open_window = or_(
        and_(Address.typed_left > 0, Address.typed_until > at), and_(Address.tapped_left > 0, Address.tapped_until > at)
    )
    why = case(
        (Address.key.is_(None), NOWHERE),
        (~or_(*here), ELSEWHERE),
        (Address.gone_at.is_not(None), GONE),
        (Address.blocked_at.is_not(None), BLOCKED),
        (Address.opted_out_at.is_not(None), OUT),
        *([(and_(or_(*counted), func.coalesce(open_window, False).is_(False)), CLOSED)] if counted else []),
        *([(or_(*quiet), QUIET)] if quiet else []),
        else_=NOW,
    )
    return why * _PLACES + number


def _is_at(place: Place) -> ColumnElement[bool]:
    return and_(Address.channel == place.channel, *([Address.account == place.account] if place.account else []))


def _is_quiet(place: Place, campaign: LiveCampaign, at: datetime) -> bool:
    return any(end_of_quiet(at, quiet, zone) is not None for quiet, zone in _quiet_hours(place, campaign))


def _quiet_hours(place: Place, campaign: LiveCampaign) -> Iterator[tuple[Quiet, ZoneInfo]]:
    limits = campaign.rules.follow_up_limits
    if limits is not None and limits.quiet is not None:
        yield limits.quiet, campaign.rules.zone
    if (lawful := marketing_hours(place.channel)) is not None:
        yield lawful.quiet, lawful.zone
