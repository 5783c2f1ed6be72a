"""Broadcasts of an older version go on, their segments read by the version of the campaign that was there."""

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from core import schema
from core.database import open_database
from tests import postgres

_WAITED = (
    "INSERT INTO dispatches"
    " (address_key, sequence, ref, part, channel, account, category, state, due_at, expires_at, tries)"
    " SELECT key, 1, 'notice:1', 0, 'sms', 'main', 4, 'due', heard_at, heard_at, 0 FROM addresses"
)
_ADDRESS = (
    "INSERT INTO addresses (key, channel, account, user_sealed, said_count, heard_at, wrong_tries, question_again,"
    " question_number, typed_left, tapped_left, answers, helpless_answers)"
    " VALUES (:key, 'sms', 'main', :key, 0, '2026-12-01 04:00:00.000000', 0, :no, 0, 0, 0, 0, 0)"
)
_CAMPAIGN = (
    "INSERT INTO campaigns (id, name, version, state, opens_at, closes_at, published_at, seed_sealed, seed_commitment)"
    " VALUES (1, 'snack', 3, 'live', '2026-12-01 04:00:00.000000', '2027-12-01 04:00:00.000000',"
    " '2026-12-01 04:00:00.000000', :key, 'x')"
)
_BROADCAST = (
    "INSERT INTO broadcasts (id, campaign_id, name, segment, words, channels, edits, state, made_by, made_at,"
    " frozen_at, starts_at, expires_at, after_id, members, routes)"
    " VALUES (:id, 1, :state, 'everybody', '{}', '[]', 0, :state, 'anna', '2026-12-01 04:00:00.000000',"
    " :at, :at, :at, 0, 1, '[]')"
)
_MEMBER = (
    "INSERT INTO broadcast_members (broadcast_id, player_id, state, reason) VALUES (2, 7, 'left_out', 'no_address')"
)


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_they_go_on(backend: str, tmp_path: Path) -> None:
    with postgres.new_database() as address:
        database = open_database(address if backend == "postgresql" else f"sqlite:///{tmp_path / 'old.db'}")
        with database.begin() as connection:
            command.upgrade(schema.migrations(connection), "0046")
            connection.execute(text(_ADDRESS), {"key": b"k" * 16, "no": False})
            connection.execute(text(_CAMPAIGN), {"key": b"k" * 16})
            connection.execute(text(_WAITED))
            command.upgrade(schema.migrations(connection), "0048")
            assert connection.execute(text("SELECT broadcast_id, capped FROM dispatches")).all() == [(None, False)]
            for number, state in enumerate(("draft", "freezing", "stopped"), 1):
                at = None if state == "draft" else "2026-12-01 05:00:00.000000"
                connection.execute(text(_BROADCAST), {"id": number, "state": state, "at": at})
            connection.execute(text(_MEMBER))
        with database.begin() as connection:
            command.upgrade(schema.migrations(connection), "head")
            found = connection.execute(text("SELECT state, version, incomplete FROM broadcasts ORDER BY id")).all()
            assert found == [("draft", None, False), ("freezing", 3, False), ("stopped", 3, False)]
            assert connection.execute(text("SELECT count(*) FROM broadcast_members")).scalar() == 1
        database.dispose()
