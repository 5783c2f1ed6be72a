"""A database that the first version filled: migrated forward, everything in it is there and goes on."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Date, DateTime, MetaData, insert

from core import schema
from core.audit.audit import audit
from core.database import open_database
from core.messages import Answered
from tests import postgres
from tests.stage import Stage, keyring

# Written by the first version itself: three players, nine codes, two prizes won, one correction.
FILLED = json.loads((Path(__file__).parent / "fixtures" / "first_release.json").read_text(encoding="utf-8"))


def _read(value: Any) -> Any:
    match value:
        case {"hex": text}:
            return bytes.fromhex(text)
        case {"at": text}:
            return datetime.fromisoformat(text)
        case {"on": text}:
            return date.fromisoformat(text)
        case _:
            return value


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database, without any schema."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'first.db'}"
    else:
        with postgres.new_database() as address:
            yield address


@pytest.fixture
def upgraded(url: str, tmp_path: Path) -> Iterator[Stage]:
    """The first version's database, filled by it and migrated since."""
    database = open_database(url)
    with database.begin() as connection:
        command.upgrade(schema.migrations(connection), "0001")
        tables = MetaData()
        tables.reflect(connection)
        for table in tables.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, DateTime) and not isinstance(column.type, Date):
                    column.type = DateTime(timezone=True)
            if rows := FILLED["tables"].get(table.name):
                connection.execute(insert(table), [{key: _read(value) for key, value in row.items()} for row in rows])
    schema.upgrade(database, keyring())
    stage = Stage(database, tmp_path)
    stage.now = max(_read(row["received_at"]) for row in FILLED["tables"]["inbox"])
    yield stage
    database.dispose()


def test_what_was_there_stays_and_goes_on(upgraded: Stage) -> None:
    assert schema.differences(upgraded.database) == []
    assert [str(fault) for _, faults in audit(upgraded.database, upgraded.keys) for fault in faults] == []
    (again,) = upgraded.take(upgraded.delivery(FILLED["first_code"], by="p0", id="m0"))
    assert (again.how, again.texts) == (Answered.REPEATED, (FILLED["first_answer"],))
    assert "you have 25 points" in upgraded.say("points", by="p0")
    assert upgraded.say("gifts", by="p0") == "There are no gifts in this campaign."
    assert upgraded.say("prizes", by="p0") == "You have no prizes or gifts yet. Good luck!"
    assert upgraded.say(FILLED["unused"][0], by="p1").startswith("No prize this time, but +10 points")
    word = upgraded.say("link", by="p0").split("minutes: ")[1].split(".")[0]
    assert upgraded.say(word, by="p2").startswith("Linked")
    assert [str(fault) for _, faults in audit(upgraded.database, upgraded.keys) for fault in faults] == []
