"""Days that were counted and kept: idempotent, final after 48 hours, counted anew on demand, and equal to the rows."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, func, select, text

from core.measures.figures import Counts, Span, figures
from core.measures.measure import Period, Sum, count
from core.measures.rollup import rebuild, reopen, roll_up
from core.models import DailyMeasure, MeasuredDay
from core.times import start_of_day
from handlers import MECHANICS
from tests.measures.tampering import MEASURES_TAMPERING
from tests.measures.test_counting import EVERYTHING
from tests.stage import START, Stage
from tests.talking import buy, faults, link_up, play, word_of

FIRST_DAY = date(2026, 12, 1)
"""It is noon there when a stage begins."""


def days(stage: Stage) -> list[tuple[date, bool]]:
    """The days that were counted, and whether each is final."""
    with stage.sessions() as session:
        found = session.execute(select(MeasuredDay.day, MeasuredDay.next_at).order_by(MeasuredDay.day))
        return [(day, next_at is None) for day, next_at in found]


def value(stage: Stage, measure: str) -> int:
    """What is kept of a measure, all days together."""
    with stage.sessions() as session:
        return session.scalar(select(func.sum(DailyMeasure.value)).where(DailyMeasure.measure == measure)) or 0


def test_a_day_is_counted_when_it_is_over_and_again_until_it_is_final(stage: Stage) -> None:
    stage.publish()
    play(stage, "anna")
    assert roll_up(stage.runtime, stage.now) == 0, "today is not over"
    stage.wait(hours=12)
    assert [roll_up(stage.runtime, stage.now) for _ in range(3)] == [1, 0, 0]
    assert days(stage) == [(FIRST_DAY, False)]
    assert value(stage, "codes redeemed") == 1
    stage.wait(hours=6)
    assert roll_up(stage.runtime, stage.now) == 1
    stage.wait(hours=42)
    assert roll_up(stage.runtime, stage.now) == 3, "two new ones, and the first one for the last time"
    assert [is_final for _, is_final in days(stage)] == [True, False, False]
    assert not faults(stage)


def test_a_clock_that_is_behind_takes_nothing_back(stage: Stage) -> None:
    stage.publish()
    play(stage, "anna")
    stage.wait(hours=13)
    roll_up(stage.runtime, stage.now)
    before = stage.now
    stage.wait(hours=30)
    roll_up(stage.runtime, stage.now)
    with stage.sessions.begin() as session:
        counted_at = session.scalars(select(MeasuredDay.counted_at)).first()
    rebuild(stage.runtime, 1, before)
    with stage.sessions() as session:
        assert session.scalars(select(MeasuredDay.counted_at)).first() == counted_at


@pytest.mark.parametrize(("name", "sql", "says"), MEASURES_TAMPERING, ids=[name for name, _, _ in MEASURES_TAMPERING])
def test_what_was_tampered_with_is_found_and_counted_anew(stage: Stage, name: str, sql: str, says: str) -> None:
    del name
    stage.publish()
    play(stage, "anna")
    stage.wait(days=4)
    roll_up(stage.runtime, stage.now)
    assert not faults(stage)
    with stage.sessions.begin() as session:
        session.execute(text(sql))
    (fault,) = faults(stage)
    assert fault.startswith(says)
    assert "measures of snack on 2026-12-01" in fault
    assert rebuild(stage.runtime, 1, stage.now) == 4
    assert value(stage, "codes redeemed") == 1
    assert not faults(stage)


def test_what_comes_late_opens_its_day_once_more(stage: Stage) -> None:
    stage.publish()
    play(stage, "anna")
    stage.wait(days=4)
    roll_up(stage.runtime, stage.now)
    with stage.sessions.begin() as session:
        session.execute(delete(DailyMeasure))
        reopen(session, stage.runtime, [START], stage.now)
    assert roll_up(stage.runtime, stage.now) == 1
    assert value(stage, "codes redeemed") == 1


def test_what_comes_late_while_its_day_is_counted_for_the_last_time_is_not_missed(stage: Stage) -> None:
    stage.publish()
    play(stage, "anna")
    for hours in (12, 6, 18, 24):
        stage.wait(hours=hours)
        roll_up(stage.runtime, stage.now - timedelta(seconds=1))
    assert days(stage)[0] == (FIRST_DAY, False)
    stage.wait(seconds=1)
    came = []

    def while_it_counts(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        if "redemptions" in statement and not came:
            came.append(statement)
            with stage.sessions.begin() as session:
                reopen(session, stage.runtime, [START], stage.now)

    event.listen(stage.database, "after_cursor_execute", while_it_counts)
    roll_up(stage.runtime, stage.now)
    event.remove(stage.database, "after_cursor_execute", while_it_counts)
    assert came
    assert days(stage)[0] == (FIRST_DAY, False), "counted without what came meanwhile, so once more"
    assert roll_up(stage.runtime, stage.now) == 1
    assert days(stage)[0] == (FIRST_DAY, True)


def test_figures_are_the_same_from_rows_and_from_days(stage: Stage) -> None:
    stage.publish()
    for hours, by in ((0, "anna"), (20, "ben"), (30, "anna")):
        stage.wait(hours=hours)
        play(stage, by)
    stage.wait(minutes=1)
    names = list(MECHANICS.measures)
    with stage.sessions() as session:
        campaign = stage.shelf.read(session)[1]
        counts, span = Counts(session, MECHANICS.sections, MECHANICS.measures), Span(FIRST_DAY, stage.now)
        live = figures(counts, campaign, span, names)
    roll_up(stage.runtime, stage.now)
    with stage.sessions() as session:
        counts = Counts(session, MECHANICS.sections, MECHANICS.measures)
        assert figures(counts, campaign, span, names) == live
        assert figures(counts, campaign, span, ["codes redeemed"], "second") == {"codes redeemed": 0}
    assert (live["codes redeemed"], live["points outstanding"], live["active players"]) == (3, 30, 1)


def _redeem(stage: Stage, name: str, who: int) -> None:
    play(stage, f"{name}-{who}", channel=("test", "second")[who % 2], campaign=name)


def _wrong(stage: Stage, name: str, who: int) -> None:
    stage.say(stage.issue(1, name, active=False)[1][0], by=f"{name}-{who}")


def _buy(stage: Stage, name: str, who: int) -> None:
    play(stage, f"{name}-{who}", campaign=name)
    stage.give(200, by=f"{name}-{who}", campaign=name)
    buy(stage, "mug", by=f"{name}-{who}")


def _stop(stage: Stage, name: str, who: int) -> None:
    stage.say("stop", by=f"{name}-{who}")


def _link(stage: Stage, name: str, who: int) -> None:
    play(stage, f"{name}-{who}", channel="second", campaign=name)
    play(stage, f"{name}-{who}-too", campaign=name)
    link_up(stage, (f"{name}-{who}-too", "test"), (f"{name}-{who}", "second"))


def _bring(stage: Stage, name: str, who: int) -> None:
    play(stage, f"{name}-{who}", campaign=name)
    stage.say(word_of(stage, f"{name}-{who}"), by=f"{name}-friend-{next(_numbers)}")


def _wait_some_hours(stage: Stage, _name: str, who: int) -> None:
    stage.wait(hours=5 + who)
    roll_up(stage.runtime, stage.now)


def _wait_some_days(stage: Stage, _name: str, who: int) -> None:
    stage.wait(days=1)


_PLAYED = {
    "redeem": _redeem,
    "wrong": _wrong,
    "buy": _buy,
    "stop": _stop,
    "link": _link,
    "bring": _bring,
    "hours": _wait_some_hours,
    "days": _wait_some_days,
}
_numbers = itertools.count(1)
_STEP = st.sampled_from(sorted(_PLAYED))


@settings(max_examples=4)
@given(steps=st.lists(st.tuples(_STEP, st.integers(0, 3)), min_size=4, max_size=12))
def test_every_history_is_the_same_by_days_as_by_rows(stage: Stage, steps: list[tuple[str, int]]) -> None:
    number = next(_numbers)
    name, begun = f"game{number}", stage.now
    stage.publish(EVERYTHING.replace("name: snack", f"name: {name}").replace("odds: 1/1", "odds: 1/2"))
    for step, who in steps:
        _PLAYED[step](stage, name, who)
    stage.wait(days=3)
    roll_up(stage.runtime, stage.now)
    with stage.sessions() as session:
        campaign = next(one for one in stage.shelf.read(session).values() if one.rules.name == name)
        first, last = (session.scalar(which(MeasuredDay.day)) for which in (func.min, func.max))
        assert first is not None
        assert last is not None
        zone = campaign.rules.zone
        until = start_of_day(last + timedelta(days=1), zone)
        period = Period.of(session, MECHANICS.sections, campaign.id, begun - timedelta(days=1), until)
        seen = 0
        for measure in MECHANICS.measures.values():
            if not measure.kept or measure.sum is Sum.DISTINCT:
                continue
            group = (DailyMeasure.campaign_id == campaign.id, DailyMeasure.measure == measure.name)
            summed = select(DailyMeasure.channel, func.sum(DailyMeasure.value)).where(*group)
            by_days = {channel: int(total) for channel, total in session.execute(summed.group_by(DailyMeasure.channel))}
            by_rows = {channel: tally.value for channel, tally in count(session, measure, period).items()}
            assert by_days == by_rows, measure.name
            seen += len(by_rows)
    assert seen or not any(step in {"redeem", "buy", "link"} for step, _ in steps)
    assert not faults(stage)
