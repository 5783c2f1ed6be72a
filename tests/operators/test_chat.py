"""Verbs in a chat: how they are spelt, who may say them, and that each is done once."""

import re

import pytest
from sqlalchemy import func, select

from core.models import Campaign, Player
from core.operators import Role
from handlers.operators.tables import LogEntry
from tests.beginnings import begin
from tests.stage import Stage
from tests.talking import faults

pytestmark = pytest.mark.reading


def state_of(stage: Stage) -> str:
    with stage.sessions() as session:
        return session.scalars(select(Campaign.state)).one()


def endings(stage: Stage) -> list[str]:
    with stage.sessions() as session:
        return list(session.scalars(select(LogEntry.ending).order_by(LogEntry.number)))


def word_in(text: str) -> str:
    found = re.search(r"/confirm (\w{4})", text)
    assert found, text
    return found[1]


def redeem_and_appoint(stage: Stage) -> None:
    stage.publish()
    stage.say(stage.codes(1)[0], by="anna")
    stage.appoint(Role.OWNER)


@pytest.fixture
def office(stage: Stage) -> Stage:
    return begin(stage, redeem_and_appoint)


@pytest.mark.parametrize(
    "said",
    [
        "/campaign pause snack",
        "／campaign pause snack",
        "、暂停活动 snack",
        "/暂停活动\u3000snack",
        "/Campaign.PAUSE “snack”",
        "/campaign_pause snack",
        "/campaign-pause name=snack",
        "/campaign pause --name snack",
        " / campaign  pause snack",
    ],
)
def test_a_verb_is_understood_however_it_is_typed(office: Stage, said: str) -> None:
    assert office.command(said, by="boss") == "snack is paused now."
    assert state_of(office) == "paused"
    assert endings(office) == ["done"]
    assert not faults(office)


def test_words_of_players_stay_words_of_players(office: Stage) -> None:
    assert "points.balance" in office.command("/points", by="boss")
    assert office.command("points", by="boss") == office.command("/points", by="boss")
    assert endings(office) == []


def test_a_stranger_reads_what_anybody_reads_for_an_unknown_word(office: Stage) -> None:
    unknown = office.say("/frobnicate the thing", by="anna")
    for number in range(8):
        assert office.command("/campaign pause snack", by="anna", id=f"x{number}") == unknown
    assert state_of(office) == "live"
    assert endings(office) == ["stranger"] * 5, "guesses are limited"
    office.wait(hours=2)
    office.command("/campaign pause snack", by="anna")
    assert endings(office) == ["stranger"] * 6
    assert not faults(office)


@pytest.mark.parametrize("again", [1, 3])
def test_a_verb_that_comes_again_is_done_once(office: Stage, again: int) -> None:
    said = office.delivery('/points correct test/main/anna snack 50 reason="late parcel"', by="boss")
    first = office.dealt(said)
    assert [office.dealt(said) for _ in range(again)] == [first] * again
    with office.sessions() as session:
        assert session.scalar(select(Player.points).where(Player.id == select(func.min(Player.id)).scalar_subquery()))
        assert session.scalar(select(func.count()).select_from(LogEntry)) == 1
    assert not faults(office)


def test_a_role_sleeps_when_nobody_used_it_for_long(office: Stage) -> None:
    office.wait(days=89)
    assert "snack" in office.command("/campaign list", by="boss")
    office.wait(days=89)
    assert "snack" in office.command("/campaign list", by="boss")
    office.wait(days=91)
    assert "snack" not in office.command("/campaign list", by="boss")
    assert endings(office) == ["done", "done", "stranger"]


def test_a_plan_is_done_by_its_word_and_only_once(office: Stage) -> None:
    planned = office.command("/campaign end snack", by="boss")
    assert "An ended campaign cannot be resumed" in planned
    assert state_of(office) == "live"
    office.wait(seconds=59)
    assert "snack is ended now." in office.command(f"/confirm {word_in(planned)}", by="boss")
    assert state_of(office) == "ended"
    assert "nothing was done again" in office.command(f"/confirm {word_in(planned)}", by="boss")
    assert endings(office) == ["planned", "done", "refused"]
    assert not faults(office)


def test_a_plan_of_another_operator_of_another_chat_or_of_long_ago_is_not_done(office: Stage) -> None:
    office.appoint(Role.OWNER, by="other", name="Wang Wu")
    office.appoint(Role.OWNER, by="second phone", name="Li Na")
    word = word_in(office.command("/campaign end snack", by="boss"))
    assert "another operator" in office.command(f"/confirm {word}", by="other")
    assert "another chat" in office.command(f"/confirm {word}", by="second phone")
    office.wait(seconds=61)
    assert "is over" in office.command(f"/confirm {word}", by="boss")
    assert "no plan has the word" in office.command("/confirm 7KQ2", by="boss")
    assert state_of(office) == "live"
    assert not faults(office)


def test_a_question_mark_only_shows_what_would_be_done(office: Stage) -> None:
    shown = office.command("/campaign pause snack？", by="boss")
    assert "snack is paused now." in shown
    assert "Plan" in shown
    assert state_of(office) == "live"
    assert endings(office) == ["planned"]


def test_over_sms_whatever_changes_something_wants_a_word_that_went_to_the_number(office: Stage) -> None:
    office.appoint(Role.OWNER, by="+8613800138000", channel="sms")
    where = {"by": "+8613800138000", "channel": "sms"}
    planned = office.command("/campaign pause snack", **where)
    assert state_of(office) == "live"
    assert "snack is paused now." in office.command(f"/confirm {word_in(planned)}", **where)
    assert state_of(office) == "paused"


def test_an_invitation_makes_one_address_an_operator(office: Stage) -> None:
    told = office.command("/operator invite support Wang Wu", by="boss")
    word = told.split()[-1]
    assert "Wang Wu" in office.command(f"/operator join {word}", by="wang")
    assert "snack" in office.command("/campaign list", by="wang")
    told = office.command("/campaign pause snack", by="wang")
    assert "您没有这个命令" in told or "there is no verb like that for you" in told
    office.command(f"/operator join {word}", by="thief")
    assert "snack" not in office.command("/campaign list", by="thief")
    assert endings(office) == ["done", "done", "done", "denied", "stranger", "stranger"]
    assert not faults(office)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("/campain pause snack", "you may have meant /campaign pause"),
        ("/campaign pause", "name"),
        ("/campaign pause snack now", "snack now"),
        ("/points correct test/main/anna snack many reason=x", "change: "),
        ("/points correct anna snack 5 reason=x", "write an address as channel/account/user"),
        ('/campaign pause "snack', "a quote does not close"),
        ("/campaign pause nobody", "nobody"),
        ("/log --frob", "knows no --frob"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence_and_nothing_is_done(office: Stage, said: str, answer: str) -> None:
    assert answer in office.command(said, by="boss")
    assert state_of(office) == "live"
    assert endings(office) == ["refused"]
    assert not faults(office)
