"""Invites in words: the word, the friend's number, the reward for both after the first code, once, for ever."""

import pytest

from core.audit.audit import audit
from tests.snack import SNACK
from tests.stage import Stage

FRIEND = "+8613800138001"


def faults(stage: Stage) -> list[str]:
    return [f"{check.says}: {fault}" for check, found in audit(stage.database, stage.keys) for fault in found]


@pytest.fixture
def inviter(stage: Stage) -> Stage:
    """u1 has joined with 10 points."""
    stage.publish(SNACK)
    assert stage.say(stage.codes(1)[0]) == "redeem.points balance=10 points=10"
    return stage


def word_of(stage: Stage, by: str = "u1") -> str:
    return stage.say("invite", by=by).split("word=")[1].split()[0]


def test_a_friend_joins_by_word_and_both_are_rewarded_after_the_first_code(inviter: Stage) -> None:
    word = word_of(inviter)
    assert inviter.say(word, by="u2").startswith("invite.joined points=5")
    assert inviter.say("my invites").startswith("invite.friends held= joined=1 points=0 rewarded=0")
    inviter.wait(minutes=3)
    code = inviter.codes(1)[0]
    told = inviter.say(code, by="u2").split("\n")
    assert told == ["redeem.points balance=10 points=10", "invite.friend_rewarded balance=15 points=5"]
    assert inviter.told()[-1] == "invite.rewarded balance=30 points=20 title=Open a bag"
    assert inviter.say("my invites").startswith("invite.friends held= joined=1 points=20 rewarded=1")
    assert faults(inviter) == []


def test_a_recommended_phone_gets_nothing_from_us_until_it_writes(inviter: Stage) -> None:
    assert inviter.say("138 0013 8001") == "recommend.waits inviter=20 phone=138****8001"
    assert inviter.told(FRIEND) == []
    assert inviter.say("13800138001") == "recommend.again phone=138****8001"
    assert inviter.say(inviter.codes(1)[0], by=FRIEND).endswith("invite.friend_rewarded balance=15 points=5")
    assert inviter.say("13800138001") == "recommend.already phone=138****8001"
    assert faults(inviter) == []


def test_two_channels_become_one_player(inviter: Stage) -> None:
    inviter.say(inviter.codes(1)[0], by="other", channel="second")
    assert inviter.say("prizes") == "prizes.none"
    assert inviter.say("cancel") == "cancel.nothing"
    word = inviter.say("link").split("word=")[1].split()[0]
    assert inviter.say(word, by="other", channel="second") == "link.linked balance=20"
    assert "balance=20" in inviter.say("points")
    assert faults(inviter) == []
