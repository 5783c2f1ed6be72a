"""Readiness: a process is ready while the database takes what it writes, and says in one sentence why it is not."""

import shutil
import threading
import zlib
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from core.database import open_database
from core.heartbeat import beat
from core.models import Heartbeat
from huoju.web import health
from huoju.web.health import NO_CONNECTION, Readiness
from tests.faulty import failing, share_of
from tests.playground.rig import until
from tests.stage import CAMPAIGN, Stage

PAGE_BYTES = 4096
"""Of SQLite; a row of PostgreSQL goes where large values are from a quarter of its page on."""


def _ready(stage: Stage, deadline_s: float = 60) -> str | None:
    return Readiness(stage.database, lambda: None, lambda: stage.now, stage.randomness, deadline_s)()


def _beats(stage: Stage) -> int:
    with stage.sessions() as session:
        return session.scalar(select(func.count()).select_from(Heartbeat)) or 0


def test_a_full_disk_is_seen_before_a_player_sees_it(tmp_path: Path, sqlite_template: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "huoju.db")
    stage = Stage(open_database(f"sqlite:///{tmp_path / 'huoju.db'}", connections=1), tmp_path)
    stage.publish(CAMPAIGN)
    assert _ready(stage) is None
    with stage.database.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    assert _ready(stage) == "the database has no room on its disk"
    with stage.database.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    assert _ready(stage) is None
    with stage.database.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = 1")
    assert _ready(stage) == "the database cannot be read or written"
    stage.database.dispose()


def test_a_server_that_takes_no_changes_is_not_ready(postgres_url: str, tmp_path: Path) -> None:
    stage = Stage(open_database(f"{postgres_url}&options=-c%20default_transaction_read_only%3Don"), tmp_path)
    assert _ready(stage) == "the database takes no changes"
    stage.database.dispose()


def test_a_heartbeat_needs_room_whatever_the_database_compresses(stage: Stage) -> None:
    beat(stage.database, stage.randomness, stage.now)
    with stage.sessions() as session:
        (row,) = session.scalars(select(Heartbeat))
    assert len(zlib.compress(row.padding, 9)) > PAGE_BYTES


def test_every_fault_of_the_world_is_a_sentence(stage: Stage, share: int) -> None:
    assert _ready(stage) is None
    with failing(stage.database) as link:
        assert _ready(stage) is None
    for state, at in share_of(stage.database, link.points, share):
        with failing(stage.database, state, at):
            assert (_ready(stage) or "").startswith("the database "), (state, at)
    assert _ready(stage) is None


def test_a_database_that_takes_too_long_is_said_so_and_not_asked_again_meanwhile(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "KEPT_S", 0.0)
    go_on, begun = threading.Event(), []

    def hang() -> None:
        begun.append(1)
        go_on.wait(60)

    ready = Readiness(stage.database, hang, lambda: stage.now, stage.randomness, deadline_s=0.05)
    until(lambda: bool(ready() and begun))
    assert [ready() for _ in range(3)] == ["the database takes longer than 0.05 seconds to write"] * 3
    assert begun == [1]
    go_on.set()
    until(lambda: ready() is None)


def test_a_process_whose_connections_are_all_in_use_is_not_ready(database_url: str, tmp_path: Path) -> None:
    stage = Stage(open_database(database_url, connections=2), tmp_path)
    ready = Readiness(stage.database, lambda: None, lambda: stage.now, stage.randomness, deadline_s=0.05)
    with ExitStack() as used:
        for _ in range(2):
            used.enter_context(stage.database.connect())
        assert ready() == NO_CONNECTION
    until(lambda: ready() is None)
    stage.database.dispose()


def test_asking_costs_one_row_and_at_most_one_transaction_a_second(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = Readiness(stage.database, lambda: None, lambda: stage.now, stage.randomness, 60)
    monkeypatch.setattr(health, "KEPT_S", 1000.0)
    with failing(stage.database) as link:
        assert [ready() for _ in range(50)] == [None] * 50
    assert link.points <= 11
    monkeypatch.setattr(health, "KEPT_S", 0.0)
    assert [ready() for _ in range(5)] == [None] * 5
    assert _beats(stage) == 1


def test_what_dead_processes_left_is_forgotten(stage: Stage) -> None:
    for _ in range(3):
        beat(stage.database, stage.randomness, stage.now)
    stage.wait(hours=2)
    beat(stage.database, stage.randomness, stage.now)
    assert _beats(stage) == 1


def test_what_the_address_asks_for_is_kept(postgres_url: str) -> None:
    database = open_database(f"{postgres_url}&options=-c%20search_path%3Dpg_catalog%20-c%20lock_timeout%3D1234")
    with database.connect() as connection:
        shown = [
            connection.scalar(text(f"SHOW {name}"))
            for name in ("search_path", "lock_timeout", "timezone", "idle_in_transaction_session_timeout")
        ]
    database.dispose()
    assert shown == ["pg_catalog", "1234ms", "UTC", "1min"]
