"""Races are held on PostgreSQL, where processes really overlap; what SQLite can do of them is held there too."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.database import open_database
from tests.races.crowd import Crowd
from tests.stage import Stage


@pytest.fixture(scope="package")
def crowd() -> Iterator[Crowd]:
    crowd = Crowd()
    yield crowd
    crowd.close()


@pytest.fixture
def arena(postgres_url: str, tmp_path: Path) -> Iterator[Stage]:
    """The stage on PostgreSQL."""
    database = open_database(postgres_url)
    yield Stage(database, tmp_path)
    database.dispose()
