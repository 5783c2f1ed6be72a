"""The clock: a few fixed ticks in memory. Any number of processes may run it, a tick doubled is harmless."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from core.claims.vouchers import serve_waiting
from core.engine.world import World
from core.points import expire_due
from core.relay.counting import roll_up
from core.timers.firing import fire_due
from core.timers.kinds import KINDS
from core.times import Clock

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Tick:
    """Something to look after again and again: it finds in the database what is due, and misses nothing."""

    name: str
    every: timedelta
    act: Callable[[], object]


def ticks(world: World, clock: Clock) -> tuple[Tick, ...]:
    """All ticks of an installation."""
    return (
        Tick("fire_timers", timedelta(seconds=1), lambda: fire_due(world, KINDS, clock())),
        Tick("count_torches", timedelta(seconds=1), lambda: roll_up(world)),
        Tick("serve_vouchers", timedelta(seconds=20), lambda: serve_waiting(world, clock())),
        Tick("expire_points", timedelta(minutes=1), lambda: expire_due(world, clock())),
    )


def start_clock(all_ticks: tuple[Tick, ...]) -> BackgroundScheduler:
    """Start ticking in a thread of its own; ``shutdown()`` the result to stop. A tick that fails is logged."""
    scheduler = BackgroundScheduler(timezone="UTC")
    for tick in all_ticks:
        scheduler.add_job(
            _guarded(tick),
            "interval",
            seconds=tick.every.total_seconds(),
            id=tick.name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=max(int(tick.every.total_seconds()), 1),
        )
    scheduler.start()
    return scheduler


def _guarded(tick: Tick) -> Callable[[], None]:
    def run() -> None:
        try:
            tick.act()
        except Exception as error:  # the next tick finds what this one left
            log.exception("tick.failed", tick=tick.name, error=type(error).__name__)

    return run
