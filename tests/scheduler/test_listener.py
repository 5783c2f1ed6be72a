"""What one process makes due, another is told: on PostgreSQL, at once; whoever is not told looks as often as ever."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from queue import SimpleQueue

import pytest
from sqlalchemy import Engine, event, text
from structlog.testing import capture_logs

from core.engine.unit_of_work import unit_of_work
from core.notices import CHANNEL, TIMERS
from core.timers.execution import next_due
from core.timers.schedule import set_timer
from core.times import system_clock
from scheduler.clock import FIRE_TIMERS, Firing, RunningClock, Tick, start_ticks
from scheduler.listener import REST_S, Listener
from scheduler.sender import POLL, RESTS, AccountSender, Sender, SenderDependencies
from tests.relay.torchbearers import RELAY
from tests.sending.rig import NOTICE, Platform, queue
from tests.stage import Stage

PATIENCE_S = 60
on_postgres = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


class Told:
    """What a listener passes on, in order."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[str | None] = SimpleQueue()

    def __call__(self, what: str | None) -> None:
        self._queue.put(what)

    def next(self) -> str | None:
        return self._queue.get(timeout=PATIENCE_S)


@contextmanager
def listening(database: Engine) -> Iterator[tuple[Listener, Told]]:
    """A listener that hears, and what it is told from now on."""
    told, listener = Told(), Listener(database)
    try:
        listener.tell(told)
        assert told.next() is None
        yield listener, told
    finally:
        listener.stop()


def ended(stage: Stage) -> int:
    """End the connections that listen, as a server does that is started anew; returns how many there were."""
    with stage.sessions.begin() as session:
        statement = text(
            "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity"
            f" WHERE query = 'LISTEN {CHANNEL}' AND datname = current_database()"
        )
        return len(session.scalars(statement).all())


@on_postgres
def test_each_account_with_something_to_send_is_told_once_a_transaction(stage: Stage) -> None:
    for channel in ("test", "second"):
        queue(stage, "u1", channel=channel)
    with listening(stage.database) as (_, told):
        queue(stage, "u1", NOTICE, NOTICE, NOTICE)
        queue(stage, "u1", NOTICE, channel="second")
        assert [told.next(), told.next()] == ["test/main", "second/main"]


@on_postgres
def test_what_was_held_is_told_when_its_player_speaks(stage: Stage) -> None:
    queue(stage, "u1", NOTICE, channel="wechat")
    queue(stage, "u1")
    with stage.sessions.begin() as session:
        session.execute(text("UPDATE dispatches SET state = 'held'"))
    with listening(stage.database) as (_, told):
        stage.say("help", by="u2", channel="wechat")  # is answered in the connection: nobody has to send anything
        stage.say("help", by="u1", channel="wechat")
        queue(stage, "u1", NOTICE)
        assert [told.next(), told.next()] == ["wechat/main", "test/main"]


@on_postgres
def test_timers_are_told_that_are_due_soon(stage: Stage) -> None:
    stage.say("help")
    with listening(stage.database) as (_, told):
        for number, ahead in enumerate((timedelta(hours=1), timedelta(), timedelta(hours=2), timedelta(hours=-1))):
            plant(stage, number, ahead)
        queue(stage, "u1", NOTICE)
        assert [told.next(), told.next(), told.next()] == [TIMERS, TIMERS, "test/main"]


def plant(stage: Stage, subject: int, ahead: timedelta) -> None:
    """Set a timer that no clock knows, as another process does."""
    with unit_of_work(stage.runtime, stage.now) as work:
        set_timer(work.rows, 1, "test", subject=subject, due_at=system_clock() + ahead)


@on_postgres
def test_a_line_that_is_cut_is_laid_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.listener._FIRST_PAUSE_S", 0.001)
    with listening(stage.database) as (listener, told), capture_logs() as logs:
        assert listener.hears()
        for _ in range(2):
            assert ended(stage) == 1
            assert [told.next(), told.next()] == [None, None]  # deaf; hears again
            assert listener.hears()
        queue(stage, "u1", NOTICE)
        assert told.next() == "test/main"
    assert not listener.hears()
    assert [each["event"] for each in logs] == ["listener.deaf", "listener.hears"] * 2


