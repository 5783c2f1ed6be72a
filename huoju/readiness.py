"""Readiness: whether this process can do its work now, which it can only while the database takes what it writes."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Engine

from core.blame import condition
from core.database import DatabaseUnusable
from core.heartbeat import beat
from core.randomness import Randomness
from core.times import Clock

DEADLINE_S = 2.0
KEPT_S = 1.0
NO_CONNECTION = "all connections of this process are in use"
NO_FIT = "the database does not fit; see: huoju doctor"


@dataclass(slots=True)
class _Probe:
    began_s: float
    ended: threading.Event = field(default_factory=threading.Event)
    verdict: str | None = None
    connected: bool = False


class Readiness:
    """Writes a heartbeat when it is asked, at most once in ``KEPT_S`` seconds however many ask."""

    def __init__(
        self,
        database: Engine,
        check_schema: Callable[[], object],
        clock: Clock,
        randomness: Randomness,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._database, self._check_schema = database, check_schema
        self._clock, self._randomness, self._deadline_s = clock, randomness, deadline_s
        self._lock = threading.Lock()
        self._latest: _Probe | None = None
        self._before: int | None = None

    def __call__(self) -> str | None:
        """Why this process is not ready, in one sentence without names; None when it is. Takes up to the deadline.

        A probe that hangs keeps all who ask meanwhile from beginning another.
        """
        with self._lock:
            now_s, probe = time.monotonic(), self._latest
            if probe is None or (probe.ended.is_set() and now_s - probe.began_s >= KEPT_S):
                probe = self._latest = _Probe(now_s)
                threading.Thread(target=self._look, args=(probe,), name="readiness", daemon=True).start()
        if probe.ended.wait(max(probe.began_s + self._deadline_s - now_s, 0.0)):
            return probe.verdict
        slow = f"the database takes longer than {self._deadline_s:g} seconds to write"
        return slow if probe.connected else NO_CONNECTION

    def _look(self, probe: _Probe) -> None:
        try:
            with self._database.connect():
                probe.connected = True
            self._check_schema()
            self._before = beat(self._database, self._randomness, self._clock(), self._before)
        except DatabaseUnusable:  # why may name a server: that is told to the operator alone
            probe.verdict = NO_FIT
        except Exception as error:  # noqa: BLE001  # whatever it is, it would happen to a turn
            probe.verdict = f"the database {condition(error)[0]}"
        finally:
            probe.ended.set()
