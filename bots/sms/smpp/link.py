"""One link: a thread that connects, serves, and connects again, whatever happens (SMPP 3.4, 2.1).

https://smpp.org/SMPP_v3_4_Issue1_2.pdf.
"""

import threading
from dataclasses import dataclass
from enum import StrEnum

import structlog

from bots.sms.smpp.connection import Connection, LinkLost, connect
from bots.sms.smpp.pdu import Command
from bots.sms.smpp.session import Session, SessionContext
from bots.sms.smpp.timeouts import Backoff

log = structlog.get_logger()


class LinkState(StrEnum):
    """What a link does."""

    CONNECTING = "connecting"
    BINDING = "binding"
    BOUND = "bound"
    WAITING = "waiting"
    """It was lost or refused, and is tried again after a pause."""
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class LinkReport:
    """How one link does; the counts run since the start. ``error`` is the code of its last end."""

    name: str
    state: LinkState
    received: int
    submitted: int
    in_flight: int
    lost: int
    error: str | None


class Link:
    """One link of an account. No fault ends its thread before :meth:`stop`."""

    def __init__(self, name: str, role: Command, context: SessionContext, backoff: Backoff) -> None:
        self.name, self.role = name, role
        self._context, self._backoff = context, backoff
        self._stopping, self._leave_s = threading.Event(), 0.0
        self._session: Session | None = None
        self._state, self._error = LinkState.STOPPED, ""
        self._received = self._submitted = self._lost = 0
        self._served = False
        self._thread = threading.Thread(target=self._run, name=f"smpp {context.account.name} {name}", daemon=True)

    def start(self) -> None:
        """Begin to connect, unless it has."""
        if self._thread.ident is None:
            self._thread.start()

    def leave(self, within_s: float) -> None:
        """Take nothing more; finish what is in flight, within ``within_s``, and unbind."""
        self._leave_s = within_s
        self._stopping.set()
        if (session := self._session) is not None:
            session.leave(within_s)

    def join(self, limit_s: float) -> None:
        """Wait for the end."""
        if self._thread.ident is not None:
            self._thread.join(limit_s)

    def session(self) -> Session | None:
        """The session, when it takes texts."""
        session = self._session
        return session if session is not None and session.takes and self.role != Command.BIND_RECEIVER else None

    def report(self) -> LinkReport:
        """How it does."""
        session, state = self._session, self._state
        if session is not None and state is LinkState.BINDING and session.bound:
            state = LinkState.BOUND
        received, submitted = (session.received, session.submitted) if session is not None else (0, 0)
        return LinkReport(
            self.name,
            state,
            self._received + received,
            self._submitted + submitted,
            session.load if session is not None else 0,
            self._lost,
            self._error or None,
        )

    def _run(self) -> None:
        account = self._context.account.name
        while not self._stopping.is_set():
            self._served = False
            try:
                self._serve()
            except LinkLost as lost:
                self._error = str(lost)
            except OSError as error:
                self._error = type(error).__name__
            except Exception as error:  # the other links go on, and this one begins anew
                self._error = type(error).__name__
                log.exception("smpp.link_failed", account=account, link=self.name)
            if self._stopping.is_set():
                break
            self._lost += self._served
            self._state, pause_s = LinkState.WAITING, self._backoff.next_s()
            log.warning("smpp.lost", account=account, link=self.name, error=self._error, again_s=round(pause_s, 1))
            self._stopping.wait(pause_s)
        self._state = LinkState.STOPPED

    def _serve(self) -> None:
        self._state = LinkState.CONNECTING
        opened = connect(self._context.account, self._context.timeouts.connect_s)
        with Connection(opened, self._context.running_s) as connection:
            session = self._session = Session(connection, self.role, self._context)
            self._state = LinkState.BINDING
            if self._stopping.is_set():
                session.leave(self._leave_s)
            try:
                session.run()
            finally:
                self._session = None
                self._received += session.received
                self._submitted += session.submitted
                self._served = True
                if session.good:
                    self._backoff.reset()
