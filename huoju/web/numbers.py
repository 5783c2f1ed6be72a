"""The numbers of the console: what measures count, and how stock, sending and failures stand at this moment."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core.campaign.goods import Goods
from core.campaign.live import LiveCampaign
from core.campaign.rules import Rules
from core.measures.figures import Counts, Span, figures_together
from core.models import OutboundJob, Timer
from core.models.stock import Stocked
from core.times import local_day
from handlers import MECHANICS
from handlers.draws.rules import prizes_of
from handlers.draws.tables import Prize as PrizeStock
from handlers.gifts.rules import Gifts
from handlers.gifts.tables import Gift as GiftStock
from handlers.relay.boards import relay_numbers
from pages.console.view import Failures, Money, Outbox, Prize, Torches

Measured = Mapping[tuple[str, bool], int]
"""By the name of a measure, and whether it is of today alone; without what a campaign does not have."""

_MINUTE, _AT_LEAST = timedelta(minutes=1), timedelta(seconds=5)
_FIGURES = {
    "players": ("players joined", False),
    "redeemed": ("codes redeemed", False),
    "redeemed_today": ("codes redeemed", True),
    "drawn": ("draws", False),
    "won": ("prizes won", False),
    "points": ("points outstanding", False),
    "points_today": ("points given", True),
}
_OTHERS = (
    "worth of prizes won",
    "liability",
    "messages failed",
    "torches granted",
    "torches burning",
    "torches waiting",
)
_SHELVES: tuple[tuple[type[Stocked], Callable[[Rules], Iterable[Goods]]], ...] = (
    (PrizeStock, prizes_of),
    (GiftStock, lambda rules: rules.section(Gifts).each),
)


def measured(session: Session, campaign: LiveCampaign, now: datetime) -> Measured:
    """What the measures of the console come to, as whoever else tells them: days of the past as they are kept."""
    rules = campaign.rules
    zone = rules.zone
    today = local_day(now, zone)
    opened = min(local_day(campaign.published.opens_at, zone), today)
    counts = Counts(session, MECHANICS.sections, MECHANICS.measures)
    asked = (*_FIGURES.values(), *((name, False) for name in _OTHERS))
    spans = [
        (
            Span(first, now),
            [name for name, of_today in asked if of_today is is_today and counts.measures[name].told(rules)],
        )
        for is_today, first in ((False, opened), (True, today))
    ]
    ever, of_today = figures_together(counts, campaign, spans)
    return {(name, False): value for name, value in ever.items()} | {
        (name, True): value for name, value in of_today.items()
    }


def figures(found: Measured, messages_minute: int | None) -> Mapping[str, int]:
    """The large figures, by the names that the page knows."""
    shown = {name: found[which] for name, which in _FIGURES.items() if which in found}
    return shown if messages_minute is None else {"messages_minute": messages_minute, **shown}


def goods(session: Session, campaign: LiveCampaign, now: datetime) -> Sequence[Prize]:
    """The stock of all that can be won or bought, in the order of the campaign file."""
    opens_at, closes_at = campaign.published.opens_at, campaign.published.closes_at
    still = min(max((closes_at - now) / (closes_at - opens_at), 0.0), 1.0)
    found: list[Prize] = []
    for kind, of in _SHELVES:
        stocks = {one.name: one for one in session.scalars(select(kind).where(kind.campaign_id == campaign.id))}
        found += [
            Prize(item.title.model_dump(), one.stock, one.stock_left, round(one.stock * still))
            for item in of(campaign.rules)
            if (one := stocks.get(item.name)) is not None
        ]
    return found


def torches(session: Session, campaign: LiveCampaign, found: Measured) -> Torches | None:
    """The relay, where there is one; how many are on each leg is what its clock has counted by now."""
    if ("torches granted", False) not in found:
        return None
    granted, lit, waiting = (found[f"torches {which}", False] for which in ("granted", "burning", "waiting"))
    legs = relay_numbers(session, campaign.id).legs
    return Torches(
        granted, lit, granted - lit - waiting, [legs.get(leg, 0) for leg in range(1, max(legs, default=0) + 1)]
    )


def outbox(session: Session, campaign: LiveCampaign, now: datetime) -> Outbox:
    """The texts of a campaign that could go at this moment."""
    ripe = or_((OutboundJob.state == "due") & (OutboundJob.due_at <= now), OutboundJob.state == "sending")
    mine = select(func.count(), func.min(OutboundJob.due_at)).where(OutboundJob.campaign_id == campaign.id, ripe)
    return Outbox(*session.execute(mine).one())


def failures(session: Session, campaign: LiveCampaign, found: Measured) -> Failures:
    """What failed of a campaign; timers are those of all, as theirs are one clock."""
    given_up = OutboundJob.state.in_(("dead", "unknown"))
    texts = select(func.count()).select_from(OutboundJob).where(OutboundJob.campaign_id == campaign.id, given_up)
    timers = select(func.count()).select_from(Timer).where(Timer.state == "failed")
    return Failures(found.get(("messages failed", False), 0), session.scalar(timers) or 0, session.scalar(texts) or 0)


def money(rules: Rules, found: Measured) -> Money | None:
    """What prizes and points come to, where they come to anything."""
    given, liability = found.get(("worth of prizes won", False)), found.get(("liability", False))
    amounts = [rules.budget, rules.points.worth, *(item.value for _, item in rules.goods())]
    currency = next((amount.currency for amount in amounts if amount is not None), None)
    if currency is None or (given is None and liability is None):
        return None
    return Money(currency, given, liability, None if rules.budget is None else rules.budget.cents)


class MessageRate:
    """How many messages a minute are dealt with, by what was counted in the minute before."""

    def __init__(self, so_far: Callable[[], int | None]) -> None:
        self._so_far = so_far
        self._seen = deque[tuple[datetime, int]]()

    def per_minute(self, now: datetime) -> int | None:
        """As of ``now``; None before there is something to compare with, or where nobody counts."""
        count = self._so_far()
        if count is None:
            return None
        if self._seen and count < self._seen[-1][1]:
            self._seen.clear()  # a process has ended, and took what it had counted along
        self._seen.append((now, count))
        while len(self._seen) > 1 and self._seen[1][0] <= now - _MINUTE:
            self._seen.popleft()
        since, before = self._seen[0]
        return None if now - since < _AT_LEAST else round((count - before) * (_MINUTE / (now - since)))
