"""The schema: migrations lead to exactly the models, on both databases, and may be run again."""

import socket
import struct
import threading
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError

from core import schema
from core.database import DatabaseUnusable, open_database
from core.models import Base
from tests import schema_page
from tests.relay.torchbearers import begin, open_relay
from tests.snack import SURE
from tests.stage import CAMPAIGN, Stage, keyring
from tests.talking import play, word_of


def test_migrations_lead_to_the_models(database: Engine) -> None:
    assert schema.differences(database) == []
    schema.upgrade(database, keyring())
    assert schema.differences(database) == []


def test_what_is_found_by_time_costs_postgresql_next_to_nothing(arena: Stage) -> None:
    """Whether an index is a BRIN is nothing that alembic compares."""
    brins = "SELECT indexname FROM pg_indexes WHERE indexdef LIKE '%USING brin%' AND schemaname = 'public'"
    indexes = [index for table in Base.metadata.tables.values() for index in table.indexes]
    wanted = {index.name for index in indexes if index.dialect_options["postgresql"]["using"] == "brin"}
    assert "ix_draws_at" in wanted
    with arena.database.connect() as connection:
        assert set(connection.scalars(text(brins))) == wanted


def test_each_migration_begins_the_name_of_its_file() -> None:
    """By their names a process sees which there are, and need not import what runs them."""
    scripts = ScriptDirectory.from_config(schema.migrations(None))
    known = [script.revision for script in scripts.walk_revisions()][::-1]
    assert schema.revisions() == known
    assert scripts.get_heads() == known[-1:]


def test_a_database_of_a_newer_program_is_refused(database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseUnusable, match="newer Huoju"):
        schema.upgrade(database, keyring())
    with pytest.raises(DatabaseUnusable, match="newer Huoju"):
        schema.check_keys(database, keyring())


def test_a_database_of_an_older_program_is_refused_until_it_is_upgraded(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'older.db'}")
    with database.begin() as connection:
        command.upgrade(schema.migrations(connection), "0001")
    with pytest.raises(DatabaseUnusable, match="older than this program; run: huoju db upgrade"):
        schema.check_keys(database, keyring())
    schema.upgrade(database, keyring())
    schema.check_keys(database, keyring())
    database.dispose()


def test_what_differs_is_named(database: Engine) -> None:
    with database.begin() as connection:
        connection.execute(text("CREATE TABLE notes (id INTEGER)"))
        connection.execute(text("ALTER TABLE prizes ADD COLUMN colour INTEGER"))
        connection.execute(text("CREATE INDEX by_stock ON prizes (stock_left)"))
    named = schema.in_words(schema.differences(database))
    assert sorted(named) == ["column prizes.colour", "index by_stock of table prizes", "table notes"]


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "noise.db"
    path.write_bytes(b"no database" * 1000)
    database = open_database(f"sqlite:///{path}")
    with pytest.raises(DatabaseUnusable, match="cannot be opened"):
        schema.upgrade(database, keyring())
    database.dispose()


def test_a_pooler_that_refuses_our_settings_is_told_what_to_let_through() -> None:
    body = b"SFATAL\0C08P01\0Munsupported startup parameter: options\0\0"
    with socket.create_server(("127.0.0.1", 0)) as pooler:

        def refuse() -> None:
            connection, _ = pooler.accept()
            with connection:
                connection.recv(1024)
                connection.sendall(b"E" + struct.pack(">i", len(body) + 4) + body)

        threading.Thread(target=refuse, daemon=True).start()
        port = pooler.getsockname()[1]
        database = open_database(f"postgresql://me@127.0.0.1:{port}/x?sslmode=disable&gssencmode=disable")
        with pytest.raises(DatabaseUnusable, match="ignore_startup_parameters = options"):
            schema.is_set_up(database)
        database.dispose()


def test_an_empty_database_says_what_to_do(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(DatabaseUnusable, match="huoju db upgrade"):
        schema.check_keys(database, keyring())
    database.dispose()


# What the database itself refuses, whoever asks.
REFUSED = [
    "UPDATE players SET points = -1",
    "UPDATE prizes SET stock_left = -1",
    "INSERT INTO redemptions SELECT * FROM redemptions",
    "INSERT INTO transfers SELECT * FROM transfers WHERE owner_id <> 0",
    "UPDATE transfers SET amount = 0",
    "UPDATE transfers SET credit = debit",
    "INSERT INTO draws SELECT * FROM draws",
    "INSERT INTO inbox SELECT * FROM inbox",
    "INSERT INTO outbox SELECT * FROM outbox",
    "INSERT INTO joins SELECT * FROM joins",
    "UPDATE batches SET state = 'perhaps'",
    "DELETE FROM codes",
]


# The same of friends, prizes and torches.
REFUSED_LATER = [
    "UPDATE invites SET inviter_id = player_id",
    "INSERT INTO invites SELECT * FROM invites",
    "UPDATE gifts SET stock_left = -1",
    "UPDATE claims SET needs_approval = true, state = 'received'",
    "UPDATE claims SET first_approver = 'anna', second_approver = 'anna'",
    "UPDATE claims SET second_approver = 'anna'",
    "UPDATE torches SET state = 'lit'",
    "UPDATE torches SET ends_at = granted_at",
    "UPDATE torches SET state = 'lit', lit_by = 1, lit_at = ends_at",
    "UPDATE torches SET parent_id = player_id, leg = 2",
    "INSERT INTO timers SELECT * FROM timers",
    "INSERT INTO torches SELECT * FROM torches",
]


@pytest.fixture
def lively(stage: Stage) -> Stage:
    """A friend was brought in, something was won, and a torch waits."""
    stage.publish(SURE)
    play(stage)
    stage.say(word_of(stage), by="u2")
    open_relay(stage)
    begin(stage, "a")
    return stage


@pytest.mark.parametrize("sql", REFUSED_LATER)
def test_the_database_carries_the_rules_of_people_and_torches(lively: Stage, sql: str) -> None:
    with pytest.raises(IntegrityError), lively.database.begin() as connection:
        connection.execute(text(sql))


def test_a_player_has_one_torch_that_waits(lively: Stage) -> None:
    columns = [column["name"] for column in inspect(lively.database).get_columns("torches")]
    second = ", ".join("number + 1" if name == "number" else name for name in columns)
    with (
        pytest.raises(IntegrityError, match=r"uq_torches_live|torches\.player_id"),
        lively.database.begin() as connection,
    ):
        connection.execute(text(f"INSERT INTO torches ({', '.join(columns)}) SELECT {second} FROM torches"))


@pytest.mark.parametrize("sql", REFUSED)
def test_the_database_carries_the_rule(stage: Stage, sql: str) -> None:
    stage.publish(CAMPAIGN)
    assert stage.say(stage.codes(1)[0]).startswith("redeem.points")
    with pytest.raises(IntegrityError), stage.database.begin() as connection:
        connection.execute(text(sql))


def test_every_table_has_one_owner() -> None:
    owned = [model.__name__ for models in schema_page.OWNERS.values() for model in models]
    assert len(owned) > 30
    assert sorted(owned) == sorted(mapper.class_.__name__ for mapper in Base.registry.mappers)
    assert [owner for owner in schema_page.OWNERS if not (schema_page.ROOT / owner).exists()] == []


def test_the_page_of_the_tables_is_up_to_date() -> None:
    assert schema_page.PAGE.read_text(encoding="utf-8") == schema_page.page(), "run: python -m tests.schema_page"
