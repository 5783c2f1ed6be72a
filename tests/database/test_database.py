"""How a database is opened: what it promises when the power fails, and what an error may say."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, select, text
from sqlalchemy.exc import DBAPIError, StatementError

from core.blame import Unavailable
from core.database import open_database, read_only, sessions
from core.engine.failures import take_turn_safely
from core.engine.turn import take_turn
from core.models import Timer
from core.sending.jobs import mark_held, put_off, untouch
from core.sending.outbound import Category
from tests.follow_ups.scene import follow_ups
from tests.sending.rig import Desk, Platform, queue
from tests.stage import Stage

# SQLite: 2 is FULL, a commit is on the disk before anybody is answered.
PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
PARAMETERS = {
    "transaction_isolation": "read committed",
    "lock_timeout": "15s",
    "idle_in_transaction_session_timeout": "1min",
    "TimeZone": "UTC",
}
ASKED = {"sqlite": ("PRAGMA", PRAGMAS), "postgresql": ("SHOW", PARAMETERS)}


def test_every_connection_keeps_its_promises(database: Engine) -> None:
    word, expected = ASKED[database.dialect.name]
    with read_only(sessions(database)) as first, read_only(sessions(database)) as second:
        for connection in (first.connection(), second.connection()):
            found = {name: connection.exec_driver_sql(f"{word} {name}").scalar() for name in expected}
            assert found == expected


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM nowhere WHERE phone = :phone",
        "INSERT INTO link_words (word_hash, address_key) VALUES (:phone, '')",
    ],
)
def test_an_error_quotes_no_value(database: Engine, statement: str) -> None:
    """What was said to the database may be a phone, a code or a text, and the error may reach a log."""
    with pytest.raises(DBAPIError) as raised, database.begin() as connection:
        connection.execute(text(statement), {"phone": b"+8613800138000"})
    assert "138001" not in f"{raised.value} {raised.value!r}"


def test_an_instant_without_a_zone_is_refused(database: Engine) -> None:
    naive = datetime(2026, 12, 1, 4, 0)  # noqa: DTZ001  # that is the point
    with pytest.raises(StatementError, match="must be aware"), read_only(sessions(database)) as session:
        session.execute(select(Timer.kind).where(Timer.due_at <= naive))


def test_one_writer_at_a_time_begins_at_once(database: Engine) -> None:
    """SQLite: a transaction that reads first could not write later. PostgreSQL has row locks instead."""
    begun = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        begun.append(statement)

    event.listen(database, "before_cursor_execute", note)
    with database.begin() as connection:
        connection.execute(text("SELECT 1"))
    assert begun == (["BEGIN IMMEDIATE", "SELECT 1"] if database.dialect.name == "sqlite" else ["SELECT 1"])


def test_who_finds_all_connections_taken_is_told_to_come_again(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And soon: SQLAlchemy's own thirty seconds are longer than any platform waits, and nobody else has a turn."""
    patience_s = 5
    assert Stage(open_database(database_url), tmp_path).database.pool.timeout() <= patience_s
    monkeypatch.setattr("core.database._POOL_PATIENCE_S", 0.001)
    stage = Stage(open_database(database_url, connections=1), tmp_path)
    with stage.database.connect():
        (outcome,) = take_turn_safely(stage.runtime, [stage.delivery("help")], pause=lambda _seconds: None)
    assert isinstance(outcome, Unavailable)
    assert stage.say("help").startswith("Welcome")
    stage.database.dispose()


GROWING = ("inbox", "outbox", "dispatches", "touches", "addresses", "players", "redemptions", "draws", "timers")


def test_on_sqlite_nothing_that_is_done_all_day_reads_a_whole_table(stage: Stage) -> None:
    """For a list of several tuples SQLite would: the more was ever said, the longer it would keep players waiting."""
    if stage.database.dialect.name != "sqlite":
        pytest.skip("PostgreSQL decides by its statistics")
    rule = "name: again, when: 1h after first contact, say: {zh: again, en: again}"
    stage.publish(follow_ups(rule, limits="per_day: 3"))
    asked: dict[str, object] = {}

    def hear(_c: object, _cursor: object, statement: str, parameters: object, _context: object, many: bool) -> None:
        asked.setdefault(statement, parameters[0] if many else parameters)  # type: ignore[index]

    event.listen(stage.database, "before_cursor_execute", hear)
    said = [stage.delivery(word, by=by) for by in ("u1", "u2") for word in ("invite", "help")]
    for _ in range(2):  # and each once more
        take_turn(stage.runtime, said)
    desk = Desk(stage, Platform())
    for hour in (1, 11):  # it goes to some; it waits for the morning
        for by in ("u1", "u2"):
            queue(stage, by, Category.NOTICE, Category.MARKETING)
        stage.wait(hours=hour)
        stage.tick()
        desk.rounds()
    with stage.sessions.begin() as session:
        put_off(session, [(stage.key("u1"), 1), (stage.key("u2"), 1)], stage.now, "pumped")
        mark_held(session, [(stage.key("u1"), 1), (stage.key("u2"), 1)])
        untouch(session, [(stage.key("u1"), 1), (stage.key("u2"), 1)])
    event.remove(stage.database, "before_cursor_execute", hear)
    lists = [(each, given) for each, given in asked.items() if "(VALUES (?" in each]
    assert len(lists) > 7
    with stage.database.connect() as connection:
        for statement, given in lists:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given).all()
            assert not [row[3] for row in plan if row[3].startswith(tuple(f"SCAN {table}" for table in GROWING))]
