"""Recount: what is kept of days equals what the rows say, as far as an audit looks.

A recount of one day takes some dozen queries, so an audit takes the newest final days and some others, which change as
days go by: within weeks it has seen all of a campaign. `huoju measures rebuild` counts all. A day of which rows have
gone because they were old is counted no more.
"""

from collections.abc import Iterator, Mapping

from sqlalchemy import select

from core.audit.faults import Books, Check, Fault
from core.campaign.grammar import Section
from core.campaign.rules import Rules
from core.measures.days import DayOf, counted, counted_as, frozen_until, is_frozen, whole_day
from core.measures.measure import Measure
from core.models import DailyMeasure, MeasuredDay

NEWEST, OTHERS = 20, 10

_FINAL = (
    select(MeasuredDay.campaign_id, MeasuredDay.day, MeasuredDay.counted_as)
    .where(MeasuredDay.next_at.is_(None))
    .order_by(MeasuredDay.day, MeasuredDay.campaign_id)
)


def recount(sections: tuple[type[Section], ...], measures: Mapping[str, Measure]) -> Check:
    """The check that final days are as the rows say."""

    def find(books: Books) -> Iterator[Fault]:
        frozen = frozen_until(books.session)
        final = [
            (DayOf(campaign_id, day), was)
            for campaign_id, day, was in books.session.execute(_FINAL)
            if not is_frozen(day, _newest(books, campaign_id), frozen)
        ]
        for which, was in [*final[-NEWEST:], *_others(final)]:
            rules = _newest(books, which.campaign_id)
            if was == counted_as(rules, measures) and not _is_right(books, sections, measures, which):
                name = next(one.name for one in books.campaigns if one.id == which.campaign_id)
                yield Fault(f"measures of {name} on {which.day}", "do not equal a recount")

    return Check("what final days came to equals a recount", find)


def _newest(books: Books, campaign_id: int) -> Rules:
    versions = books.rules[campaign_id]
    return versions[max(versions)]


def _others(final: list[tuple[DayOf, str]]) -> list[tuple[DayOf, str]]:
    """Some that are not the newest: others each day."""
    older = final[:-NEWEST]
    if not older:
        return []
    begin = final[-1][0].day.toordinal() * OTHERS % len(older)
    return [*older[begin:], *older[:begin]][:OTHERS]


def _is_right(books: Books, sections: tuple[type[Section], ...], measures: Mapping[str, Measure], which: DayOf) -> bool:
    period = whole_day(books.session, sections, _newest(books, which.campaign_id), which)
    right = {tuple(row.values()) for row in counted(books.session, measures, period, which.day)}
    mine = (DailyMeasure.campaign_id == which.campaign_id) & (DailyMeasure.day == which.day)
    found = select(*(DailyMeasure.__table__.c[name] for name in _NAMES)).where(mine)
    return right == {tuple(row) for row in books.session.execute(found)}


_NAMES = ("campaign_id", "day", "measure", "channel", "value", "rows")
