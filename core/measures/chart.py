"""Chart: a comparison as a picture. Its link says what was asked, and it is drawn when somebody opens that."""

from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from typing import cast, get_args

from core.answers import Column, Link, Table
from core.keys import Keyring
from core.links import read_signed, signed
from core.measures.comparison import Asked, Comparison, Stretch
from core.measures.days import A_DAY
from core.times import milliseconds

LASTS = timedelta(days=7)
_PURPOSE = "chart"
_COLUMNS = (Column("day"), Column("measure"), Column("now"), Column("before"))


def link_to(keys: Keyring, comparison: Comparison) -> Link:
    """The picture of ``comparison``, with its numbers for whoever sees none; the link is good for a week."""
    asked = comparison.asked
    says = f"{asked.campaign_id}.{asked.stretch}.{milliseconds(asked.at)}.{asked.channel or ''}"
    token = signed(keys, _PURPOSE, says, asked.at + LASTS)
    return Link("Chart", f"/chart/{token}.png", picture=True, numbers=_days(comparison))


def asked_by(keys: Keyring, token: str, at: datetime) -> Asked | None:
    """What a link to a chart asks for; None where it is not ours, or its time is over."""
    said = read_signed(keys, _PURPOSE, token, at)
    if said is None:
        return None
    campaign_id, stretch, since_1970_ms, channel = said.split(".", maxsplit=3)
    assert stretch in get_args(Stretch)
    as_of = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(since_1970_ms))
    return Asked(int(campaign_id), cast("Stretch", stretch), channel or None, as_of)


def _days(comparison: Comparison) -> Table:
    return Table(
        "days",
        _COLUMNS,
        [
            (comparison.first + number * A_DAY, line.measure.name, value, before)
            for line in comparison.lines
            for number, (value, before) in enumerate(zip_longest(line.days, line.days_before))
        ],
    )
