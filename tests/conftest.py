"""Every test of a rule that the database carries runs on SQLite and on a real PostgreSQL."""

import os
import shutil
import sqlite3
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser
from psycopg import _queries
from sqlalchemy import Engine, event

from core import schema
from core.database import open_database
from huoju.gc_tuning import collect_seldom
from tests import postgres
from tests.browsing import chromium
from tests.dealing import Dealer
from tests.fakes import telegram, wechat
from tests.fakes.gateways import Aggregator, Kannel, Twilio
from tests.faulty import SHARES
from tests.overdue import EXIT_S, LIMIT_S, Overdue
from tests.races.crowd import Crowd
from tests.scenes import Scenes
from tests.stage import Stage, keyring, shared_compilation
from tests.watching import Watch, watched

# Examples take as long as they take, however busy the machine is; one that fails can be said again from its blob.
_HEALTHY = (HealthCheck.too_slow, HealthCheck.function_scoped_fixture)
settings.register_profile("huoju", deadline=None, print_blob=True, suppress_health_check=_HEALTHY)
settings.load_profile("huoju")

# psycopg remembers how it reads 128 statements: an audit alone pushed out all others.
_queries._query2pg = cache(_queries._query2pg_nocache)

_TEMPLATES = {"sqlite": "sqlite_template", "postgresql": "postgres_template"}
_BEGUN_ONCE = ("crowd", "browser", "in_memory", "scenes")
"""What takes seconds to begin: the tests that use one of these go to one worker."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--every-fault", action="store_true", help="play all shares of the faults, and not one of them")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One share of all (state, point) pairs, or all of them."""
    if "share" in metafunc.fixturenames:
        metafunc.parametrize("share", range(SHARES) if metafunc.config.getoption("--every-fault") else [0])


def pytest_configure(config: pytest.Config) -> None:
    """The first process starts the server; workers find its address in their environment.

    What tests start runs the code of this folder, whatever is installed.
    """
    os.environ["PYTHONPATH"] = str(config.rootpath)
    if not hasattr(config, "workerinput") and not config.option.collectonly:
        postgres.ensure_started(Path(config.rootpath) / "var" / "test-postgres", careless=True)
    collect_seldom()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Dealer | None:
    """Who deals tests to workers."""
    return Dealer(config, log) if config.getvalue("dist") == "loadgroup" else None


_OVERDUE = Overdue()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, object, object]:
    """A test that is never over, fixtures and all, ends its process and not the run."""
    _OVERDUE.begin()
    try:
        return (yield)
    finally:
        _OVERDUE.done()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Threads that tests have left keep no process alive; a worker without tests waits for those of the others."""
    _OVERDUE.begin(EXIT_S + 3 * LIMIT_S if hasattr(config, "workerinput") else EXIT_S)


def _is_told_already(item: pytest.Item) -> bool:
    """Whether the other database says the same: the test is about what is read and answered, not about what is kept."""
    spec = getattr(item, "callspec", None)
    played_on = spec.params.get("database_url") if spec else None
    return played_on == "postgresql" and item.get_closest_marker("reading") is not None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep together what shares something costly; xdist begins with the largest of these groups.

    A group is the end of a name. Its mark would do nothing: xdist 3.8 writes where pytest 9.2 no longer looks.
    """
    items[:] = [item for item in items if not _is_told_already(item)]
    if not getattr(config.option, "loadgroup", False):
        return
    for item in items:
        shared = [name for name in _BEGUN_ONCE if name in getattr(item, "fixturenames", ())]
        for name in shared[:1]:
            item._id = type(item.id).parse(f"{item.nodeid}@{name}")
            assert item.nodeid.endswith(f"@{name}")


def pytest_collection_finish() -> None:
    """Leave what was imported and collected alone: looking through it between tests took a twelfth of the suite."""
    collect_seldom()


_SECRETS = (
    *(wechat.TOKEN, wechat.SECRET, wechat.AES_KEY, telegram.TOKEN, telegram.SECRET),
    *(Kannel.password, Twilio.token, Aggregator.secret, Aggregator.key),
)


@pytest.fixture(autouse=True)
def logged() -> Iterator[Watch]:
    """What is logged; nothing of anybody, in any test."""
    with watched() as watch:
        watch.plant(*_SECRETS)
        yield watch
    assert watch.leaks() == []


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    engine = open_database(f"sqlite:///{path}")
    schema.upgrade(engine, keyring())
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    with postgres.new_database() as url:
        engine = open_database(url)
        schema.upgrade(engine, keyring())
        engine.dispose()
        yield postgres.name_of(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated, empty database of its own."""
    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        shutil.copy(template, tmp_path / "huoju.db")
        yield f"sqlite:///{tmp_path / 'huoju.db'}"
    else:
        yield request.getfixturevalue("postgres_url")


@pytest.fixture(scope="session")
def postgres_lender(postgres_template: str) -> Iterator[postgres.Lender]:
    lender = postgres.Lender(postgres_template)
    yield lender
    lender.close()


@pytest.fixture
def postgres_url(postgres_lender: postgres.Lender) -> Iterator[str]:
    """A migrated PostgreSQL without rows, that nobody else uses meanwhile."""
    with postgres_lender.lend() as url:
        yield url


def _turn_around(connection: sqlite3.Connection, _record: object) -> None:
    """Whoever relies on the order of what was asked for without one is told so: it comes the other way round."""
    connection.execute("PRAGMA reverse_unordered_selects = ON")


@pytest.fixture
def database(request: pytest.FixtureRequest, database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    if engine.dialect.name == "postgresql":
        with request.getfixturevalue("postgres_lender").connecting(engine):
            yield shared_compilation(engine)
    else:
        event.listen(engine, "connect", _turn_around)
        yield shared_compilation(engine)
        engine.dispose()


@pytest.fixture
def stage(database: Engine, tmp_path: Path) -> Stage:
    return Stage(database, tmp_path)


@pytest.fixture
def arena(postgres_url: str, tmp_path: Path) -> Iterator[Stage]:
    """The stage on PostgreSQL alone, where processes really overlap."""
    database = open_database(postgres_url)
    yield Stage(database, tmp_path)
    database.dispose()


@pytest.fixture(scope="session")
def crowd() -> Iterator[Crowd]:
    crowd = Crowd()
    yield crowd
    crowd.close()


@pytest.fixture(scope="module")  # no longer: while it is open, its thread can run no event loop of anybody else
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def scenes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scenes]:
    """Scenes that this worker has played."""
    found = Scenes(
        lambda backend: str(request.getfixturevalue(_TEMPLATES[backend])),
        tmp_path_factory.mktemp("scenes"),
    )
    with found.stack:
        yield found
