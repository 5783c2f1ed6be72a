from collections.abc import Iterator
from pathlib import Path

import pytest

from core.database import open_database
from tests.adapters.wechat.rig import NOW, PLAYED, Chats, Door
from tests.fakes import wechat
from tests.fakes.wechat import Platform
from tests.stage import Stage, shared_compilation


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def platform() -> Iterator[Platform]:
    with wechat.running(lambda: NOW) as platform:
        yield platform


@pytest.fixture
def stage(sqlite_template: Path, tmp_path: Path) -> Iterator[Stage]:
    """On SQLite only: what the databases guarantee is tested elsewhere."""
    path = tmp_path / "huoju.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = shared_compilation(open_database(f"sqlite:///{path}"))
    yield Stage(database, tmp_path)
    database.dispose()


@pytest.fixture
def chats(stage: Stage) -> Iterator[Chats]:
    stage.publish(PLAYED)
    chats = Chats(stage)
    yield chats
    chats.close()
