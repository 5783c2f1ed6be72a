"""The workers of the web process: begun again whenever they end, and allowed as many connections as the system has."""

import resource
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import structlog
from granian import Granian

log = structlog.get_logger()

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
_HEALTHY_S = 60.0
_SPARE_FILES = 512


class Server(Granian):  # type: ignore[misc, valid-type]  # which of its servers it is depends on the build
    """Granian, which gives up when a worker ends twice within seconds; here that costs growing pauses and no more.

    Whatever kills workers, an operator, the system that has no memory left, does not end the process that begins them.
    """

    first_pause_s = pause_s = FIRST_PAUSE_S

    def _respawn_workers(
        self, workers: Sequence[int], spawn_target: Callable[..., Any], target_loader: Any, delay: float = 0
    ) -> None:
        lived = [self._lived_s(index) for index in workers]
        self.pause_s = self.first_pause_s if min(lived, default=0.0) > _HEALTHY_S else self.pause_s
        log.error("worker.ended", workers=[index + 1 for index in workers], pause_s=self.pause_s)
        self.main_loop_interrupt.wait(self.pause_s)  # a stop, or the end of another worker, cuts it short
        self.pause_s = min(self.pause_s * 2, LONGEST_PAUSE_S)
        if not self.interrupt_signal:
            super()._respawn_workers(workers, spawn_target, target_loader, delay)
        self.respawned_wrks.clear()  # by which it would see a loop, and end

    def _lived_s(self, index: int) -> float:
        births = [worker.birth for worker in self.wrks if worker.idx == index]
        return time.monotonic() - max(births, default=time.monotonic())


def allow_connections(most: int) -> None:
    """Let this process open as many files as ``most`` connections need, as far as the system allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = most + _SPARE_FILES if hard == resource.RLIM_INFINITY else min(most + _SPARE_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
