"""Several senders at once, senders that are killed or stopped, and a database that goes away."""

import os
import signal
import threading
import time
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from core.database import open_database, read_only, sessions
from core.engine.runtime import Runtime
from core.models import OutboundJob
from core.sending.backoff import Backoff
from core.sending.leases import LEASE
from core.sending.outbound import Delivered, OutboundMessage, Outcome, SendingAccount, TryAgain
from core.times import system_clock
from scheduler.sender import AccountSender, Sender, SenderDependencies
from tests.forks import forks
from tests.races.crowd import PATIENCE_S, Crowd, Part, faults, own_world, wait_for_the_others
from tests.sending.rig import ANSWER, MARKETING, NOTICE, OUTLET, Desk, Platform, dispatches, queue, sent, states
from tests.stage import Stage

FEW_AT_ONCE = SendingAccount("test", "main", OUTLET.rate, at_once=4)


class Wire:
    """A platform that two processes send to: a file. Every third try of a text is put off."""

    outlet = FEW_AT_ONCE

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._tries: dict[str, int] = defaultdict(int)
        self._first, self._together = threading.Lock(), threading.Event()

    def send(self, message: OutboundMessage) -> Outcome:
        if self._first.acquire(blocking=False):
            wait_for_the_others(2)  # so that both have something on its way at the same moment
            self._together.set()
        assert self._together.wait(PATIENCE_S)
        self._tries[message.id] += 1
        number = message.id.rsplit("-", 1)[1]
        outcome = (
            TryAgain("busy") if (len(message.user) + int(number) + self._tries[message.id]) % 3 == 0 else Delivered()
        )
        os.write(self._file, f"{os.getpid()} {message.user} {number} {type(outcome).__name__}\n".encode())
        return outcome


def _send_all(runtime: Runtime, path: Path) -> None:
    backoff = Backoff(timedelta(milliseconds=1), timedelta(milliseconds=4), tries=50)
    account = AccountSender(
        SenderDependencies(runtime.sessions, runtime.keys, runtime.randomness, system_clock, backoff=backoff),
        Wire(path),
    )
    end_s = time.monotonic() + PATIENCE_S
    while account.busy or _left(runtime):
        time.sleep(min(account._round(), 0.01))
        assert time.monotonic() < end_s
    account.close()


def _left(runtime: Runtime) -> int:
    with read_only(runtime.sessions) as session:
        return session.scalar(select(func.count()).select_from(OutboundJob)) or 0


def test_two_senders_send_each_text_once_and_those_of_a_kind_in_order(stage: Stage, crowd: Crowd) -> None:
    stage.now = system_clock()
    users = ["u" * length for length in range(1, 7)]
    for user in users:
        queue(stage, user, *[NOTICE, MARKETING, ANSWER, MARKETING, NOTICE, ANSWER])
    url = stage.database.url.render_as_string(hide_password=False)
    crowd.race(url, [Part(_send_all, (stage.directory / "wire",))] * 2)
    heard = [line.split() for line in (stage.directory / "wire").read_text().splitlines()]
    assert len({process for process, *_ in heard}) == 2
    for user in users:
        taken = [int(number) for _, by, number, outcome in heard if (by, outcome) == (user, "Delivered")]
        assert sorted(taken) == list(range(2, 8))
        for of_a_kind in ((2, 6), (3, 5), (4, 7)):
            assert [number for number in taken if number in of_a_kind] == list(of_a_kind)
    assert (states(stage), sent(stage), faults(stage)) == ([], 36, [])


class Stalled:
    """A platform that takes each text and never answers."""

    outlet = FEW_AT_ONCE

    def __init__(self, told: Connection) -> None:
        self._told = told

    def send(self, message: OutboundMessage) -> Outcome:
        self._told.send(message.id)
        threading.Event().wait()
        raise AssertionError


def _send_until_killed(url: str, told: Connection) -> None:
    with own_world(url, "killed") as runtime:
        needs = SenderDependencies(runtime.sessions, runtime.keys, runtime.randomness, system_clock)
        Sender(needs, [Stalled(told)])
        threading.Event().wait()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # a process costs seconds, and both are alike here
def test_a_killed_sender_loses_no_answer_and_repeats_no_marketing(stage: Stage) -> None:
    stage.now = system_clock()
    categories = {"a": ANSWER, "b": NOTICE, "c": MARKETING, "d": MARKETING}
    for user, category in categories.items():
        queue(stage, user, category)
    processes = forks()
    ours, theirs = processes.Pipe(duplex=False)
    url = stage.database.url.render_as_string(hide_password=False)
    child = processes.Process(target=_send_until_killed, args=(url, theirs), daemon=True)
    child.start()
    theirs.close()
    with ours:
        for _ in categories:
            assert ours.poll(PATIENCE_S)
            ours.recv()
        child.kill()
        child.join(PATIENCE_S)
    assert child.exitcode == -signal.SIGKILL
    assert states(stage) == ["sending"] * 4
    desk = Desk(stage, Platform())
    stage.now = system_clock()
    for _ in range(3):
        desk.rounds()
        desk.wait(seconds=LEASE.total_seconds())
    assert sorted(user for user, _ in desk.platform.sent) == ["a", "b"]
    assert [(one.state, one.error, one.category) for one in dispatches(stage)] == [
        ("unknown", "sender_lost", MARKETING)
    ] * 2
    assert faults(stage) == []


def test_a_sender_that_is_stopped_finishes_what_it_has_in_hand(stage: Stage) -> None:
    platform, begun, go_on = (
        Platform(SendingAccount("test", "main", OUTLET.rate, at_once=1)),
        threading.Event(),
        threading.Event(),
    )

    def slowly(_message: OutboundMessage) -> Outcome:
        begun.set()
        assert go_on.wait(PATIENCE_S)
        return Delivered()

    platform.says = slowly
    queue(stage, "u1", NOTICE, NOTICE)
    sender = Sender(SenderDependencies(stage.sessions, stage.keys, stage.randomness, lambda: stage.now), [platform])
    assert begun.wait(PATIENCE_S)
    stopping = threading.Thread(target=sender.stop)
    stopping.start()
    assert sender._stopping.wait(PATIENCE_S)
    go_on.set()
    stopping.join(PATIENCE_S)
    assert (sent(stage), states(stage), len(platform.sent)) == (1, ["due"], 1)


def test_what_was_sent_while_the_database_was_away_is_settled_and_not_sent_again(stage: Stage) -> None:
    desk = Desk(stage, Platform())
    queue(stage, "u1", NOTICE)
    queue(stage, "m", MARKETING)
    desk.account.take()
    away = open_database("postgresql://nobody@127.0.0.1:1/nothing")
    desk.account._needs = replace(desk.needs, sessions=sessions(away))
    for _ in range(2):
        with pytest.raises(OperationalError):
            desk.account.settle(10)
    assert desk.account.busy
    away.dispose()
    desk.account._needs = desk.needs
    desk.account.settle(10)
    assert (len(desk.platform.sent), sent(stage), states(stage)) == (2, 2, [])
