"""A broadcast while people opt out of it, and one whose sender and clock are killed."""

import os
import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from core.engine.delivery import delivery
from core.engine.failures import take_turn_safely
from core.engine.runtime import Runtime
from core.models import BroadcastMember
from core.sending.outbound import Delivered, OutboundMessage, Outcome
from core.times import system_clock
from handlers.broadcasts.ticks import Broadcasting
from scheduler.sender import AccountSender, SenderDependencies
from tests.broadcasts.scene import boss, draft, go, members, office, send, tick
from tests.races.crowd import PATIENCE_S, Crowd, Part, Says, wait_for_the_others
from tests.sending.rig import OUTLET, Desk, Platform
from tests.stage import Stage
from tests.talking import faults

PEOPLE = [f"u{number}" for number in range(24)]


class Wire:
    """A platform that drops nothing that it was told before: a file."""

    outlet = OUTLET

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def send(self, message: OutboundMessage) -> Outcome:
        os.write(self._file, f"{message.user}\n".encode())
        return Delivered()


def _broadcast(runtime: Runtime, path: Path) -> None:
    """Clock and sender of one process, until nothing waits."""
    account = AccountSender(
        SenderDependencies(runtime.sessions, runtime.keys, runtime.randomness, system_clock), Wire(path)
    )
    wait_for_the_others(2)
    broadcasting, end_s = Broadcasting(runtime), time.monotonic() + PATIENCE_S
    while broadcasting.act(system_clock(), ahead=4) or account.busy or account._round() == 0.0:
        account._round()
        assert time.monotonic() < end_s
    account.close()


def _opt_out(runtime: Runtime) -> None:
    wait_for_the_others(2)
    for by in PEOPLE[::2]:
        said = Says(by, "stop", f"stop-{by}").received(system_clock())
        take_turn_safely(runtime, [delivery(said, runtime.keys)])


def test_whoever_opts_out_while_it_runs_hears_nothing_after_that(stage: Stage, crowd: Crowd) -> None:
    """The audit compares what had been said when a text was taken with what answered each STOP: the commits' order."""
    stage.now = system_clock()
    office(stage, *PEOPLE)
    draft(stage)
    send(stage)
    url = stage.database.url.render_as_string(hide_password=False)
    crowd.race(url, [Part(_broadcast, (stage.directory / "wire",)), Part(_opt_out, ())])
    stage.now = system_clock()
    go(stage, Desk(stage, Platform()))
    heard = Counter((stage.directory / "wire").read_text().split())
    with stage.sessions() as session:
        states = dict(Counter(session.scalars(select(BroadcastMember.state))))
    assert set(heard.values()) <= {1}
    assert set(PEOPLE[1::2]) <= heard.keys()
    assert states == {"sent": len(heard)} | ({"left_out": 24 - len(heard)} if len(heard) < 24 else {})
    assert faults(stage) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is killed leaves rows, on both alike
def test_a_killed_sender_and_clock_skip_nobody_and_repeat_nothing(stage: Stage) -> None:
    """What a killed process leaves: rows that are committed, and texts that it had in hand."""
    office(stage, *PEOPLE[:6])
    draft(stage)
    send(stage)
    tick(stage, times=1, ahead=2)
    platform = Platform()
    first = Desk(stage, platform)
    first.lose()
    lost = {message.user for message in platform.messages}
    tick(stage, times=1, ahead=4)
    second = first.another()
    second.rounds()
    second.wait(seconds=70)
    second.rounds()
    second.wait(seconds=70)
    go(stage, second)
    heard = Counter(message.user for message in platform.messages if message.text in {"Hello from us", "大家好"})
    assert set(heard.values()) == {1}
    assert members(stage) == {("sent", None): 4, ("unknown", "sender_lost"): 2}
    assert len(lost) <= 2
    assert "unknown: 2" in boss(stage, "/broadcast report spring")
    assert faults(stage) == []
