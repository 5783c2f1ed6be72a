"""What operators are told of segments: sizes, reach that adds up, why somebody is in one, names, files."""

import csv
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.campaign.reader import BadCampaign
from core.messages import InboundKind
from core.models import Address, Join, Player
from core.operators import Role
from core.verbs import JobFiles
from core.words import Mark, row_number
from handlers.operators.job_files import Fetched, fetch
from tests.snack import SURE
from tests.stage import Stage

NAMED = (
    SURE.replace("channels: [test, second]", "channels: [test, second/main, wechat]")
    + """
segments:
  lucky: won phone
  rich: points >= 100 and not lucky
  quiet: language is unknown
"""
)


def _begin(stage: Stage, files: str = NAMED) -> None:
    """Seven people, no two of whom can be told something alike."""
    stage.settings = (JobFiles(stage.directory / "files", timedelta(hours=24)),)
    stage.publish(files)
    stage.appoint(Role.OWNER)
    stage.say("english", by="boss")
    code, other = stage.codes(2)
    stage.say(code, by="anna")
    stage.say("invite", by="carl", channel="second")
    stage.say(other, by="wang", channel="wechat")
    stage.say("invite", by="dora")
    stage.say("stop", by="dora")
    stage.say("invite", by="emil")
    stage.say("", by="emil", kind=InboundKind.LEFT)
    stage.say("invite", by="fred")
    with stage.sessions.begin() as session:
        blocked = {"blocked_at": stage.now, "blocked_by": "Li Na", "blocked_why_sealed": b"-"}
        session.execute(update(Address).where(Address.key == stage.key("fred")).values(blocked))
        session.execute(update(Address).where(Address.key == stage.key("carl", channel="second")).values(language=None))


def _number(stage: Stage, by: str, channel: str = "test") -> str:
    with stage.sessions() as session:
        mine = select(Join.player_id).where(Join.address_key == stage.key(by, channel=channel))
        return row_number(Mark.PLAYER, session.scalars(mine).one())


def test_sizes_and_reach_add_up(stage: Stage) -> None:
    _begin(stage)
    told = stage.command("/segment everybody", by="boss")
    assert "Players of snack in this segment: 6. Of these can be told something now: 3." in told
    found = {tuple(row.split(" · ")[1:]): int(row.split(" · ")[0]) for row in told.split("\n") if row[:1].isdigit()}
    assert sum(found.values()) == 6
    assert found == {
        ("can be told now", "test"): 1,
        ("can be told now", "second/main"): 1,
        ("can be told now", "wechat"): 1,
        ("opted out", "test"): 1,
        ("gone: left or blocked us", "test"): 1,
        ("blocked by an operator", "test"): 1,
    }
    stage.wait(days=3)
    told = stage.command("/segment channel is wechat", by="boss")
    assert "in this segment: 1. Of these can be told something now: 0." in told
    assert "1 · has not written lately: the platform lets us send nothing · wechat" in told
    assert "in this segment: 0" in stage.command("/segment reachable and 渠道是微信", by="boss")
    limits = (
        'follow_up_limits: {quiet: "00:00-23:59"}\nfollow_ups: [{name: a, when: 1h after win, say: {zh: a, en: b}}]\n'
    )
    stage.publish(NAMED + limits)
    assert "1 · quiet hours · second/main" in stage.command("/segment reachable", by="boss")


def test_why_somebody_is_in_it(stage: Stage) -> None:
    _begin(stage)
    anna = _number(stage, "anna")
    told = stage.command(f"/segment why {anna} 兑过码 且 (积分>=100 或 not lucky)", by="boss")
    assert f"{anna} is not in this segment of snack." in told
    rows = [row for row in told.split("\n") if row.startswith(("✓", "✗", "?"))]
    assert [row.split(" · ")[0] for row in rows] == ["✗", "✓", "✗", "✗", "✗", "✓", "✓"]
    assert rows[1].startswith("✓ ·   兑过码 · 1; the last one ever 2026-")
    assert rows[-1].split(" · ")[1:][0].strip() == "won phone"
    carl = _number(stage, "carl", "second")
    told = stage.command(f"/segment why {carl} language is zh", by="boss")
    assert f"Nobody knows whether {carl} is in this segment of snack" in told
    assert "? · language is zh · none" in told
    assert "does not play" in stage.command("/segment why test/main/nobody everybody", by="boss")


