"""A million players, five conditions: how long it takes to count them, to see who can be told something, to go on."""

import time
from collections.abc import Iterator
from contextlib import ExitStack

from sqlalchemy import func, select, text

from benchmarks.ground import Ground, opened
from benchmarks.report import Result, say
from benchmarks.servers import Places
from core.models import Address, Join, Player
from core.models.base import Base, table_of
from core.segments.segment import read
from core.segments.words import Asked
from handlers import MECHANICS
from handlers.broadcasts.freezing import CHUNK
from handlers.codes.tables import Code, Redemption
from handlers.segments.reach import reach

PEOPLE = 1_000_000
SEGMENT = (
    "redeemed in the last 14 days and points >= 100 and channel is playground and language is zh"
    " and not codes >= 2 in the last 30 days"
)
_FIRST = 1_000_000_000
_LINKED = "i % 50 = 0"
"""Players who were linked to the one before them."""
_PLAYER = {"id": "i", "points": "i % 300", "invite_word": "NULL", "redeemed_on": "CURRENT_DATE"}
_WORDS = {
    "postgresql": {
        "key": "decode(lpad(to_hex(i), 32, '0'), 'hex')",
        "series": f"generate_series({_FIRST + 1}, {_FIRST} + :people) AS i",
    },
    "sqlite": {
        "key": "CAST(printf('%016d', i) AS BLOB)",
        "series": f"(WITH RECURSIVE s(i) AS (SELECT {_FIRST + 1} UNION ALL SELECT i + 1 FROM s"
        f" WHERE i < {_FIRST} + :people) SELECT i FROM s) AS series",
    },
}


def run(places: Places) -> Iterator[Result]:
    """Three rows for each database."""
    for name, place, most_s in (("SQLite", places.sqlite, 5.0), ("PostgreSQL", places.postgres, 2.0)):
        with ExitStack() as stack:
            ground = stack.enter_context(opened(stack.enter_context(place()), places.directory))
            ground.join()
            say(f"{name}: {PEOPLE:,} players")
            _fill(ground)
            yield from _measured(name, ground, most_s)


def _fill(ground: Ground) -> None:
    database = ground.installation.database
    key = _WORDS[database.dialect.name]["key"]
    with database.begin() as connection:
        if database.dialect.name == "sqlite":
            connection.execute(text("PRAGMA foreign_keys = OFF"))
    with database.begin() as connection:
        for model, given, only in (
            (Player, {**_PLAYER, "merged_into": f"CASE WHEN {_LINKED} THEN i - 1 END"}, "true"),
            (Address, {"key": key, "language": "CASE WHEN i % 7 = 0 THEN NULL ELSE 'zh' END"}, "true"),
            (Join, {"address_key": key, "player_id": f"CASE WHEN {_LINKED} THEN i - 1 ELSE i END"}, "true"),
            (Code, {"hash": key}, "i % 3 = 0"),
            (Redemption, {"code_hash": key, "player_id": "i"}, "i % 3 = 0"),
        ):
            connection.execute(text(_copying(database.dialect.name, model, given, only)), {"people": PEOPLE})
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE" if database.dialect.name == "postgresql" else "ANALYZE"))


def _copying(dialect: str, model: type[Base], given: dict[str, str], only: str) -> str:
    """Rows like the first one of a table, but for what is ``given``."""
    table = table_of(model)
    names = [column.name for column in table.columns]
    copied = ", ".join(given.get(name, f'first."{name}"') for name in names)
    written = ", ".join(f'"{name}"' for name in names)
    series = _WORDS[dialect]["series"]
    return (
        f"INSERT INTO {table.name} ({written}) SELECT {copied} FROM {series},"
        f" (SELECT * FROM {table.name} LIMIT 1) AS first WHERE {only}"
    )


def _measured(name: str, ground: Ground, most_s: float) -> Iterator[Result]:
    at = ground.installation.clock()
    with ground.sessions() as session:
        (campaign,) = ground.runtime.shelf.look(session).values()
        segment, asked = read(SEGMENT, MECHANICS.segments, campaign.rules), Asked(campaign.rules, at)
        mine = (Player.campaign_id == campaign.id, Player.merged_into.is_(None))
        counted = segment.among(session, select(func.count()).select_from(Player).where(*mine), asked)
        begun = time.perf_counter()
        count = session.scalar(counted)
        counted_s = time.perf_counter() - begun
        begun = time.perf_counter()
        reached = reach(session, segment, campaign, at)
        reached_s = time.perf_counter() - begun
        deep = select(Player.id).where(*mine, segment.where(asked), Player.id > _FIRST + PEOPLE // 2)
        begun = time.perf_counter()
        chunk = len(list(session.scalars(deep.order_by(Player.id).limit(CHUNK))))
        chunk_s = time.perf_counter() - begun
    assert count == sum(each.players for each in reached)
    what = f"{name}, a segment of five conditions over {PEOPLE:,} players"
    yield Result(what, f"{count:,} found", "", counted_s, "s", goal=most_s, at_least=False)
    yield Result(f"{name}, who of them can be told something", f"{count:,} found", "", reached_s, "s")
    yield Result(f"{name}, the next of them for a broadcast", f"{chunk:,} found", "", chunk_s * 1000, "ms")
