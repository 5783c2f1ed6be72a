"""A pace: how much work in the background is done at once, so that whoever plays does not notice."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

EVERY_S = 1.0
"""So often somebody works in the background."""
SHARE_S = EVERY_S / 20
"""And so long each time: a twentieth of the time."""
_HELD_S = 0.01
"""A transaction should last so long: others may wait for it, and on SQLite all who write do."""
_LEAST, _MOST = 8, 1_000


class Pace:
    """How many rows go into a transaction, by how long the last ones took."""

    def __init__(self, first: int = 64, running_s: Callable[[], float] = time.monotonic) -> None:
        self.rows = first
        self._running_s = running_s

    @contextmanager
    def held(self) -> Iterator[None]:
        """A transaction of about ``rows`` rows: of the next ones there are more, or fewer."""
        began_s = self._running_s()
        yield
        took_s = self._running_s() - began_s
        if took_s > _HELD_S:
            self.rows = max(int(self.rows * max(_HELD_S / took_s, 0.25)), _LEAST)
        elif took_s < _HELD_S / 2:
            self.rows = min(self.rows * 2, _MOST)