@on_postgres
def test_who_is_not_told_does_not_hear(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """As behind a proxy that lends a server for one transaction: LISTEN succeeds, and nothing ever comes."""
    monkeypatch.setattr("scheduler.listener._PATIENCE_S", 0.01)
    monkeypatch.setattr("scheduler.listener._FIRST_PAUSE_S", 0.001)
    tried = threading.Semaphore(0)

    def swallow(
        _connection: object, _cursor: object, statement: str, parameters: object, *_: object
    ) -> tuple[str, object]:
        if "pg_notify" not in statement:
            return statement, parameters
        tried.release()
        return statement.replace("pg_notify", "concat"), parameters

    event.listen(stage.database, "before_cursor_execute", swallow, retval=True)
    listener = Listener(stage.database)
    told = Told()
    with capture_logs() as logs:
        listener.tell(told)
        for _ in range(3):
            assert tried.acquire(timeout=PATIENCE_S)
        assert not listener.hears()
        event.remove(stage.database, "before_cursor_execute", swallow)  # the proxy is taken away
        assert told.next() is None
        assert listener.hears()
        listener.stop()
    assert [each["event"] for each in logs] == ["listener.deaf", "listener.hears"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_on_sqlite_nobody_listens(stage: Stage) -> None:
    listener = Listener(stage.database)
    listener.tell(Told())
    assert not listener.hears()
    assert not any(thread.name == "listener" for thread in threading.enumerate())
    listener.stop()


@on_postgres
def test_a_text_of_another_process_is_sent_at_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.listener._FIRST_PAUSE_S", 0.001)
    for pause in ("POLL", "RESTS"):
        monkeypatch.setattr(f"scheduler.sender.{pause}", timedelta(hours=1))
    platform, arrived = Platform(), threading.Semaphore(0)
    says = platform.says
    platform.says = lambda message: arrived.release() or says(message)
    with listening(stage.database) as (listener, _):
        needs = SenderDependencies(
            stage.sessions, stage.keys, stage.randomness, lambda: stage.now, hears=listener.hears
        )
        sender = Sender(needs, [platform])
        listener.tell(sender.hear)
        queue(stage, "u1", NOTICE)
        assert arrived.acquire(timeout=PATIENCE_S)
        ended(stage)
        queue(stage, "u1", NOTICE)  # whether it is told or not
        assert arrived.acquire(timeout=PATIENCE_S)
        sender.stop()


def test_an_idle_account_rests_as_long_as_it_may(stage: Stage) -> None:
    hears, now_s = [False], [0.0]
    needs = SenderDependencies(
        stage.sessions, stage.keys, stage.randomness, lambda: stage.now, lambda: now_s[0], hears=lambda: hears[0]
    )
    account = AccountSender(needs, Platform())
    assert account.take() == POLL <= timedelta(seconds=0.25)
    hears[0] = True
    assert account.take() == RESTS <= timedelta(seconds=1)
    queue(stage, "u1", NOTICE)
    assert account.take() == timedelta()
    assert account.busy
    assert account.take() == POLL
    while account.busy:
        account.settle(PATIENCE_S)
    account.close()


@on_postgres
def test_a_timer_of_another_process_fires_at_once(stage: Stage) -> None:
    fired = threading.Event()
    firing = Firing(stage.runtime, lambda: stage.now)
    slow = Tick(FIRE_TIMERS, timedelta(hours=1), fired.set)
    clock = RunningClock(start_ticks((slow,)), firing)
    stage.say("help")
    with listening(stage.database) as (listener, _):
        listener.tell(clock.hear)
        queue(stage, "u1", NOTICE)
        plant(stage, 1, timedelta())
        assert fired.wait(PATIENCE_S)
        clock.stop()
        clock.hear(TIMERS)  # too late, and no fault


def test_a_clock_that_hears_looks_when_it_is_told_when_one_is_due_and_seldom(stage: Stage) -> None:
    stage.publish(RELAY)
    stage.say("torch")
    looks: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT timers.due_at"):
            looks.append(statement)

    event.listen(stage.database, "before_cursor_execute", note)

    def looked() -> int:
        """How often the next act asks the database."""
        before = len(looks)
        firing()
        return len(looks) - before

    hears, now_s = [True], [0.0]
    firing = Firing(stage.runtime, lambda: stage.now, lambda: hears[0], lambda: now_s[0])
    assert [looked(), looked()] == [2, 0]  # nothing is due; when will something be?
    firing.wake()
    assert [looked(), looked()] == [2, 0]
    now_s[0] += REST_S
    assert [looked(), looked()] == [2, 0]
    first = next_due(stage.runtime)
    assert first is not None
    stage.wait(seconds=(first - stage.now).total_seconds() - 0.1)
    now_s[0] += REST_S
    assert looked() == 2
    now_s[0] += 0.09
    assert looked() == 0
    stage.wait(seconds=0.1)
    now_s[0] += 0.02
    assert firing() == 1
    hears[0] = False
    assert [looked(), looked()] == [1, 1]
