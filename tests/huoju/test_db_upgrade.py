"""`huoju db upgrade` says what it will do before it does it, and nobody queues behind it for long."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from core import schema, upgrade
from core.database import DatabaseUnusable, open_database
from tests import postgres
from tests.command_line import CommandLine
from tests.office import write_keys
from tests.stage import keyring

BEFORE = "0037"


@pytest.fixture(params=["sqlite", "postgresql"])
def older(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of an installation of an older version."""
    monkeypatch.chdir(tmp_path)
    write_keys(tmp_path / "test.keys")
    monkeypatch.setenv("HUOJU_KEYS_FILE", "test.keys")
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'huoju.db'}"
        _fill(url)
        monkeypatch.setenv("HUOJU_DATABASE_URL", url)
        yield url
    else:
        with postgres.new_database() as url:
            _fill(url)
            monkeypatch.setenv("HUOJU_DATABASE_URL", url)
            yield url


def _fill(url: str) -> None:
    database = open_database(url)
    with database.begin() as connection:
        command.upgrade(schema.migrations(connection), BEFORE)
        connection.execute(
            text("INSERT INTO installation (id, key_check) VALUES (1, :key)"), {"key": keyring().check_value()}
        )
    database.dispose()


def huoju(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str, fails: int = 0) -> str:
    printed = CommandLine(monkeypatch, capsys)(*words, fails=fails)
    return printed.out + printed.err


def revision(url: str) -> str | None:
    database = open_database(url)
    with database.connect() as connection:
        found = schema.revision_of(connection)
    database.dispose()
    return found


@pytest.mark.parametrize("older", ["sqlite"], indirect=True)
def test_it_says_what_it_will_do_and_does_it_when_told(
    older: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = huoju(monkeypatch, capsys, "db", "upgrade", "--dry-run")
    assert f"from {BEFORE} to {schema.revisions()[-1]}" in told
    assert "0038  When the last backup was taken: one new column" in told
    assert "an instant" in told
    assert "installation (about 1 rows)" in told
    assert "say --yes" in huoju(monkeypatch, capsys, "db", "upgrade", fails=1)
    assert "run: huoju db upgrade" in huoju(monkeypatch, capsys, "run", "--port", "1", fails=1)
    assert revision(older) == BEFORE
    assert "at the newest schema" in huoju(monkeypatch, capsys, "db", "upgrade", "--yes")
    assert revision(older) == schema.revisions()[-1]
    assert len(list(Path("var/backups").glob("*"))) == older.startswith("sqlite")
    assert huoju(monkeypatch, capsys, "db", "upgrade") == "The database is at the newest schema.\n"


@pytest.mark.parametrize("older", ["postgresql"], indirect=True)
def test_nobody_queues_behind_it_for_long(older: str) -> None:
    database, other = open_database(older), open_database(older)
    with database.connect() as connection:
        planned = upgrade.plan(connection)
    assert planned is not None
    assert [(one.table, one.rows) for one in planned.waiting if one.table == "installation"] == [("installation", 1)]
    reader, tries, short = other.connect(), list[int](), timedelta(milliseconds=1)
    reader.execute(text("SELECT * FROM installation"))
    with pytest.raises(DatabaseUnusable, match="nothing was changed"):
        upgrade.upgrade(database, keyring(), patience=short, pause=lambda _s: None)
    assert revision(older) == BEFORE

    def pause(_s: float) -> None:
        if len(tries) == 2:
            reader.close()

    upgrade.upgrade(database, keyring(), tries.append, patience=timedelta(milliseconds=50), pause=pause)
    assert tries == [1, 2]
    assert revision(older) == schema.revisions()[-1]
    for engine in (database, other):
        engine.dispose()


@pytest.mark.parametrize("older", ["sqlite"], indirect=True)
def test_a_newer_schema_is_refused_with_what_to_do(
    older: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    database = open_database(older)
    with database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.dispose()
    for words in (["db", "upgrade", "--dry-run"], ["db", "upgrade", "--yes"], ["run"], ["health"], ["backup"]):
        told = huoju(monkeypatch, capsys, *words, fails=1)
        assert "made by a newer Huoju; update the program" in told, words


def test_what_each_revision_does_is_read_from_its_file() -> None:
    steps = {revision: upgrade._step(revision) for revision in schema.revisions()}
    assert len(steps) > 30
    assert all(step.says.endswith(".") for step in steps.values())
    assert "dispatches" in steps["0006"].alters | steps["0006"].builds
    assert "draws" in steps["0037"].builds
