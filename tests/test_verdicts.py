"""What a platform says of a player's wish counts as the wish; what a link carries, which anybody can make, does not."""

import pytest
from sqlalchemy import select

from core.messages import Manner
from core.models import Address, Consent
from core.sending.outbound import Refused
from tests.sending.rig import NOTICE, Desk, Platform, queue
from tests.snack import SNACK
from tests.stage import Stage
from tests.talking import faults, keys_of, link_up


def _is_out(stage: Stage, by: str = "u1", channel: str = "test") -> bool:
    with stage.sessions() as session:
        return session.get_one(Address, stage.key(by, channel=channel)).opted_out_at is not None


def _hows(stage: Stage) -> list[str]:
    with stage.sessions() as session:
        return list(session.scalars(select(Consent.how).order_by(Consent.at, Consent.external_id)))


def test_the_platforms_verdict_is_as_good_as_the_word(stage: Stage) -> None:
    stage.publish(SNACK)
    link_up(stage, ("u1", "test"), ("u1", "second"))
    stage.wait(seconds=1)
    assert keys_of(stage.say("BAJA", manner=Manner.STOPPED)) == ["stop.done"]
    assert (_is_out(stage), _is_out(stage, channel="second")) == (True, True)
    stage.wait(seconds=1)
    assert keys_of(stage.say("ALTA", manner=Manner.STARTED)) == ["start.done"]
    assert (_is_out(stage), _is_out(stage, channel="second")) == (False, True)
    assert _hows(stage) == ["platform", "start"]
    assert faults(stage) == []


def test_the_start_button_opts_in_again_and_is_answered_once(stage: Stage) -> None:
    stage.publish(SNACK)
    stage.say("", manner=Manner.LEFT)
    stage.wait(seconds=1)
    assert stage.say("", manner=Manner.BACK) == "new", "nothing is said to whoever only took a block away"
    assert _is_out(stage)
    assert stage.say("", manner=Manner.STARTED) == "start.done"
    assert not _is_out(stage)
    stage.wait(seconds=1)
    assert keys_of(stage.say("", manner=Manner.STARTED)) == ["welcome.answer"]
    assert faults(stage) == []


@pytest.mark.parametrize("text", ["stop", "STOP", "退订", "unsubscribe", "please stop texting me", "end", "R"])
def test_no_link_opts_out_or_in(stage: Stage, text: str) -> None:
    stage.publish(SNACK.replace("channels: [test, second]", "channels: [test, second, sms]"))
    assert stage.say(text, manner=Manner.OPENED, channel="sms") != "new"
    assert not _is_out(stage, channel="sms")
    stage.say("stop", channel="sms")
    stage.wait(seconds=1)
    stage.say("start", manner=Manner.OPENED, channel="sms")
    assert _is_out(stage, channel="sms")
    assert faults(stage) == []


def test_a_button_of_ours_opts_out_and_says_so(stage: Stage) -> None:
    stage.publish(SNACK)
    assert keys_of(stage.say("stop", manner=Manner.TAPPED)) == ["stop.done"]
    assert _is_out(stage)


def test_who_told_the_platform_to_let_nothing_through_has_opted_out(stage: Stage) -> None:
    desk = Desk(stage, Platform())
    queue(stage, "u1", NOTICE)
    stage.wait(seconds=1)
    desk.platform.says = lambda _message: Refused("21610", gone=True, unwanted=True)
    desk.rounds()
    assert _is_out(stage)
    assert _hows(stage) == ["refused"]
    stage.wait(seconds=1)
    stage.say("help")
    assert _is_out(stage), "speaking is no wish to hear news"
    assert stage.say("start")
    assert not _is_out(stage)
    assert faults(stage) == []


def test_a_refusal_that_comes_after_a_start_undoes_nothing(stage: Stage) -> None:
    desk = Desk(stage, Platform())
    queue(stage, "u1", NOTICE)
    stage.wait(seconds=1)

    def start_meanwhile(_message: object) -> Refused:
        stage.wait(seconds=1)
        stage.say("start")
        return Refused("21610", gone=True, unwanted=True)

    desk.platform.says = start_meanwhile
    desk.rounds()
    assert not _is_out(stage)
    assert faults(stage) == []
