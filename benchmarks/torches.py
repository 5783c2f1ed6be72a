"""Fill a database with players who hold torches, by COPY: what a relay leaves behind in weeks, in a minute."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from benchmarks.ground import ACCOUNT, CHANNEL, Ground, phone
from benchmarks.report import say
from core.models.players import USER_COLUMN
from core.randomness import SeededRandomness
from core.times import milliseconds
from core.words import Kind, new_word

_CHUNK = 50_000
_BITS = 21


def add_ambassadors(ground: Ground, count: int, granted_at: datetime, state: str) -> tuple[int, list[str]]:
    """Let ``count`` players hold a torch each, granted at ``granted_at``, "unlit" or "out", in chains of ten legs.

    Returns the id of the first one (the others follow one by one) and their invite words.
    """
    say(f"adding {count:,} torches")
    first = milliseconds(granted_at) << _BITS
    words = _words(count)
    for start in range(0, count, _CHUNK):
        numbers = range(start, min(start + _CHUNK, count))
        _players(ground, first, numbers, words, granted_at)
        _torches(ground, first, numbers, granted_at, state)
    return first, words


def add_strangers(ground: Ground, first: int, count: int, granted_at: datetime) -> None:
    """Let ``count`` more players hold a torch each, whom nobody meets: all the rows, but nothing sealed in them."""
    say(f"adding {count:,} torches of strangers")
    given = {"first": first, "count": count, "at": granted_at, "ends_at": granted_at + timedelta(minutes=10)}
    series = "FROM generate_series(CAST(:first AS bigint), CAST(:first AS bigint) + :count - 1) AS n"
    key = "decode(md5(n::text), 'hex')"
    word = "upper(substr(md5(n::text || 'word'), 1, 12))"
    how, parent = "CASE WHEN n % 10 > 0 THEN 'invited' ELSE 'quota' END", "CASE WHEN n % 10 > 0 THEN n - 1 END"
    statements = (
        f"""INSERT INTO addresses (key, channel, account, user_sealed, campaign_id, said_count, heard_at, wrong_tries)
            SELECT {key}, 'playground', 'demo', decode(md5(n::text) || md5(n::text), 'hex'), 1, 0, :at, 0 {series}""",
        f"""INSERT INTO players (id, campaign_id, points, redeemed_today, drawn_today, wins, joined_at,
            rewarded_today, invite_word) SELECT n, 1, 0, 0, 0, 0, :at, 0, {word} {series}""",
        f"INSERT INTO joins (address_key, campaign_id, player_id, joined_at) SELECT {key}, 1, n, :at {series}",
        f"INSERT INTO invite_words (word, player_id, campaign_id, made_at) SELECT {word}, n, 1, :at {series}",
        f"""INSERT INTO torches (player_id, number, campaign_id, how, chain_id, leg, parent_id, parent_number,
            granted_at, ends_at, state) SELECT n, 1, 1, {how}, n - n % 10, n % 10 + 1, {parent},
            CASE WHEN n % 10 > 0 THEN 1 END, :at, :ends_at, 'unlit' {series}""",
    )
    for statement in statements:
        with ground.installation.database.begin() as connection:
            connection.execute(text(statement), given)


def _words(count: int) -> list[str]:
    randomness, found = SeededRandomness("benchmark"), dict[str, None]()
    while len(found) < count:
        found[new_word(Kind.INVITE, randomness)] = None
    return list(found)


def _players(ground: Ground, first: int, numbers: Sequence[int], words: Sequence[str], at: datetime) -> None:
    keys = ground.installation.keys
    address_keys = [keys.address_key(CHANNEL, ACCOUNT, phone(number)) for number in numbers]
    sealed = [keys.seal(USER_COLUMN, key, phone(n)) for key, n in zip(address_keys, numbers, strict=True)]
    pairs = list(zip(address_keys, numbers, strict=True))
    with copying(ground) as copy:
        copy(
            "addresses (key, channel, account, user_sealed, campaign_id, said_count, heard_at, wrong_tries)",
            [(key, CHANNEL, ACCOUNT, user, 1, 0, at, 0) for (key, _), user in zip(pairs, sealed, strict=True)],
        )
        copy(
            "players (id, campaign_id, points, redeemed_today, drawn_today, wins, joined_at,"
            " rewarded_today, invite_word)",
            [(first + n, 1, 0, 0, 0, 0, at, 0, words[n]) for n in numbers],
        )
        copy("joins (address_key, campaign_id, player_id, joined_at)", [(key, 1, first + n, at) for key, n in pairs])
        copy("invite_words (word, player_id, campaign_id, made_at)", [(words[n], first + n, 1, at) for n in numbers])


def _torches(ground: Ground, first: int, numbers: Sequence[int], at: datetime, state: str) -> None:
    ends_at = at + timedelta(minutes=10)
    settled_at = ends_at if state == "out" else None
    with copying(ground) as copy:
        copy(
            "torches (player_id, number, campaign_id, how, chain_id, leg, parent_id, parent_number, granted_at,"
            " ends_at, state, settled_at)",
            [
                (first + n, 1, 1, "invited" if n % 10 else "quota", first + n - n % 10, n % 10 + 1,
                 first + n - 1 if n % 10 else None, 1 if n % 10 else None, at, ends_at, state, settled_at)
                for n in numbers
            ],
        )  # fmt: skip


def add_timers(ground: Ground, rows: Iterator[tuple[int, str, int, datetime]]) -> None:
    """Let timers (owner, kind, occurrence, due) about each owner's first torch wait."""
    with copying(ground) as copy:
        copy(
            "timers (owner_id, kind, subject, occurrence, due_at, state)",
            [(owner, kind, "1", occurrence, due_at, "due") for owner, kind, occurrence, due_at in rows],
        )


@contextmanager
def copying(ground: Ground) -> Iterator[Any]:
    """A function that copies rows into the columns of a table, all in one transaction."""
    with ground.installation.database.begin() as connection:
        driver: Any = connection.connection.driver_connection

        def copy(where: str, rows: list[tuple[Any, ...]]) -> None:
            with driver.cursor() as cursor, cursor.copy(f"COPY {where} FROM STDIN") as target:
                for row in rows:
                    target.write_row(row)

        yield copy


def settle(ground: Ground, tables: str) -> None:
    """Let the database finish what loading left: statistics, visibility, dirty pages."""
    say("vacuum, analyze and checkpoint")
    with ground.installation.database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"VACUUM ANALYZE {tables}"))
        connection.execute(text("CHECKPOINT"))
