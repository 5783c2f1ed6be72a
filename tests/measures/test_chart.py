"""The chart beside the numbers: the same numbers day by day, and a link that is drawn when somebody opens it."""

import re
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from sqlalchemy import event

from core.answers import Answer, Link, Table
from core.measures.chart import LASTS, asked_by
from core.measures.comparison import Asked, Comparison, Stretch, compare
from core.measures.figures import Counts, Span
from core.measures.measure import Sum
from core.measures.rollup import roll_up
from core.operators import Role
from core.verbs import Desk, by_name
from handlers import MECHANICS
from tests.measures.test_counting import EVERYTHING
from tests.playground.rig import Door
from tests.stage import Stage
from tests.talking import play

pytestmark = pytest.mark.reading

HERE = "https://huoju.example"


REDEEMED = (0, 1, 0, 1, 0, 1, 0, 0, 0, 2)
"""Codes of each day, and one more today."""


@pytest.fixture
def office(stage: Stage) -> Stage:
    stage.public_url = HERE
    stage.publish(EVERYTHING)
    stage.appoint(Role.AUDITOR)
    for codes in REDEEMED:
        for number in range(codes):
            play(stage, f"p{number}")
        stage.wait(days=1)
    play(stage, "p0")
    roll_up(stage.runtime, stage.now)
    stage.wait(minutes=1)
    return stage


def compared(stage: Stage, stretch: Stretch) -> Comparison:
    with stage.sessions() as session:
        counts = Counts(session, MECHANICS.sections, MECHANICS.measures)
        return compare(counts, stage.shelf.read(session)[1], Asked(1, stretch, None, stage.now))


def answer(stage: Stage, *about: str) -> Answer:
    return by_name(MECHANICS.verbs)["stats"].carry_out(Desk(stage.runtime, stage.now, tuple), {"about": about})


def test_days_are_those_of_which_the_numbers_are_made(office: Stage) -> None:
    redeemed = {
        stretch: next(one for one in compared(office, stretch).lines if one.measure.name == "codes redeemed")
        for stretch in ("day", "yesterday", "week", "month", "since")
    }
    assert (redeemed["day"].now, redeemed["day"].before) == (1, 1)
    assert (redeemed["yesterday"].now, redeemed["yesterday"].before) == (2, 0)
    assert list(redeemed["day"].days) == list(redeemed["week"].days) == [0, 1, 0, 0, 0, 2, 1]
    assert list(redeemed["yesterday"].days) == [1, 0, 1, 0, 0, 0, 2]
    assert list(redeemed["week"].days_before) == [0, 0, 0, 0, 1, 0, 1], "of the last day the same hours"
    assert list(redeemed["yesterday"].days_before) == [0, 0, 0, 0, 0, 1, 0]
    assert list(redeemed["since"].days) == [*REDEEMED, 1]
    assert len(redeemed["month"].days) == len(redeemed["month"].days_before) == 28
    for stretch in ("week", "month", "since"):
        for one in compared(office, stretch).lines:
            if one.measure.sum is Sum.FLOW:
                assert one.now == sum(one.days), one.measure.name
    people = next(one for one in compared(office, "yesterday").lines if one.measure.sum is Sum.DISTINCT)
    assert people.now == people.days[-1] == 2, "a day that is over is not the mean of it and the next one"


def test_no_day_is_counted_of_before_there_was_a_campaign(stage: Stage) -> None:
    stage.publish()
    play(stage, "anna")
    stage.wait(minutes=1)
    statements = list[str]()
    event.listen(stage.database, "before_cursor_execute", lambda *said: statements.append(said[2]))
    compared(stage, "month")
    assert statements
    assert len([one for one in statements if "FROM redemptions" in one]) <= 2, "today, and the same hours of before"


@pytest.mark.reading
def test_a_week_before_is_so_by_the_clocks_of_the_zone() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    after_summer = datetime(2026, 10, 27, 23, 30, tzinfo=UTC)  # half past midnight of the 28th
    span = Span(date(2026, 10, 28), after_summer).before(7, berlin)
    assert span.first == date(2026, 10, 21)
    assert span.until == datetime(2026, 10, 20, 22, 30, tzinfo=UTC), "half past midnight of the 21st"


def test_a_chat_shows_the_picture_and_a_script_its_numbers(office: Stage) -> None:
    told = office.command("/stats week", by="boss").splitlines()
    assert re.fullmatch(rf"{HERE}/chart/[\w-]+\.png\?lang=en", told[-1]), "where there are no pictures"
    office.say("中文", by="boss")
    assert office.command("/统计 周", by="boss").endswith(".png?lang=zh")
    found = answer(office, "week")
    (table,) = (part for part in found.parts if isinstance(part, Table))
    (link,) = (part for part in found.parts if isinstance(part, Link))
    assert link.picture
    (told_to_scripts,) = found.document()["links"]  # type: ignore[misc]  # as JSON says it
    days = [row for row in told_to_scripts["days"] if row["measure"] == "codes redeemed"]
    assert days[-1] == {"day": "2026-12-11", "measure": "codes redeemed", "now": 1, "before": 1}
    assert sum(row["now"] for row in days) == next(row[1] for row in table.rows if row[0] == "codes redeemed")
    office.public_url = None
    assert "/chart/" not in office.command("/统计 周", by="boss"), "nobody could open it"


def test_a_link_is_drawn_while_it_is_good_as_of_when_it_was_given(office: Stage) -> None:
    (link,) = answer(office, "week").links()
    asked = asked_by(office.keys, link.path.removeprefix("/chart/").removesuffix(".png"), office.now)
    assert asked == Asked(1, "week", None, office.now)
    door = Door(office)
    first = door.client.get(f"{link.path}?lang=zh")
    assert (first.status_code, first.content_type) == (200, "image/png")
    assert Image.open(BytesIO(first.data)).width == 780
    office.wait(hours=5)
    play(office, "late")
    assert door.client.get(f"{link.path}?lang=zh").data == first.data
    assert door.client.get(f"{link.path}?lang=en").data != first.data
    assert door.client.get(link.path.replace(".png", "x.png")).status_code == 404
    assert door.client.get(f"/chart/{'x' * 300}.png").status_code == 404
    office.now += LASTS
    gone = door.client.get(link.path)
    assert gone.status_code == 404
    assert "This link is good no more" in gone.text
    door.engine.close()


def test_one_channel_is_drawn_alone(office: Stage) -> None:
    (link,) = answer(office, "yesterday", "second").links()
    asked = asked_by(office.keys, link.path.removeprefix("/chart/").removesuffix(".png"), office.now)
    assert asked == Asked(1, "yesterday", "second", office.now)
    assert asked_by(office.keys, "nonsense", office.now) is None
    assert asked_by(office.keys, link.path.removeprefix("/chart/"), office.now + timedelta(days=8)) is None
