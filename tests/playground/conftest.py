import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.database import open_database
from core.times import system_clock
from tests.playground.rig import PLAYED, Door, Served
from tests.stage import Stage


@pytest.fixture
def door(stage: Stage) -> Iterator[Door]:
    stage.publish(PLAYED)
    door = Door(stage)
    yield door
    door.engine.close()


@pytest.fixture
def locked(stage: Stage) -> Iterator[Door]:
    """The same behind a password."""
    stage.publish(PLAYED)
    door = Door(stage, "open sesame")
    yield door
    door.engine.close()


@pytest.fixture
def served(sqlite_template: Path, tmp_path: Path) -> Iterator[Served]:
    """An installation that is not running yet. Its clock is the machine's: the served process has no other."""
    shutil.copy(sqlite_template, tmp_path / "huoju.db")
    database = open_database(f"sqlite:///{tmp_path / 'huoju.db'}")
    yield Served(Stage(database, tmp_path, now=system_clock()))
    database.dispose()
