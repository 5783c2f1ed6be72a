"""Wishes of a version that went by when it dealt with them: migrated, the last one in time counts."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import MetaData, Table, insert, select

from core import schema
from core.database import Instant, open_database
from core.models import Address
from tests import postgres
from tests.stage import START, Stage, keyring
from tests.talking import faults

_ADDRESS = {
    "account": "main",
    "said_count": 0,
    "heard_at": START,
    "wrong_tries": 0,
    "typed_left": 0,
    "tapped_left": 0,
}


def _at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


# who, what, how, minute; "by:" are those that another address of the person said
CONSENTS = [
    ("late start", "out", "word", 0, "1"),
    ("late start", "out", "word", 2, "2"),
    ("late start", "in", "word", 1, "3"),
    ("late stop", "out", "word", 0, "1"),
    ("late stop", "in", "word", 1, "2"),
    ("stopped", "out", "sentence", 3, "1"),
    ("pair a", "out", "word", 5, "1"),
    ("pair b", "out", "word", 5, "by:1"),
    ("pair b", "in", "word", 6, "2"),
    ("linked a", "out", "word", 1, "1"),
    ("linked a", "out", "linked", 4, "by:2"),
    ("linked b", "out", "linked", 4, "2"),
    ("friend a", "out", "word", 1, "1"),
    ("friend a", "in", "word", 2, "2"),
]
WAS_OUT = {"late stop": 0, "stopped": 3, "pair a": 5, "linked a": 1, "linked b": 4}
OUT = {"late start": 2, "stopped": 3, "pair a": 5, "linked a": 1, "linked b": 4}
PERSONS = ("pair", "linked", "friend")
EVERYBODY = [
    "late start",
    "late stop",
    "stopped",
    "silent",
    *(f"{person} {side}" for person in PERSONS for side in "ab"),
]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'old.db'}"
    else:
        with postgres.new_database() as address:
            yield address


def _fill(connection: Any, tables: MetaData) -> None:
    def add(name: str, rows: list[dict[str, Any]]) -> None:
        table: Table = tables.tables[name]
        for column in table.columns:
            if column.name.endswith(("_at", "_until")) or column.name == "at":
                column.type = Instant()
        connection.execute(insert(table), rows)

    keys = keyring()
    key_of = {by: keys.address_key("test", "main", by) for by in EVERYBODY}
    addresses = [
        {
            **_ADDRESS,
            "key": key,
            "channel": "test",
            "user_sealed": keys.seal("addresses.user", key, by),
            "person": key_of[f"{by[:-2]} a"] if by[:-2] in PERSONS else None,
            "opted_out_at": _at(WAS_OUT[by]) if by in WAS_OUT else None,
        }
        for by, key in key_of.items()
    ]
    add("addresses", addresses)
    names = ("address_key", "what", "how", "at", "external_id")
    add(
        "consents",
        [dict(zip(names, (key_of[by], what, how, _at(at), said), strict=True)) for by, what, how, at, said in CONSENTS],
    )
    used = [
        {"word_hash": key_of[f"{by} b"], "address_key": key_of[f"{by} a"], "expires_at": _at(15), "used_at": _at(4)}
        for by in PERSONS
    ]
    add("link_words", used)


@pytest.fixture
def upgraded(url: str, tmp_path: Path) -> Iterator[Stage]:
    database = open_database(url)
    with database.begin() as connection:
        command.upgrade(schema.migrations(connection), "0004")
        tables = MetaData()
        tables.reflect(connection)
        _fill(connection, tables)
    schema.upgrade(database, keyring())
    stage = Stage(database, tmp_path)
    stage.now = _at(60)
    yield stage
    database.dispose()


def _out(stage: Stage) -> dict[str, datetime]:
    with stage.sessions() as session:
        since = {row.key: row.opted_out_at for row in session.scalars(select(Address))}
    found = {by: since[stage.key(by)] for by in EVERYBODY}
    return {by: at for by, at in found.items() if at is not None}


def test_the_last_wish_of_the_past_counts_and_those_to_come_find_whom_they_concern(upgraded: Stage) -> None:
    assert _out(upgraded) == {by: _at(minutes) for by, minutes in OUT.items()}
    late = upgraded.delivery("stop", by="friend a")
    upgraded.wait(minutes=1)
    upgraded.say("start", by="friend b")
    upgraded.say("start", by="linked a")
    upgraded.take(late)
    assert _out(upgraded).keys() == OUT.keys() - {"linked a"} | {"friend a"}
    upgraded.wait(minutes=1)
    upgraded.say("stop", by="friend b")
    assert {"friend a", "friend b"} <= _out(upgraded).keys()
    assert [fault for fault in faults(upgraded) if fault.startswith("who opted out")] == []
