"""PostgreSQL by its own pg_dump and pg_restore: a dump of one instant, in the custom format, while players play."""

import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from sqlalchemy import URL, Connection, Engine, inspect, text

from core.answers import Verbatim, line
from huoju.backup.archive import Told, chunks_of
from huoju.backup.refusal import BackupRefused

_FOLDERS = ("/usr/lib/postgresql", "/usr/local/opt", "/opt/homebrew/opt")
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
_BEGUN = re.compile(r'(?:dumping contents of table|processing data for table) "?[^"]*?\.?"?([a-z_]+)"')
_LAST_LINES = 5
_LEFT_OUT = (" SCHEMA - ", " COMMENT - SCHEMA ", " ACL - ")
_VERSION_ROWS = " TABLE DATA "
_LOCK_PATIENCE = "15s"
_LOOKS, _LOOKS_EACH_S = 5, 0.1


class Tool(NamedTuple):
    """pg_dump or pg_restore."""

    path: str
    major: int


def find_tool(name: str, server: int) -> Tool:
    """``name`` of the version ``server`` or a newer one. Raises BackupRefused where there is none."""
    paths = [found for found in (shutil.which(name),) if found]
    for folder in map(Path, _FOLDERS):
        paths += [str(path) for path in sorted(folder.glob(f"*/bin/{name}"), reverse=True)]
    tools = [tool for path in paths if (tool := _look(path)) is not None]
    fitting = [tool for tool in tools if tool.major >= server]
    if fitting:
        return min(fitting, key=lambda tool: tool.major)
    remedy = "install PostgreSQL's client programs of version {server} (postgresql-client-{server})"
    old = "; {path} is of version {major}, which is too old"
    have = line(old, path=Verbatim(tools[0].path), major=tools[0].major) if tools else line("")
    told = "this needs {program}{have}: {remedy}, and see that PATH leads to them"
    raise BackupRefused(told, program=Verbatim(name), have=have, remedy=line(remedy, server=server))


def _look(path: str) -> Tool | None:
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False, timeout=10)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    found = _VERSION.search(said.stdout)
    return None if found is None else Tool(path, int(found[1]))


class Seen(NamedTuple):
    """What a dump is of."""

    server: int
    namespace: str
    rows: Mapping[str, int]
    snapshot: str


@contextmanager
def snapshot(engine: Engine) -> Iterator[Seen]:
    """One instant of the database, kept for pg_dump while this is open."""
    with engine.connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        exported = connection.scalar(text("SELECT pg_export_snapshot()"))
        yield Seen(server_of(connection), _namespace(connection), rows_of(connection), str(exported))


def server_of(connection: Connection) -> int:
    """The server's major version."""
    return int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10_000


def _namespace(connection: Connection) -> str:
    return str(connection.scalar(text("SELECT current_schema()")))


def rows_of(connection: Connection) -> dict[str, int]:
    """How many rows each table of the schema has."""
    names = sorted(inspect(connection).get_table_names())
    return {name: connection.scalar(text(f'SELECT count(*) FROM "{name}"')) or 0 for name in names}  # noqa: S608


def dump(tool: Tool, url: URL, seen: Seen, told: Told) -> Iterator[bytes]:
    """The bytes of a dump of what was ``seen``. Raises BackupRefused when pg_dump fails."""
    arguments = ["--format=custom", "--no-owner", "--no-privileges", f'--schema="{seen.namespace}"', "--verbose"]
    arguments += [f"--snapshot={seen.snapshot}", f"--lock-wait-timeout={_LOCK_PATIENCE}"]
    with _running(tool, url, arguments) as process:
        listener = _Listener(process.stderr, seen.rows, told)
        assert process.stdout is not None
        yield from chunks_of(process.stdout)
        if process.wait() != 0:
            raise BackupRefused("pg_dump failed: {reason}; nothing was kept", reason=Verbatim(listener.reason()))


