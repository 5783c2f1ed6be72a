"""Statistics over a million players: what they cost the players, and how long they take."""

import itertools
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import text, update

from benchmarks.ground import ACCOUNT, CHANNEL, Ground, by_callbacks, opened, phone
from benchmarks.issuing import MILLION
from benchmarks.report import Result, interleaved, rate, say
from benchmarks.servers import Places
from core.engine.engine import Engine
from core.measures.rollup import roll_up
from core.models import Campaign, CampaignVersion
from core.times import milliseconds
from core.verbs import Desk, by_name
from handlers import MECHANICS

PEOPLE, DAYS = MILLION, 30
ROUNDS, BLOCK = 6, 3_000
PAUSE_S = 1.0
"""Between an answer and the next question of the operator."""
ASKED = (("day",), ("week",), ("month",), ("since",))
_CHUNK = 50_000


def run(places: Places) -> Iterator[Result]:
    """Three rows: redemptions beside an operator who asks, the slowest answer, and counting thirty days."""
    with places.postgres() as url, opened(url, places.directory) as ground:
        _add_history(ground)
        began = time.perf_counter()
        days = roll_up(ground.runtime, ground.installation.clock())
        rolled_s = time.perf_counter() - began
        ground.join()
        engine = Engine(ground.runtime)
        slowest = max(_ask(ground, asked) for asked in ASKED * 5)

        def alone() -> float:
            return by_callbacks(engine, ground.messages(BLOCK))

        def beside() -> float:
            messages = ground.messages(BLOCK)
            with _operator(ground):
                return by_callbacks(engine, messages)

        rates = interleaved(ROUNDS, {"alone": alone, "beside": beside})
        engine.close()
    share = statistics.median(mine / other for mine, other in zip(rates["beside"], rates["alone"], strict=True))
    what = "redemptions while an operator asks for statistics over 1,000,000 players, to without"
    yield Result(what, rate(rates["beside"]), rate(rates["alone"]), share, "×", goal=0.9)
    yield Result("/stats over 1,000,000 players: the slowest of 20", f"{slowest:.2f} s", "", slowest, "s", 1.0, False)
    yield Result(f"counting {days} days of 3,000,000 rows", f"{rolled_s:.1f} s", "", rolled_s, "s", 60.0, False)


def _ask(ground: Ground, about: tuple[str, ...]) -> float:
    """Ask once; seconds."""
    desk = Desk(ground.runtime, ground.installation.clock(), tuple)
    began = time.perf_counter()
    by_name(MECHANICS.verbs)["stats"].carry_out(desk, {"about": about})
    return time.perf_counter() - began


@contextmanager
def _operator(ground: Ground) -> Iterator[None]:
    """Somebody asks, waits a second, and asks again."""
    gone, questions = threading.Event(), itertools.cycle(ASKED)

    def ask() -> None:
        while not gone.wait(PAUSE_S):
            _ask(ground, next(questions))

    thread = threading.Thread(target=ask)
    thread.start()
    _ask(ground, ASKED[0])
    try:
        yield
    finally:
        gone.set()
        thread.join()


def _add_history(ground: Ground) -> None:
    """Let a million people have redeemed a code each within the last thirty days, the latest ones today."""
    say(f"adding {PEOPLE:,} players with a redemption each")
    keys, now = ground.installation.keys, ground.installation.clock()
    began, step = now - timedelta(days=DAYS), timedelta(days=DAYS) / PEOPLE
    for start in range(0, PEOPLE, _CHUNK):
        people = [
            (number, keys.address_key(CHANNEL, ACCOUNT, phone(10**7 + number)), began + number * step)
            for number in range(start, start + _CHUNK)
        ]
        ids = {number: (milliseconds(at) << 21) | number for number, _, at in people}
        with ground.installation.database.begin() as connection:
            driver: Any = connection.connection.driver_connection
            driver.execute("SET LOCAL session_replication_role = replica")  # codes of before are of no concern
            _copy(
                driver,
                "addresses (key, channel, account, user_sealed, campaign_id, said_count, heard_at, wrong_tries,"
                " question_again, question_number, typed_left, tapped_left, answers, helpless_answers)",
                [(key, CHANNEL, ACCOUNT, b"sealed", 1, 1, at, 0, False, 0, 0, 0, 0, 0) for _, key, at in people],
            )
            _copy(
                driver,
                "players (id, campaign_id, channel, points, redeemed_today, drawn_today, wins, joined_at,"
                " rewarded_today)",
                [(ids[number], 1, CHANNEL, 10, 0, 0, 0, at, 0) for number, _, at in people],
            )
            _copy(
                driver,
                "joins (address_key, campaign_id, player_id, joined_at)",
                [(key, 1, ids[number], at) for number, key, at in people],
            )
            _copy(
                driver,
                "redemptions (code_hash, campaign_id, player_id, counted_on, at)",
                [(key, 1, ids[number], at.date(), at) for number, key, at in people],
            )
            _copy(
                driver,
                "draws (code_hash, campaign_id, version, player_id, roll, odds, odds_in, points_seen, at)",
                [(key, 1, 1, ids[number], "0" * 16, 1, 200, 0, at) for number, key, at in people],
            )
            _copy(
                driver,
                "transfers (owner_id, ref, campaign_id, asset, debit, credit, amount, reason, at)",
                [
                    (
                        ids[number],
                        f"code:{key.hex()}",
                        1,
                        "points",
                        "campaign:1:points",
                        f"player:{ids[number]}",
                        10,
                        "code",
                        at,
                    )
                    for number, key, at in people
                ],
            )
            _copy(
                driver,
                "outbox (address_key, ref, part, sequence, campaign_id, state, category, text_sealed, said_at)",
                [(key, f"re:h{number}", 0, 1, 1, "answered", 0, b"x" * 120, at) for number, key, at in people],
            )
    with ground.sessions.begin() as session:
        session.execute(update(CampaignVersion).values(published_at=began))
        session.execute(update(Campaign).values(opens_at=began, published_at=began))
    ground.runtime = ground.installation.runtime()
    say("vacuum, analyze and checkpoint")
    with ground.installation.database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
        connection.execute(text("CHECKPOINT"))


def _copy(driver: Any, where: str, given: list[tuple[Any, ...]]) -> None:
    with driver.cursor() as cursor, cursor.copy(f"COPY {where} FROM STDIN") as copy:
        for row in given:
            copy.write_row(row)
