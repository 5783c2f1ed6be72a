"""An end for whatever a test leaves behind: a process whose test is far beyond its limit is ended, with all its stacks.

pytest's own limit raises once, in the main thread: what waits in a ``finally`` or in the end of a fixture then, and a
thread that the interpreter waits for at its exit, would wait for ever.
"""

import faulthandler
import os
import sys
import threading
import time
from collections.abc import Callable

LIMIT_S = 520.0
"""Of a test with all its fixtures, beyond pytest's limit of 400."""
EXIT_S = 120.0
"""Of what is left when all tests are over."""
_LOOK_S = 5.0


def end() -> None:
    """Say where every thread is, and end this process."""
    faulthandler.dump_traceback(sys.__stderr__ or 2)
    os._exit(3)


class Overdue:
    """What runs now, and until when."""

    def __init__(self, act: Callable[[], None] = end, running_s: Callable[[], float] = time.monotonic) -> None:
        self._act, self._running_s = act, running_s
        self._until_s: float | None = None
        self._thread: threading.Thread | None = None

    def begin(self, limit_s: float = LIMIT_S) -> None:
        """From now on there are ``limit_s``."""
        self._until_s = self._running_s() + limit_s
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="overdue", daemon=True)
            self._thread.start()

    def done(self) -> None:
        """It is over."""
        self._until_s = None

    def look(self) -> None:
        """End the process when it is too late."""
        until_s = self._until_s
        if until_s is not None and self._running_s() >= until_s:
            self._act()

    def _run(self) -> None:
        while True:
            time.sleep(_LOOK_S)
            self.look()