def load(url: URL, file: Path, server: int, rows: Mapping[str, int], told: Told) -> None:
    """Fill the empty database ``url`` with the dump in ``file``, all of it or nothing, but for its revision.

    A database without a revision is used by nobody: that row is written last. Raises BackupRefused.
    """
    tool = find_tool("pg_restore", server)
    said = subprocess.run([tool.path, "--list", str(file)], capture_output=True, text=True, check=False)  # noqa: S603
    if said.returncode != 0:
        raise BackupRefused("pg_restore cannot read the backup: {stderr}", stderr=Verbatim(said.stderr.strip()))
    wanted = file.with_suffix(".list")
    lines = [line for line in said.stdout.splitlines() if not _is_left_out(line)]
    wanted.write_text("\n".join(lines) + "\n", encoding="utf-8")
    arguments = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--verbose"]
    with _running(tool, url, [*arguments, f"--use-list={wanted}", str(file)]) as process:
        listener = _Listener(process.stderr, rows, told)
        if process.wait() != 0:
            raise BackupRefused(
                "pg_restore failed: {reason}; the database is as empty as it was", reason=Verbatim(listener.reason())
            )


def _is_left_out(line: str) -> bool:
    if _VERSION_ROWS in line and " alembic_version " in line:
        return True
    return any(each in line for each in _LEFT_OUT)


@contextmanager
def _running(tool: Tool, url: URL, arguments: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """The tool at work on ``url``; it ends with us. A password is in a file: lists of processes show words."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", prefix="huoju-") as secret:  # nobody else may read it
        address = url.set(drivername="postgresql", password=None)
        if url.password:
            secret.write("*:*:*:*:" + str(url.password).replace("\\", "\\\\").replace(":", "\\:") + "\n")
            secret.flush()
            address = address.update_query_dict({"passfile": secret.name})
        process = subprocess.Popen(  # noqa: S603  # a tool of the system, and no words of anybody
            [tool.path, *arguments, f"--dbname={address.render_as_string()}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


class _Listener:
    """Hears what a tool tells meanwhile: which table it has come to, and at the end why it failed.

    The stream is closed by the thread that reads it, when the tool has ended: nobody else knows when that is done.
    """

    def __init__(self, stream: IO[bytes] | None, rows: Mapping[str, int], told: Told) -> None:
        assert stream is not None
        self._last: deque[str] = deque(maxlen=_LAST_LINES)
        self._thread = threading.Thread(target=self._hear, args=(stream, rows, told), name="pg tool", daemon=True)
        self._thread.start()

    def _hear(self, stream: IO[bytes], rows: Mapping[str, int], told: Told) -> None:
        done, total, at_work = 0, sum(rows.values()), 0
        with stream:
            for raw in stream:
                said = raw.decode(errors="replace").strip()
                self._last.append(said)
                if (found := _BEGUN.search(said)) is not None:
                    done, at_work = done + at_work, rows.get(found[1], 0)
                    told(done, total)

    def reason(self) -> str:
        """The last words that tell of an error."""
        self._thread.join(timeout=10)
        wrong = [said for said in self._last if "error" in said.lower()]
        return (wrong or list(self._last) or ["it gave no reason"])[0]


def _others(connection: Connection) -> int:
    """How many others are connected; who has just gone is counted for a moment, so it is asked again."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    for _ in range(_LOOKS):
        if not (count := connection.scalar(text(f"{others} AND backend_type = 'client backend'")) or 0):
            break
        connection.rollback()  # the server shows one transaction the same all the time
        time.sleep(_LOOKS_EACH_S)
    return count


def check_place(engine: Engine, namespace: str | None = None) -> None:
    """Raise BackupRefused unless the database is empty, nobody is connected to it, and its schema is ``namespace``."""
    with engine.connect() as connection:
        if inspect(connection).get_table_names():
            raise BackupRefused("this database is not empty, and nothing is written over; give a new one")
        if count := _others(connection):
            raise BackupRefused("{count} others are connected to this database; stop them first", count=Verbatim(count))
        if namespace is not None and (mine := _namespace(connection)) != namespace:
            told = (
                "the backup is of the schema {namespace}, and the address leads to {mine}; let "
                "options=-csearch_path={namespace} stand in HUOJU_DATABASE_URL"
            )
            raise BackupRefused(told, namespace=Verbatim(namespace), mine=Verbatim(mine))


def drop_all(engine: Engine) -> None:
    """Take away all tables of a database that was empty before."""
    with engine.begin() as connection:
        for name in inspect(connection).get_table_names():
            connection.execute(text(f'DROP TABLE "{name}" CASCADE'))
