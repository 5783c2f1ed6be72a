"""Ten million codes and a million players beside ten thousand of each: memory of issuing, and time of a redemption."""

import random
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks.ground import ACCOUNT, CHANNEL, Ground, opened, phone, through_engine
from benchmarks.issuing import MILLION, issue_apart, rows
from benchmarks.report import Result, interleaved, rate, say
from benchmarks.servers import Places
from core.engine.engine import Engine
from core.messages import InboundMessage
from core.models.players import USER_COLUMN
from core.times import milliseconds

FEW, MANY_CODES, MANY_PLAYERS = 10_000, 10 * MILLION, MILLION
ROUNDS, BLOCK = 6, 1_200
_CHUNK = 50_000


def run(places: Places) -> Iterator[Result]:
    """Three rows: issuing ten million codes (speed, memory), and a redemption among them."""
    with ExitStack() as stack:
        small, large = (stack.enter_context(_ground(places, stack)) for _ in range(2))
        yield from rows(issue_apart(large.settings, MANY_CODES, places.directory / "many.csv"))
        issue_apart(small.settings, FEW, places.directory / "few.csv")
        for ground, count in ((small, FEW), (large, MANY_PLAYERS)):
            _add_players(ground, count)
            _settle(ground)
        sides = {
            "small": _Side(small, FEW, places.directory / "few.csv"),
            "large": _Side(large, MANY_PLAYERS, places.directory / "many.csv"),
        }
        rates = interleaved(ROUNDS, {name: side.block for name, side in sides.items()})
        for side in sides.values():
            side.engine.close()
    slower = sorted(few / many for few, many in zip(rates["small"], rates["large"], strict=True))
    what = "redemption among 10,000,000 codes and 1,000,000 players: time, to 10,000 of each"
    yield Result(what, rate(rates["large"]), rate(rates["small"]), slower[ROUNDS // 2], "×", goal=1.3, at_least=False)


def _ground(places: Places, stack: ExitStack) -> Any:
    return opened(stack.enter_context(places.postgres()), places.directory)


class _Side:
    """One database: random players send codes taken from all over its file."""

    def __init__(self, ground: Ground, players: int, file: Path) -> None:
        self.ground, self.engine, self.chosen = ground, Engine(ground.runtime), random.Random(1)
        self.players = players
        self.codes = iter(_spread(file, (ROUNDS + 1) * BLOCK, self.chosen))

    def block(self) -> float:
        """Redeem BLOCK codes; redemptions a second."""
        return through_engine(self.engine, [self._message(next(self.codes)) for _ in range(BLOCK)])

    def _message(self, code: str) -> InboundMessage:
        user = phone(self.chosen.randrange(self.players))
        now = self.ground.installation.clock()
        return InboundMessage.received((CHANNEL, ACCOUNT, user), f"scale-{code}", code, now, waits=True)


def _spread(file: Path, count: int, chosen: random.Random) -> list[str]:
    """``count`` different codes from random places of a printer's file."""
    found: dict[str, None] = {}
    size = file.stat().st_size
    with file.open("rb") as lines:
        while len(found) < count:
            lines.seek(chosen.randrange(size - 100))
            lines.readline()
            found[lines.readline().decode().strip().partition(",")[2]] = None
    return list(found)


def _add_players(ground: Ground, count: int) -> None:
    """Let ``count`` players have joined, each with an address of their own."""
    say(f"adding {count:,} players")
    keys, now = ground.installation.keys, ground.installation.clock()
    first = milliseconds(now) << 21
    for start in range(0, count, _CHUNK):
        numbers = range(start, min(start + _CHUNK, count))
        address_keys = [keys.address_key(CHANNEL, ACCOUNT, phone(number)) for number in numbers]
        with ground.installation.database.begin() as connection:
            driver: Any = connection.connection.driver_connection
            sealed = [keys.seal(USER_COLUMN, key, phone(n)) for key, n in zip(address_keys, numbers, strict=True)]
            _copy(
                driver,
                "addresses (key, channel, account, user_sealed, campaign_id, said_count, heard_at, wrong_tries)",
                [(key, CHANNEL, ACCOUNT, user, 1, 0, now, 0) for key, user in zip(address_keys, sealed, strict=True)],
            )
            _copy(
                driver,
                "players (id, campaign_id, channel, points, redeemed_today, drawn_today, wins, joined_at)",
                [(first + number, 1, CHANNEL, 0, 0, 0, 0, now) for number in numbers],
            )
            _copy(
                driver,
                "joins (address_key, campaign_id, player_id, joined_at)",
                [(key, 1, first + number, now) for key, number in zip(address_keys, numbers, strict=True)],
            )


def _copy(driver: Any, where: str, given: list[tuple[Any, ...]]) -> None:
    with driver.cursor() as cursor, cursor.copy(f"COPY {where} FROM STDIN") as copy:
        for row in given:
            copy.write_row(row)


def _settle(ground: Ground) -> None:
    """Let the database finish what loading left: statistics, visibility, dirty pages.

    Only of what was loaded: tables known to be empty would be scanned as a whole, until autovacuum sees them grow.
    """
    say("vacuum, analyze and checkpoint")
    with ground.installation.database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE codes, addresses, players, joins"))
        connection.execute(text("CHECKPOINT"))