def test_named_ones_are_listed_and_said_by_name(stage: Stage) -> None:
    _begin(stage)
    told = stage.command("/segment list", by="boss")
    assert "lucky · 2 · won phone" in told
    assert "quiet · 3 · language is unknown" in told
    assert "in this segment: 2." in stage.command("/segment lucky of snack", by="boss")
    assert "in this segment: 4." in stage.command("/人群 非 lucky", by="boss")
    assert "redeemed · " in stage.command("/segment words", by="boss")


WRONG = [
    ("lucky: won fone", "lucky", "nothing is called fone here (do you mean phone?)"),
    ("lucky: rich", "lucky", "a part of itself"),
    ("lit: won phone", "lit", "means something in segments already"),
    ("lucky: points > 5 and points < 3", "lucky", "at sign 16: points cannot be both"),
    ("lucky: not has torch", "lucky", "at sign 5: there are no torches"),
    ("Lucky: won phone", "", "use 1 to 32 of a-z"),
]


@pytest.mark.reading
@pytest.mark.parametrize(("line", "name", "says"), WRONG, ids=[row[0] for row in WRONG])
def test_a_file_is_told_what_is_wrong_at_its_line(stage: Stage, line: str, name: str, says: str) -> None:
    text = NAMED.replace("lucky: won phone", line)
    at = next(number for number, one in enumerate(text.splitlines(), 1) if line in one)
    with pytest.raises(BadCampaign) as caught:
        stage.publish(text)
    found = [each for each in caught.value.violations if says in each.remedy]
    assert [(found[0].line, found[0].place.rpartition(".")[2] == name or not name)] == [(at, True)]


def test_a_follow_up_takes_any_segment(stage: Stage) -> None:
    follow = (
        "follow_ups: [{name: a, when: 1h after first contact, unless: lucky or 积分>=50, say: {zh: 来, en: come}}]\n"
    )
    stage.publish(NAMED + follow)
    (code,) = stage.codes(1)
    stage.say(code, by="anna")
    stage.say("invite", by="bert")
    stage.give(60, by="bert")
    stage.say("invite", by="carl")
    stage.wait(hours=2)
    stage.tick()
    assert [any("come" in one for one in stage.told(by)) for by in ("anna", "bert", "carl")] == [False, False, True]


def test_a_file_of_its_players(stage: Stage) -> None:
    _begin(stage)
    assert "2 players of snack would be in the file" in stage.command("/segment export lucky?", by="boss")
    stage.command("/segment export lucky", by="boss")
    assert stage.work() == 1
    link = stage.told("boss")[-1].split("/file/")[1].split(maxsplit=1)[0]
    found = fetch(stage.runtime, link, stage.now)
    assert isinstance(found, Fetched)
    with found.file as file:
        rows = list(csv.reader(file.read().decode("utf-8-sig").splitlines()))
    assert rows[0] == ["player", "joined_at", "channel", "points"]
    assert [(row[0], row[2]) for row in rows[1:]] == [
        (_number(stage, "anna"), "test"),
        (_number(stage, "wang", "wechat"), "wechat"),
    ]
    stage.appoint(Role.AUDITOR, by="eve", name="Eve")
    assert "no verb like that for you" in stage.command("/segment export lucky", by="eve")


def test_linked_players_count_once(stage: Stage) -> None:
    _begin(stage)
    with stage.sessions.begin() as session:
        anna, fred = (
            session.scalars(select(Join).where(Join.address_key == stage.key(by))).one() for by in ("anna", "fred")
        )
        session.execute(update(Player).where(Player.id == anna.player_id).values(merged_into=fred.player_id))
        anna.player_id = fred.player_id
    assert "in this segment: 5." in stage.command("/segment everybody", by="boss")
    assert "in this segment: 2." in stage.command("/segment won phone", by="boss")
