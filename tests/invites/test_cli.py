"""What operators review: invites that were held or paid, and timers that failed."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import OperationalError

from core.database import Moved
from core.models import Join, Timer
from core.operators import VerbRefused
from core.times import system_clock
from core.verbs import patiently
from core.words import Mark
from tests.office import Office, numbers_in, sit_down, win
from tests.snack import SNACK, SURE
from tests.stage import Stage

STRICT = SNACK.replace("per_player_per_day: 10}\n", "per_player_per_day: 10, hold_at: 1}\n")
"""Every invite that looks a little made up is held."""


@pytest.fixture
def office(
    stage: Stage, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Office:
    return sit_down(stage, database_url, monkeypatch, capsys)


def _bring(stage: Stage, friend: str, **later: float) -> None:
    """u1 brings ``friend``, who sends a first code ``later``."""
    word = stage.say("invite").split("word=")[1].split()[0]
    assert stage.say(word, by=friend).startswith("invite.joined")
    stage.wait(**later)
    stage.say(stage.codes(1)[0], by=friend)


def test_a_friend_whose_address_was_lost_is_no_crash(office: Office) -> None:
    office.stage.publish(STRICT)
    office.stage.say(office.stage.codes(1)[0])
    _bring(office.stage, "u2", minutes=3)
    number, _inviter = numbers_in(office("invites", "list", "--state", "rewarded"), Mark.FRIEND)
    with office.stage.sessions.begin() as session:
        session.execute(delete(Join).where(Join.address_key == office.stage.key("u2")))
    said = office("invites", "revoke", number, "--operator", "Wang", "--yes", fails=1)
    assert f"a player of {number} has no address left" in said


def test_a_paid_invite_is_clawed_back_as_far_as_points_are_left(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = office.stage
    stage.publish(SNACK)
    stage.say(stage.codes(1)[0])
    _bring(stage, "u2", hours=1)
    assert office("invites", "list") == "No invite is held; --state all shows every one.\n"
    shown = office("invites", "list", "snack", "--state", "rewarded")
    number, _inviter = numbers_in(shown, Mark.FRIEND)
    assert "20 + 5" in shown
    assert "only a held one can be released" in office("invites", "release", number, "--operator", "ann", fails=1)
    for text in ("gifts", "mug", "yes", "cancel"):
        stage.say(text)
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert "Revoke it?" in office("invites", "revoke", number, "--operator", "ann", fails=1)
    revoked = office("invites", "revoke", number, "--operator", "ann", "--yes")
    assert f"{number} is revoked; 10 points were spent already and are missing" in revoked
    assert stage.told()[-1].startswith("invite.clawed_back balance=0 points=10")
    assert stage.told("u2")[-1].startswith("invite.clawed_back balance=10 points=5")
    assert "nothing to take back" in office("invites", "revoke", number, "--operator", "ann", "--yes", fails=1)
    assert office.faults() == []


def test_a_ring_or_a_burst_is_seen_held_and_decided(office: Office) -> None:
    stage = office.stage
    stage.publish(STRICT)
    stage.say(stage.codes(1)[0])
    for friend in ("u2", "u3", "u4", "u5", "u6", "u7"):
        _bring(stage, friend, seconds=1)
    shown = office("invites", "list")
    held = numbers_in(shown, Mark.FRIEND)
    assert len(held) >= 4
    assert len(set(held[1::2])) == 1, "all have one inviter"
    assert " held " in shown
    assert numbers_in(office("invites", "list", "--state", "all", "--limit", "1"), Mark.FRIEND) == held[:2]
    first, second = held[0], held[2]
    assert f"{first} is released; both are told" in office("invites", "release", first, "--operator", "ann")
    assert stage.told()[-1].startswith("invite.released")
    assert f"{second} is revoked." in office("invites", "revoke", second, "--operator", "ann", "--yes")
    assert "revoked" in office("invites", "list", "--state", "revoked")
    assert "copy it from `huoju invites list`" in office(
        "invites", "revoke", "F1", "--operator", "ann", "--yes", fails=1
    )
    for nobody in ("", " ann", "ann\n"):
        assert "name the operator" in office("invites", "revoke", held[4], "--operator", nobody, "--yes", fails=1)
    assert "there is no campaign 'tea'" in office("invites", "list", "tea", fails=1)
    for player in ("u1", "u2"):
        assert player not in shown
    assert office.faults() == []


def test_timers_that_wait_are_late_or_failed(office: Office) -> None:
    stage = office.stage
    stage.now = now = system_clock()
    stage.publish(SURE)
    win(stage)
    win(stage, by="u2")
    assert "Timers: 4 set for later, 0 due, 0 of these late by more than a minute, 0 failed." in office("timers")
    for kind, ago in (("claim.remind", timedelta(minutes=2)), ("claim.deadline", timedelta(seconds=20))):
        with stage.sessions.begin() as session:
            session.execute(update(Timer).where(Timer.kind == kind).values(due_at=now - ago))
    assert "Timers: 0 set for later, 4 due, 2 of these late by more than a minute, 0 failed." in office("timers")


def test_timers_that_failed_are_named_and_tried_again(office: Office) -> None:
    stage = office.stage
    stage.publish(SURE)
    stage.say(stage.codes(1)[0])
    stage.wait(days=11)
    with stage.sessions.begin() as session:
        session.execute(update(Timer).values(state="failed", settled_at=stage.now, error="ZeroDivisionError here.py:1"))
    shown = office("timers")
    assert "2 failed." in shown
    assert numbers_in(shown, Mark.CLAIM) == office.numbers() * 2
    assert "claim.deadline" in shown
    assert "ZeroDivisionError here.py:1" in shown
    assert "2 timers are due again" in office("timers", "retry")
    assert "0 timers are due again" in office("timers", "retry")
    assert stage.tick() == 2
    assert stage.told()[-1] == "claim.lapsed item=A phone"
    assert office.faults() == []


def test_a_command_that_lost_a_race_is_tried_again() -> None:
    left = [Moved("a player was linked meanwhile")] * 2

    def act() -> str:
        if left:
            raise left.pop()
        return "done"

    assert patiently(act) == "done"
    left += [Moved("a player was linked meanwhile")] * 3
    with pytest.raises(VerbRefused, match="nothing was changed, try again"):
        patiently(act)
    assert left == []


def test_a_command_whose_outcome_is_unknown_is_not_tried_again() -> None:
    tried = []

    def act() -> None:
        tried.append(1)
        raise OperationalError("COMMIT", None, OSError("gone"), connection_invalidated=True)

    with pytest.raises(OperationalError):
        patiently(act)
    assert len(tried) == 1
