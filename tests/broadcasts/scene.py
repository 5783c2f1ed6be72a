"""What tests of broadcasts set up and look up again and again."""

from collections import Counter

from sqlalchemy import select

from core.models import Broadcast, BroadcastMember
from core.operators import Role
from handlers.broadcasts.freezing import CHUNK, freeze_next
from handlers.broadcasts.ticks import Broadcasting
from tests.operators.test_chat import word_in
from tests.sending.rig import Desk
from tests.stage import Stage


def office(stage: Stage, *people: str, channel: str = "test") -> None:
    """The snack campaign with an operator, and ``people`` who have joined it."""
    stage.publish(spelled=False)
    for by in people:
        stage.say(stage.codes(1)[0], by=by, channel=channel)
    stage.appoint(Role.OWNER, channel="second")


def boss(stage: Stage, text: str) -> str:
    """What the operator is answered."""
    return stage.command(text, by="boss", channel="second")


def draft(stage: Stage, name: str = "spring", segment: str = "everybody") -> None:
    """A broadcast with its texts."""
    assert "speaks to" in boss(stage, f"/broadcast new {name} snack to {segment}")
    assert name in boss(stage, f"/broadcast text {name} language=en Hello from us")
    assert name in boss(stage, f"/broadcast text {name} 大家好")


def send(stage: Stage, name: str = "spring", more: str = "", chunk: int = CHUNK) -> str:
    """Plan it and confirm it, and let a clock write down a chunk of its members; what the plan said."""
    plan = boss(stage, f"/broadcast send {name} {more}")
    assert "goes from" in boss(stage, f"/confirm {word_in(plan)}"), plan
    freeze_next(stage.runtime, stage.now, chunk)
    return plan


def tick(stage: Stage, times: int = 3, **limits: int) -> None:
    """Let the clock look after broadcasts."""
    each = Broadcasting(stage.runtime)
    for _ in range(times):
        each.act(stage.now, **limits)


def members(stage: Stage, name: str = "spring") -> Counter[tuple[str, str | None]]:
    """How many members are in which state, and why."""
    with stage.sessions() as session:
        mine = select(BroadcastMember.state, BroadcastMember.reason).join(
            Broadcast, Broadcast.id == BroadcastMember.broadcast_id
        )
        return Counter((row[0], row[1]) for row in session.execute(mine.where(Broadcast.name == name)))


def go(stage: Stage, desk: Desk, times: int = 3) -> None:
    """Write what can be written, send it, and write down what became of it."""
    for _ in range(times):
        tick(stage)
        desk.rounds()
    tick(stage)
