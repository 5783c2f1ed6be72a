from collections.abc import Iterator
from pathlib import Path

import pytest

from core.database import open_database
from tests.fakes.gateways import Aggregator, Kannel, Twilio, running
from tests.stage import Stage, shared_compilation


@pytest.fixture
def stage(sqlite_template: Path, tmp_path: Path) -> Iterator[Stage]:
    """On SQLite only: what the databases guarantee is tested elsewhere."""
    path = tmp_path / "huoju.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = shared_compilation(open_database(f"sqlite:///{path}"))
    yield Stage(database, tmp_path)
    database.dispose()


@pytest.fixture
def kannel() -> Iterator[Kannel]:
    with running(Kannel) as platform:
        yield platform


@pytest.fixture
def twilio() -> Iterator[Twilio]:
    with running(Twilio) as platform:
        yield platform


@pytest.fixture
def aggregator() -> Iterator[Aggregator]:
    with running(Aggregator) as platform:
        yield platform
