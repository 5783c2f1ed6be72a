"""What was spent in segments by an older version counts as parts of texts from then on."""

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import select, text

from core import schema
from core.database import open_database
from core.models import Spending
from tests import postgres

_OLD = (
    "INSERT INTO spendings (channel, account, hour, prefix, texts, segments, micros)"
    " VALUES ('sms', 'main', 7, '+8613800', 2, 5, 225000)"
)


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_what_was_spent_is_still_known(backend: str, tmp_path: Path) -> None:
    with postgres.new_database() as address:
        database = open_database(address if backend == "postgresql" else f"sqlite:///{tmp_path / 'old.db'}")
        with database.begin() as connection:
            command.upgrade(schema.migrations(connection), "0040")
            connection.execute(text(_OLD))
            command.upgrade(schema.migrations(connection), "0041")
            assert connection.execute(select(Spending.texts, Spending.parts, Spending.micros)).all() == [
                (2, 5, 225_000)
            ]
        database.dispose()
