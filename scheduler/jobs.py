"""The worker: carries out what operators said that lasts, one job after another, in a thread of its own."""

import threading

import structlog

from core.blame import is_worlds, where
from core.engine.runtime import Runtime
from core.times import Clock
from handlers.operators.jobs import JobWatch, carry_out, take

log = structlog.get_logger()

LOOK_S = 1.0
"""How often an idle worker looks for a job."""
_AFTER_TROUBLE_S = 5.0
_STOP_PATIENCE_S = 30.0


class JobWorker:
    """Works from its start to :meth:`stop`. Any number of processes may have one."""

    def __init__(self, runtime: Runtime, clock: Clock) -> None:
        self.stopping = threading.Event()
        """What is in hand is put down at its next step once it is set."""
        self._world, self._clock, self._watch = runtime, clock, JobWatch()
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take no more, and put down what is in hand: another worker, or the next start, goes on with it."""
        self.stopping.set()
        self._thread.join(_STOP_PATIENCE_S)
        if self._thread.is_alive():
            log.warning("worker.left")

    def _run(self) -> None:
        """No fault ends it."""
        pause_s = 0.0
        while not self.stopping.wait(pause_s):
            try:
                pause_s = 0.0 if self._work() else LOOK_S
            except Exception as error:
                pause_s = _AFTER_TROUBLE_S
                if is_worlds(error):
                    log.warning("worker.put_off", error=type(error).__name__, at=where(error))
                else:
                    log.exception("worker.failed", error=type(error).__name__)

    def _work(self) -> bool:
        taken = take(self._world, self._watch, self._clock())
        if taken is None:
            return False
        carry_out(self._world, taken, self._clock, self.stopping)
        return True
