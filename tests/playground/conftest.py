from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.playground.rig import PLAYED, Door, Served, installed
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
    with installed(sqlite_template, tmp_path) as served:
        yield served
