"""Broadcasts that stand in a campaign file: sent when an operator confirms them, never before, and as the file says."""

import pytest
from sqlalchemy import Subquery, select
from sqlalchemy.orm import Session

from core.campaign.checks import check_campaign
from core.campaign.reader import BadCampaign, read_content
from core.models import Broadcast
from core.operators import Role
from handlers import MECHANICS
from handlers.broadcasts import verbs
from handlers.broadcasts.routes import counts
from tests.broadcasts.scene import boss, go, members, send, tick
from tests.sending.rig import Desk, Platform
from tests.stage import CAMPAIGN, START, Stage
from tests.talking import faults

FILE = (
    CAMPAIGN
    + """
segments:
  keen: redeemed
broadcasts:
  - name: spring
    to: keen
    say: {zh: 大家好, en: Hello from us}
    at: 2026-12-01 20:00 Asia/Shanghai
    until: 2026-12-01 23:00 Asia/Shanghai
    hours: "19:00-22:00"
    channels: [second, test]
  - name: later
    say: {zh: 再见, en: Goodbye}
"""
)


def opened(stage: Stage, *people: str) -> None:
    stage.publish(FILE, spelled=False)
    for by in people:
        stage.say(stage.codes(1)[0], by=by)
    stage.appoint(Role.OWNER, channel="second")


def rows(stage: Stage) -> list[Broadcast]:
    with stage.sessions() as session:
        return list(session.scalars(select(Broadcast).order_by(Broadcast.name)))


def test_it_goes_as_the_file_says_once_it_is_confirmed(stage: Stage) -> None:
    opened(stage, "a", "b")
    listed = boss(stage, "/broadcast")
    assert "spring" in listed
    assert "in the file" in listed
    shown = boss(stage, "/broadcast show spring")
    assert "Hello from us" in shown
    assert "test/main · 2" in shown
    assert "on its way to you" in boss(stage, "/broadcast test spring")
    assert "already" in boss(stage, "/broadcast new spring snack to everybody")
    for verb in ("text spring Hi", "stop spring", "pause spring"):
        assert "stands in the file of snack" in boss(stage, f"/broadcast {verb}")
    assert "was not sent yet" in boss(stage, "/broadcast report spring")
    desk = Desk(stage, Platform())
    stage.wait(hours=9)
    go(stage, desk)
    assert rows(stage) == []
    stage.wait(hours=-9)
    plan = send(stage)
    assert "from 2026-12-01 12:00 to 2026-12-01 15:00" in plan
    row = rows(stage)[0]
    assert (row.segment, row.words["zh"], row.channels, row.hours) == (
        "keen",
        "大家好",
        ["second", "test"],
        "19:00-22:00",
    )
    assert members(stage) == {("waiting", None): 2}
    assert "confirmed before" in boss(stage, "/broadcast send spring")
    stage.wait(hours=9)
    go(stage, desk)
    assert members(stage) == {("sent", None): 2}
    assert faults(stage) == []


@pytest.mark.reading
def test_what_the_operator_says_comes_before_what_the_file_does(stage: Stage) -> None:
    opened(stage, "a")
    stage.wait(hours=10)
    assert "has passed" in boss(stage, "/broadcast send spring")
    assert "from 2026-12-02 12:00 to 2026-12-02 13:00" in send(
        stage, more="at=20:00 until=2026-12-02T21:00 channels=test"
    )
    assert rows(stage)[0].channels == ["test"]


def test_what_a_segment_means_is_frozen_too(stage: Stage) -> None:
    opened(stage, "a", "b", "c")
    stage.say("stop", by="c")
    send(stage, chunk=1)
    stage.publish(FILE.replace("keen: redeemed", "keen: opted out"), spelled=False)
    tick(stage)
    assert members(stage) == {("waiting", None): 2, ("left_out", "opted_out"): 1}
    assert faults(stage) == []


def test_a_segment_that_nobody_can_read_any_more_ends_the_freezing_aloud(stage: Stage) -> None:
    opened(stage, "a", "b", "c")
    stage.appoint(Role.AUDITOR, by="reader", channel="second")
    send(stage, "later", chunk=1)
    with stage.sessions.begin() as session:
        session.scalars(select(Broadcast)).one().segment = "a word of an older program"
    tick(stage)
    tick(stage)
    assert members(stage, "later") == {("queued", None): 1}
    told = stage.told("boss", channel="second")
    assert sum("later has not all of its members" in text for text in told) == 1
    assert not any("has not all" in text for text in stage.told("reader", channel="second"))
    assert "incomplete" in boss(stage, "/broadcast")
    assert "It has not all of its members" in boss(stage, "/broadcast report later")
    assert faults(stage) == []


@pytest.mark.reading
def test_whoever_plans_counts_before_the_transaction_begins(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(stage, "a", "b")
    within = list[bool]()

    def watched(session: Session, found: Subquery) -> object:
        within.append(session.connection().in_nested_transaction())
        return counts(session, found)

    monkeypatch.setattr(verbs, "counts", watched)
    plan = boss(stage, "/broadcast send later")
    assert boss(stage, "/broadcast send spring").count("/confirm") == 1
    assert within == [False, False]
    stage.publish(FILE.replace("Goodbye", "Farewell"), spelled=False)
    word = plan.split("/confirm ")[1][:4]
    assert "was changed since it was planned" in boss(stage, f"/confirm {word}")
    assert rows(stage) == []


BAD = [
    # id, what is changed, what is complained about
    ("no segment", ("to: keen", "to: keener"), "keener"),
    ("nowhere", ("channels: [second, test]", "channels: [sms]"), "none of the campaign's channels"),
    ("before it begins", ("until: 2026-12-01 23:00", "until: 2026-12-01 19:00"), "over before it begins"),
    ("too late", ("at: 2026-12-01 20:00", "at: 2030-12-01 20:00"), "over before it begins"),
    ("at once", ("at: 2026-12-01 20:00 Asia/Shanghai", "at: at publication"), "it goes once it is confirmed"),
    ("one language", ("say: {zh: 再见, en: Goodbye}", "say: {zh: 再见}"), "en"),
    ("twice", ("name: later", "name: spring"), "two broadcasts are named spring"),
]


@pytest.mark.reading
@pytest.mark.parametrize(("name", "change", "says"), BAD, ids=[row[0] for row in BAD])
def test_what_cannot_go_is_complained_about(name: str, change: tuple[str, str], says: str) -> None:
    assert change[0] in FILE
    with pytest.raises(BadCampaign) as caught:
        check_campaign(
            read_content("bad.yaml", FILE.replace(*change).encode(), MECHANICS.sections), MECHANICS.texts(), START
        )
    assert says in str(caught.value)


@pytest.mark.reading
def test_a_name_is_one_broadcasts(stage: Stage) -> None:
    opened(stage, "a")
    send(stage, "later")
    stage.publish(FILE.replace("大家好", "你们好"), spelled=False)
    with pytest.raises(BadCampaign, match="was sent, and stays as it was"):
        stage.publish(FILE.replace("再见", "回见"), spelled=False)
    with pytest.raises(BadCampaign, match="snack has a broadcast later already"):
        stage.publish(FILE.replace("name: snack", "name: other"), spelled=False)
    assert "speaks to" in boss(stage, "/broadcast new own snack to everybody")
    with pytest.raises(BadCampaign, match="there is a draft own"):
        stage.publish(FILE.replace("name: spring", "name: own"), spelled=False)
