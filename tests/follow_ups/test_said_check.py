"""The audit of what is said unasked: each text for its timer, each fired timer with its text."""

from sqlalchemy import delete, update

from core.models import OutboundJob, Outbox, Timer
from tests.follow_ups.scene import follow_ups, join, pass_time, say
from tests.stage import Stage
from tests.talking import faults


def _told(stage: Stage) -> None:
    stage.publish(follow_ups(f"name: back, when: 1h after first contact, {say('hello')}"))
    join(stage)
    pass_time(stage, hours=2)
    assert faults(stage) == []


def test_a_text_that_is_missing(stage: Stage) -> None:
    _told(stage)
    with stage.sessions.begin() as session:
        session.execute(delete(OutboundJob))
        session.execute(delete(Outbox).where(Outbox.ref.like("notice:follow-up:%")))
    assert any("fired, and notice:follow-up:" in fault and "timer of " in fault for fault in faults(stage))


def test_a_text_without_its_timer(stage: Stage) -> None:
    _told(stage)
    with stage.sessions.begin() as session:
        session.execute(update(Timer).where(Timer.kind == "follow-up").values(state="dropped"))
    assert any("was said, and no timer fired for it" in fault for fault in faults(stage))
