"""A pace: how much work in the background is done at once, so that whoever plays does not notice."""

import time
from collections.abc import Callable
from dataclasses import dataclass

EVERY_S = 1.0
"""So often somebody works in the background."""
SHARE_S = EVERY_S / 20
"""And so long each time: a twentieth of the time."""


@dataclass(frozen=True, slots=True)
class _Limits:
    held_s: float
    """So long a transaction should last."""
    least: int
    most: int
    """Rows of one transaction."""


_WANTED = _Limits(0.005, 8, 1_000)
_LIMITS = {
    "sqlite": _Limits(0.01, 32, 1_000),  # all who write wait for it
    "postgresql": _Limits(0.05, 256, 4_000),  # nobody does: it takes rows that nobody else wants
}


class Pace:
    """How many rows go into a transaction, by how long the last ones took once they had their locks."""

    def __init__(self, dialect: str, running_s: Callable[[], float] = time.monotonic, *, wanted: bool = False) -> None:
        """With ``wanted`` whoever plays may want just these rows; on SQLite they wait for any."""
        self._limits = _WANTED if wanted and dialect == "postgresql" else _LIMITS[dialect]
        self._running_s, self._began_s = running_s, 0.0
        self.rows = self._limits.least

    def begin(self) -> None:
        """A transaction of about ``rows`` rows has its locks."""
        self._began_s = self._running_s()

    def end(self) -> None:
        """It has ended: the next one has more rows, or fewer."""
        limits, took_s = self._limits, self._running_s() - self._began_s
        if took_s > limits.held_s:
            self.rows = max(int(self.rows * max(limits.held_s / took_s, 0.25)), limits.least)
        elif took_s < limits.held_s / 2:
            self.rows = min(self.rows * 2, limits.most)
