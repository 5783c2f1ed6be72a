"""Days of a campaign: what is kept of one, counted from all other rows."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.campaign.grammar import Section
from core.campaign.rules import Rules
from core.measures.measure import Measure, Period, count_all
from core.models import Ageing, Guesses, Outbox
from core.times import start_of_day

A_DAY = timedelta(days=1)
_GO = (Outbox.__tablename__, Guesses.__tablename__)
"""Tables that days are counted from, and whose rows go when they are old (core/retention)."""


class DayOf(NamedTuple):
    """A day of a campaign, in its zone."""

    campaign_id: int
    day: date


def kept(measures: Mapping[str, Measure]) -> list[Measure]:
    """The measures of which days are kept."""
    return [measure for measure in measures.values() if measure.kept]


def counted_as(rules: Rules, measures: Mapping[str, Measure]) -> str:
    """In which zone days are counted, and which measures are kept of them."""
    names = "\n".join(sorted(measure.name for measure in kept(measures)))
    return f"{rules.zone.key} {hashlib.sha256(names.encode()).hexdigest()[:8]}"


def frozen_until(session: Session) -> datetime | None:
    """Before this instant rows that days are counted from may have gone; None where all are there. One query."""
    return session.scalar(select(func.max(Ageing.until)).where(Ageing.what.in_(_GO)))


def is_frozen(day: date, rules: Rules, until: datetime | None) -> bool:
    """Whether ``day`` can be counted no more, as rows before ``until`` may have gone."""
    return until is not None and start_of_day(day, rules.zone) < until


def whole_day(session: Session, sections: tuple[type[Section], ...], rules: Rules, which: DayOf) -> Period:
    """The period of a whole day."""
    since, until = start_of_day(which.day, rules.zone), start_of_day(which.day + A_DAY, rules.zone)
    return Period.of(session, sections, which.campaign_id, since, until)


def counted(session: Session, measures: Mapping[str, Measure], period: Period, day: date) -> list[dict[str, Any]]:
    """The rows of the table for one day: what is kept of it, counted from all other rows."""
    told = [each for each in kept(measures) if any(each.told(rules) for rules in period.versions.values())]
    return [
        {
            "campaign_id": period.campaign_id,
            "day": day,
            "measure": name,
            "channel": channel,
            "value": tally.value,
            "rows": tally.rows,
        }
        for name, tallies in count_all(session, told, period).items()
        for channel, tally in sorted(tallies.items())
    ]
