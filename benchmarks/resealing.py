"""Old messages are sealed anew while people redeem codes: p99 of a redemption, to p99 of the quiet windows between.

A clock in a process of its own does it, as `huoju clock` does: a twentieth of the time. Then one does nothing else, for
how fast it goes where nobody plays.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

from sqlalchemy import func, insert, select

from benchmarks.ground import PLAYERS, Ground, opened
from benchmarks.report import Result, say
from benchmarks.servers import Places
from benchmarks.side_by_side import alternate
from core.keys import add_sealing_key, open_key_file
from core.models import Address, Inbox, Outbox, Resealing
from core.models.base import table_of
from core.models.chats import TEXT_COLUMN, row_key
from core.outbox import REPLY_COLUMN, reply_row
from core.randomness import SystemRandomness
from core.resealing import OldSeals, reseal

ROWS, PORTION = 200_000, 10_000
"""Messages, each with its answer."""
_AGE = timedelta(days=100)
_WORDS = "You won 10 points. You have 120 now; send POINTS to see them, GIFTS for what they buy."


def run(places: Places) -> Iterator[Result]:
    """Three rows for each database."""
    for name, place in (("SQLite", places.sqlite), ("PostgreSQL", places.postgres)):
        with ExitStack() as stack:
            ground = stack.enter_context(opened(stack.enter_context(place()), places.directory))
            ground.join()
            say(f"{name}: {ROWS:,} messages with their answers, sealed with an older key")
            _fill(ground)
            add_sealing_key(ground.settings.keys_file, SystemRandomness(), ground.installation.clock())
            ground.installation.keys.newest  # noqa: B018  # it looks into the file
            yield from _measured(name, ground)
        (places.directory / "huoju.keys").unlink()


def _fill(ground: Ground) -> None:
    keys, at = open_key_file(ground.settings.keys_file, SystemRandomness()), ground.installation.clock() - _AGE
    with ground.sessions() as session:
        addresses = session.scalars(select(Address.key).order_by(Address.key)).all()
    for first in range(0, ROWS, PORTION):
        heard, told = [], []
        for number in range(first, first + PORTION):
            address, external_id = addresses[number % PLAYERS], f"old-{number}"
            name = row_key((address, external_id))
            heard.append(
                {
                    "address_key": address,
                    "external_id": external_id,
                    "body_mac": keys.body_mac("points"),
                    "text_sealed": keys.seal(TEXT_COLUMN, name, "points"),
                    "kind": "typed",
                    "withheld": False,
                    "state": "done",
                    "received_at": at,
                }
            )
            ref = f"re:{external_id}"
            told.append(
                {
                    "address_key": address,
                    "ref": ref,
                    "part": 0,
                    "sequence": 0,
                    "state": "answered",
                    "category": 0,
                    "text_sealed": keys.seal(REPLY_COLUMN, reply_row(address, ref, 0), _WORDS),
                    "said_at": at,
                }
            )
        with ground.sessions.begin() as session:
            session.execute(insert(table_of(Inbox)), heard)
            session.execute(insert(table_of(Outbox)), told)


def _measured(name: str, ground: Ground) -> Iterator[Result]:
    sides = alternate(ground, OldSeals, lambda: _anew(ground))
    beside = _anew(ground)
    what = f"{name}, a redemption while old messages are sealed anew, to quiet"
    yield Result(what, *sides.shown, sides.ratio, "×", goal=1.5, at_least=False)
    speed = beside / max(sides.busy_s, 1e-9)
    yield Result(f"{name}, sealed anew beside redemptions", f"{beside:,} values", f"{sides.busy_s:.0f} s", speed, "/s")
    began_s = time.perf_counter()
    rest = reseal(ground.runtime, ground.installation.clock())
    took_s = time.perf_counter() - began_s
    yield Result(f"{name}, sealed anew by nothing else", f"{rest:,} values", f"{took_s:.0f} s", rest / took_s, "/s")


def _anew(ground: Ground) -> int:
    with ground.sessions() as session:
        return int(session.scalar(select(func.coalesce(func.sum(Resealing.anew), 0))) or 0)
