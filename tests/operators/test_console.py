"""The console: a link that is given out by a verb, for a campaign and twelve hours, and what a screen gets by it."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select, update
from sqlalchemy.exc import IntegrityError

from core.measures.measure import Period, count, total
from core.measures.rollup import roll_up
from core.models import Campaign
from core.operators import Role
from handlers import MECHANICS
from handlers.operators.console import open_links
from handlers.operators.tables import ConsoleLink, LogEntry
from huoju.bootstrap import Installation
from huoju.settings import Settings
from huoju.web.console import console_pages
from huoju.web.numbers import measured
from pages.console.serve import blueprint
from tests.pages.test_console import SCHEMA, fits
from tests.playground.rig import Door as Doors
from tests.stage import CAMPAIGN, START, Stage
from tests.talking import faults

pytestmark = pytest.mark.reading

PLAYED = (
    CAMPAIGN.replace("odds: 1/1000000000", "odds: 1/2").replace("codes: {", "codes: {planned: 1000, ")
    + """
points: {worth: 0.01 CNY}
gifts:
  - {name: mug, title: {zh: 马克杯, en: A mug}, price: 20 points, stock: 10, value: 20 CNY, claim: counter}
invites: {inviter: 20 points, invitee: 20 points, after: first redemption}
relay: {window: 10m, qualify: [code]}
"""
)


@pytest.fixture
def office(stage: Stage) -> Stage:
    stage.publish(PLAYED)
    stage.appoint(Role.OPERATOR)
    return stage


class Door:
    """The doors of one process, by the clock of the stage."""

    def __init__(self, stage: Stage) -> None:
        installation = Installation(Settings(), stage.database, stage.keys, lambda: stage.now, stage.randomness)

        def seconds() -> float:
            return (stage.now - START).total_seconds()

        app = Flask("test", static_folder=None)
        app.register_blueprint(blueprint(console_pages(installation, seconds)))
        self.client = app.test_client()


@pytest.fixture
def door(office: Stage) -> Door:
    return Door(office)


def given_out(stage: Stage, said: str = "/console") -> str:
    """The path of a link that an operator asks for."""
    answer = stage.command(said, by="boss")
    found = re.search(r"/console/[\w-]+", answer)
    assert found, answer
    return found[0]


def newest(stage: Stage) -> int:
    """The number of the link that was given out last; a plan that was dropped may have taken some before it."""
    with stage.sessions() as session:
        return session.scalars(select(ConsoleLink.id).order_by(ConsoleLink.id.desc())).first() or 0


def numbers(door: Door, path: str) -> dict[str, Any]:
    answer = door.client.get(f"{path}/console.json")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = json.loads(answer.data)
    assert fits(found, SCHEMA), found
    return found


def test_a_link_opens_the_console_of_its_campaign_for_twelve_hours(office: Stage, door: Door) -> None:
    path = given_out(office)
    page = door.client.get(path)
    assert page.status_code == 200
    assert '<h1 id="title">Open a bag</h1>' in page.text
    assert numbers(door, path)["state"] == "live"
    office.wait(hours=11, minutes=59, seconds=59)
    assert door.client.get(path).status_code == 200
    office.wait(seconds=2)
    assert door.client.get(path).status_code == door.client.get(f"{path}/console.json").status_code == 404


def test_the_web_process_has_the_doors(office: Stage) -> None:
    doors = Doors(office)
    assert doors.client.get(given_out(office)).status_code == 200
    doors.engine.close()


def test_a_link_that_is_taken_back_goes_dark_within_two_seconds(office: Stage, door: Door) -> None:
    mine, first = given_out(office), newest(office)
    other, second = given_out(office, "/大屏 snack"), newest(office)
    assert door.client.get(mine).status_code == door.client.get(other).status_code == 200
    assert re.search(rf"{first} · snack · Li Na.*\n{second} · snack", office.command("/console revoke", by="boss"))
    assert f"Taken back: {first}." in office.command(f"/console revoke {first}", by="boss")
    office.wait(seconds=2)
    assert door.client.get(mine).status_code == door.client.get(f"{mine}/console.json").status_code == 404
    assert door.client.get(other).status_code == 200
    assert f"no link is open under {first}" in office.command(f"/收回大屏 {first}", by="boss")
    assert f"Taken back: {second}." in office.command("/console revoke all", by="boss")
    office.wait(seconds=2)
    assert door.client.get(other).status_code == 404
    assert office.command("/console revoke", by="boss") == "No link to the console is open."
    assert not faults(office)


def test_it_is_written_who_had_a_link_and_who_took_it_back(office: Stage) -> None:
    given_out(office)
    office.wait(minutes=1)
    office.command(f"/console revoke {newest(office)}", by="boss")
    with office.sessions() as session:
        link = session.scalars(select(ConsoleLink)).one()
        assert (link.made_by, link.made_at, link.expires_at) == ("Li Na", START, START + timedelta(hours=12))
        assert (link.revoked_by, link.revoked_at) == ("Li Na", office.now)
        assert session.scalars(select(LogEntry.verb).order_by(LogEntry.number)).all() == ["console", "console revoke"]
    with pytest.raises(IntegrityError), office.sessions.begin() as session:
        session.execute(update(ConsoleLink).values(revoked_by=None))


def test_undo_takes_the_link_back(office: Stage, door: Door) -> None:
    path = given_out(office)
    assert f"Taken back: {newest(office)}." in office.command("/undo", by="boss")
    assert door.client.get(path).status_code == 404


def test_of_several_campaigns_one_is_named(office: Stage) -> None:
    office.publish(CAMPAIGN.replace("name: snack", "name: tea"))
    assert "these go on: snack, tea" in office.command("/console", by="boss")
    assert given_out(office, "/console tea")
    assert "there is no campaign" in office.command("/console coffee", by="boss")
    with office.sessions.begin() as session:
        session.execute(update(Campaign).values(state="ended"))
    assert "no campaign goes on now" in office.command("/console", by="boss")


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.AUDITOR, Role.DEALER])
def test_who_is_not_trusted_with_it_gets_none(office: Stage, role: Role) -> None:
    office.appoint(role, by="other", name="Wu")
    for said in ("/console", "/console revoke"):
        assert "there is no verb like that for you" in office.command(said, by="other")
    with office.sessions() as session:
        assert session.scalars(select(ConsoleLink)).all() == []


def test_a_link_of_another_campaign_or_purpose_is_none(office: Stage, door: Door) -> None:
    path, number = given_out(office), newest(office)
    with office.sessions() as session:
        assert open_links(session, 1, office.now) == {number}
        assert open_links(session, 2, office.now) == frozenset()
    assert door.client.get(path[:-2]).status_code == 404


def test_a_request_asks_the_database_nothing(office: Stage, door: Door) -> None:
    path, asked = given_out(office), list[str]()
    numbers(door, path)

    @event.listens_for(office.database, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    for _ in range(50):
        assert door.client.get(f"{path}/console.json").status_code == 200
        assert door.client.get(path).status_code == 200
    assert asked == []
    office.wait(seconds=2)
    numbers(door, path)
    assert 0 < len(asked) < 60
    event.remove(office.database, "before_cursor_execute", note)


def play(stage: Stage) -> None:
    for number, code in enumerate(stage.codes(12)):
        stage.say(code, by=f"p{number % 4}")
        stage.wait(minutes=7)
    stage.tick()
    stage.wait(days=1)
    stage.say(stage.codes(1)[0], by="p1")
    stage.wait(seconds=2)


def test_the_console_says_what_measures_say(office: Stage, door: Door) -> None:
    path = given_out(office)
    play(office)
    path = given_out(office)
    found = numbers(door, path)
    with office.sessions() as session:
        campaign = office.shelf.read(session)[1]
        whole = Period.of(session, MECHANICS.sections, 1, START - timedelta(days=1), office.now + timedelta(hours=1))

        def counted(name: str) -> int:
            return total(count(session, MECHANICS.measures[name], whole))

        figures = found["figures"]
        assert figures["redeemed"] == counted("codes redeemed") == 13
        assert figures["redeemed_today"] == 1
        assert figures["drawn"] == counted("draws") == 13
        assert 0 < figures["won"] == counted("prizes won")
        assert 0 < figures["points"] == counted("points outstanding")
        assert figures["players"] == counted("players joined") >= 4
        assert found["money"]["given"] == counted("worth of prizes won") == figures["won"] * 299_900
        assert found["money"]["liability"] == counted("liability") == figures["points"]
        assert found["torches"]["granted"] == counted("torches granted") > 0
        assert found["torches"]["lit"] == counted("torches burning")
        assert measured(session, campaign, office.now)["codes redeemed", False] == 13
    phone, mug = found["prizes"]
    assert (phone["stock"], phone["left"]) == (10, 10 - figures["won"])
    assert (mug["title"]["en"], mug["stock"], mug["left"], mug["planned"]) == ("A mug", 10, 10, 10)
    assert found["money"]["budget"] == 10_000_000


def test_the_console_and_the_chat_tell_the_same_digits(office: Stage, door: Door) -> None:
    play(office)
    roll_up(office.runtime, office.now)
    figures = numbers(door, given_out(office))["figures"]
    told = office.command("/stats since", by="boss").splitlines()
    today = office.command("/stats", by="boss").splitlines()
    for name, told_as in (("players", "players joined"), ("redeemed", "codes redeemed"), ("won", "prizes won")):
        assert f"{told_as} · {figures[name]} · - · -" in told, told
    assert any(line.startswith(f"codes redeemed · {figures['redeemed_today']} · ") for line in today), today


def test_the_proof_is_the_head_of_the_log_and_tells_when_it_was_touched(office: Stage, door: Door) -> None:
    path = given_out(office)
    proof = numbers(door, path)["proof"]
    with office.sessions() as session:
        campaign = session.scalars(select(Campaign)).one()
        assert proof["commitment"] == campaign.seed_commitment[:16]
    assert (proof["log_entries"], proof["log_whole"], proof["verified_at"]) == (1, None, None)
    office.wait(seconds=2)
    proof = numbers(door, path)["proof"]
    assert (proof["log_whole"], proof["verified_at"]) == (True, int(office.now.timestamp() * 1000))
    office.command("/campaign list", by="boss")
    with office.sessions.begin() as session:
        session.execute(update(LogEntry).where(LogEntry.number == 2).values(operator="Wu"))
    office.wait(minutes=6)
    assert numbers(door, path)["proof"]["log_whole"] is False


def test_what_was_verified_is_read_again_once_an_hour(office: Stage, door: Door) -> None:
    path = given_out(office)

    def is_whole(**later: float) -> bool | None:
        office.wait(**later)
        found: bool | None = numbers(door, path)["proof"]["log_whole"]
        return found

    assert [is_whole(), is_whole(seconds=2)] == [None, True]
    office.command("/campaign list", by="boss")
    with office.sessions.begin() as session:
        session.execute(update(LogEntry).where(LogEntry.number == 1).values(operator="Wu"))
    assert is_whole(minutes=6) is True, "what was written since is whole"
    assert is_whole(minutes=61) is False
    assert is_whole(minutes=6) is False, "nobody has mended it"
    with office.sessions.begin() as session:
        session.execute(update(LogEntry).where(LogEntry.number == 1).values(operator="Li Na"))
    assert is_whole(minutes=6) is True, "after a fault it is read from its beginning"


MARK = "Qzj"
HOSTILE = st.sampled_from(
    ["<script>alert(1)</script>", "+8613912345678", "</title>", '","phone":"1', "{{7*7}}", "李小姐", "\u202eanna", ""]
) | st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=20)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(HOSTILE, min_size=1, max_size=3))
def test_nothing_that_players_are_called_or_say_is_shown(office: Stage, door: Door, names: list[str]) -> None:
    path = given_out(office)
    for number, name in enumerate(names):
        user = f"+86139{MARK}{number}{name}"
        office.say(office.codes(1)[0], by=user)
        for said in (f"call me {MARK} {name}", f"call me {MARK}", f"{MARK}{name}"):
            office.say(said, by=user)
    office.wait(seconds=2)
    shown = door.client.get(path).text + json.dumps(numbers(door, path), ensure_ascii=False)
    assert MARK not in shown
    assert "+86139" not in shown
