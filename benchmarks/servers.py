"""Where benchmarks run: a durable PostgreSQL of their own, SQLite files, and a directory for what they leave."""

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests import postgres

_SERVER = Path("var/bench-postgres")
_DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


@dataclass
class Places:
    """Empty databases on request, dropped when done with."""

    directory: Path
    _number: Iterator[int] = field(default_factory=itertools.count)

    @contextmanager
    def postgres(self) -> Iterator[str]:
        """An empty PostgreSQL database; its URL."""
        with psycopg.connect(postgres.ensure_started(_SERVER.absolute())) as connection:
            for setting in _DURABLE:
                row = connection.execute(f"SHOW {setting}").fetchone()
                assert row == ("on",), f"{setting} is off: this server may lose what it confirmed"
        with postgres.new_database() as url:
            yield url

    @contextmanager
    def sqlite(self) -> Iterator[str]:
        """An empty SQLite file; its URL."""
        with tempfile.TemporaryDirectory(dir=self.directory) as directory:
            yield f"sqlite:///{directory}/huoju.db"


def postgres_version() -> str:
    """The server's own name and version."""
    with psycopg.connect(postgres.ensure_started(_SERVER.absolute())) as connection:
        return f"PostgreSQL {connection.info.parameter_status('server_version')}"
