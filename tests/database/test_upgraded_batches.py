"""Batches and jobs of a version without files of jobs: migrated, what was active is so, and nothing else becomes it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Engine, MetaData, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import schema
from core.database import Instant, open_database
from core.models import Batch
from handlers.operators.tables import Job
from tests import postgres
from tests.stage import START, keyring

BEFORE = "0033"
# number, state, SHA-256 of its file, whether it was ever activated
BATCHES = [(1, "inert", "ab" * 32, False), (2, "active", "", True), (3, "void", "", False), (4, "inert", "", False)]


@pytest.fixture(params=["sqlite", "postgresql"])
def upgraded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database of the revision before, filled and migrated."""
    with postgres.new_database() as address:
        database = open_database(address if request.param == "postgresql" else f"sqlite:///{tmp_path / 'old.db'}")
        with database.begin() as connection:
            command.upgrade(schema.migrations(connection), BEFORE)
            tables = MetaData()
            tables.reflect(connection)
            _fill(connection, tables)
            command.upgrade(schema.migrations(connection), "0034")
        yield database
        database.dispose()


def _fill(connection: Any, tables: MetaData) -> None:
    def add(name: str, rows: list[dict[str, Any]]) -> None:
        for column in tables.tables[name].columns:
            if column.name.endswith("_at"):
                column.type = Instant()
        connection.execute(insert(tables.tables[name]), rows)

    campaign = {column.name: _any(column) for column in tables.tables["campaigns"].columns if not column.nullable}
    add("campaigns", [campaign | {"id": 1, "name": "snack", "state": "live"}])
    codes = {"campaign_id": 1, "codes_count": 5, "code_length": 12, "space_bits": 50.0, "checked": True}
    batches = [
        {"id": number, "state": state, "file_sha256": sha256, "activated_at": START if active else None}
        for number, state, sha256, active in BATCHES
    ]
    add("batches", [{**codes, "created_at": START, **one} for one in batches])
    key = keyring().address_key("test", "main", "boss")
    counters = {"said_count": 0, "wrong_tries": 0, "typed_left": 0, "tapped_left": 0}
    add(
        "addresses",
        [{"key": key, "heard_at": START, "channel": "test", "account": "main", "user_sealed": b"", **counters}],
    )
    job = {"address_key": key, "operator": "Li Na", "verb": "draws verify", "given_sealed": b"", "state": "done"}
    add("jobs", [{**job, "beats": 1, "begun": 1, "done": 1, "made_at": START, "settled_at": START, "file": "old.csv"}])


def _any(column: Any) -> Any:
    """Some value of its type."""
    kind = column.type.python_type
    return START if column.name.endswith("_at") else b"" if kind is bytes else kind(1) if kind in {int, bool} else "x"


def test_what_was_active_is_so_and_what_has_no_whole_file_never_becomes_it(upgraded: Engine) -> None:
    with Session(upgraded) as session:
        found = session.scalars(select(Batch).order_by(Batch.id)).all()
        assert [(one.id, one.state, one.file_sha256) for one in found] == [
            (1, "inert", "ab" * 32),
            (2, "active", "unknown"),
            (3, "void", ""),
            (4, "inert", ""),
        ]
        job = session.scalars(select(Job)).one()
        assert (job.state, job.file, job.file_until, job.link_taken_at) == ("done", None, None, None)
        found[3].state, found[3].activated_at = "active", START
        with pytest.raises(IntegrityError):
            session.flush()
