"""Scenes that are played once, for tests that each spoil them in a transaction that is rolled back."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, text

from core.database import open_database
from handlers import MECHANICS
from tests import postgres
from tests.soundness import audited
from tests.stage import Stage, keyring

Play = Callable[[Stage], None]
BACKENDS = ("sqlite", "postgresql")


@dataclass
class Scenes:
    """Played databases by backend and scene; ``fresh`` gives the migrated, empty one of a backend."""

    fresh: Callable[[str], str]
    directory: Path
    stack: ExitStack = field(default_factory=ExitStack)
    played: dict[tuple[str, str], Stage] = field(default_factory=dict)

    def stage(self, backend: str, play: Play) -> Stage:
        """The stage on which ``play`` was played; leave its database as it is."""
        key = (backend, play.__qualname__)
        if key not in self.played:
            directory = self.directory / "-".join(key)
            directory.mkdir()
            database = open_database(self.stack.enter_context(_copied(backend, self.fresh(backend), directory)))
            self.stack.callback(database.dispose)
            if backend == "postgresql":
                postgres.remember(database)
            self.played[key] = Stage(database, directory)
            play(self.played[key])
        return self.played[key]

    @contextmanager
    def spoiled(self, backend: str, play: Play, *statements: str) -> Iterator[Connection]:
        """The scene after ``statements``, each of which changes something; all of it is undone."""
        with self.stage(backend, play).database.connect() as connection:
            for statement in statements:
                assert connection.execute(text(statement)).rowcount > 0
            yield connection
            connection.rollback()


def broken(connection: Connection) -> set[str]:
    """What the audit finds broken, seen from inside a transaction."""
    return {check.says for check, faults in audited(connection, keyring(), MECHANICS.checks) if faults}


@contextmanager
def _copied(backend: str, template: str, directory: Path) -> Iterator[str]:
    if backend == "sqlite":
        shutil.copy(template, directory / "scene.db")
        yield f"sqlite:///{directory / 'scene.db'}"
    else:
        with postgres.new_database(template) as url:
            yield url
