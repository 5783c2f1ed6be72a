"""Wishes that are dealt with after later ones, as when an operator replays them: never against a STOP."""

from core.models import Address
from tests.stage import Stage
from tests.talking import faults


def _address(stage: Stage, channel: str = "test") -> Address:
    with stage.sessions() as session:
        return session.get_one(Address, stage.key(channel=channel))


def test_a_start_that_is_dealt_with_late_undoes_no_later_stop(stage: Stage) -> None:
    stage.publish()
    stage.say("stop")
    stage.wait(hours=1)
    start = stage.delivery("start")
    stage.wait(hours=1)
    stage.say("start")
    stage.say("stop")
    stage.take(start)
    assert _address(stage).opted_out_at == stage.now
    assert faults(stage) == []


def test_a_stop_that_is_dealt_with_late_is_heeded_and_no_fault(stage: Stage) -> None:
    stage.publish()
    stage.say("stop")
    stop = stage.delivery("stop")
    stage.wait(hours=1)
    stage.say("start")
    stage.take(stop)
    assert _address(stage).opted_out_at is not None
    assert faults(stage) == []
