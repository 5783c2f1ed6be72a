"""Listening: hear from PostgreSQL at once what other processes made due, instead of finding it at the next look.

Nothing depends on it. Who is told goes on looking: seldom while this process hears, as often as ever while it does not.
That it hears is proved again and again by a notice of its own, given over another connection: a proxy that lends a
server for one transaction at a time swallows them, and a line may be dead without a word. SQLite tells nobody.
"""

import selectors
import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing

import psycopg
import structlog
from sqlalchemy import Engine, func, select

from core.blame import where
from core.notices import CHANNEL

log = structlog.get_logger()

REST_S = 1.0
"""So long whoever hears may rest between two looks: a notice may be lost, and what was put off gives none."""
_PROVE_S = 30.0
_PATIENCE_S = 5.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0
_STOP_PATIENCE_S = 10.0
_PROOF = "?"

_Line = psycopg.Connection[tuple[object, ...]]


class Deaf(Exception):
    """Our own notice did not arrive."""


class Listener:
    """Listens in a thread and with a connection of its own, from the first :meth:`tell` to :meth:`stop`."""

    def __init__(self, database: Engine) -> None:
        self._hearing = False
        self._database = database
        self._told: list[Callable[[str | None], None]] = []
        self._stopping = threading.Event()
        self._bell, self._ring = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)

    def hears(self) -> bool:
        """Whether this process is told, now, what others make due."""
        return self._hearing

    def tell(self, heard: Callable[[str | None], None]) -> None:
        """Tell ``heard`` from now on what is due, as core/notices.py names it; None when it may be anything."""
        self._told.append(heard)
        if self._database.dialect.name == "postgresql" and not self._thread.is_alive():
            self._thread.start()

    def stop(self) -> None:
        """Listen no more."""
        self._stopping.set()
        self._ring.close()  # rings it
        if self._thread.ident is not None:
            self._thread.join(_STOP_PATIENCE_S)
        self._bell.close()

    def _tell(self, what: str | None) -> None:
        for heard in self._told:
            heard(what)

    def _run(self) -> None:
        """No fault ends it."""
        pause_s, warned = _FIRST_PAUSE_S, False
        while not self._stopping.is_set():
            try:
                self._listen()
            except Exception as error:  # noqa: BLE001  # whatever it is, everybody looks often again
                pause_s = _FIRST_PAUSE_S if self._hearing else min(pause_s * 2, _LONGEST_PAUSE_S)
                if self._hearing or not warned:
                    log.warning("listener.deaf", error=type(error).__name__, at=where(error))
                warned = True
            if self._hearing:
                self._hearing = False
                self._tell(None)  # who rests long looks, and looks often from now on
            self._stopping.wait(pause_s)

    def _listen(self) -> None:
        with closing(self._opened()) as line, selectors.DefaultSelector() as waiting:
            line.execute(f"LISTEN {CHANNEL}")
            waiting.register(line, selectors.EVENT_READ)
            waiting.register(self._bell, selectors.EVENT_READ)
            while not self._stopping.is_set():
                self._prove(line, waiting)
                self._hear(line, waiting, _PROVE_S)

    def _opened(self) -> _Line:
        """A new connection that is none of the pool's: those are for whoever works, and may be as dead as ours was."""
        lone = self._database.pool.recreate().connect()
        line = lone.driver_connection
        assert isinstance(line, psycopg.Connection)
        lone.detach()
        line.autocommit = True
        return line

    def _prove(self, line: _Line, waiting: selectors.BaseSelector) -> None:
        proof = f"{_PROOF}{line.info.backend_pid}"
        with self._database.begin() as another:
            another.execute(select(func.pg_notify(CHANNEL, proof)))
        if not self._hear(line, waiting, _PATIENCE_S, proof) and not self._stopping.is_set():
            raise Deaf
        if not self._hearing:
            self._hearing = True
            log.info("listener.hears")
            self._tell(None)  # who looked just before us rests, and was told nothing

    def _hear(
        self,
        line: _Line,
        waiting: selectors.BaseSelector,
        length_s: float,
        awaited: str | None = None,
    ) -> bool:
        """Pass on what is told for ``length_s``, or until ``awaited`` is; returns whether that was."""
        end_s, found = time.monotonic() + length_s, False
        while not found and not self._stopping.is_set() and (left_s := end_s - time.monotonic()) > 0:
            waiting.select(left_s)
            for notice in line.notifies(timeout=0):
                found = found or notice.payload == awaited
                if not notice.payload.startswith(_PROOF):
                    self._tell(notice.payload)
        return found
