"""A process at work: its engine, links and senders, watched, and stopped in the order in which nothing is lost."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import structlog

from bots.base import ChannelDependencies, InboundSink, Sends
from core.database import sessions
from core.engine.engine import Engine
from core.engine.runtime import Runtime
from core.messages import Answer, InboundMessage
from core.parts import Part, join
from core.sending.delivery_reports import DeliveryReport, take_reports_safely
from core.verbs import Doctor, MediaFetchers, Previews
from huoju.account_registry import AccountRegistry, Linked, known_places
from huoju.bootstrap import Installation
from huoju.doctor import looks
from huoju.metrics import Meter, open_metrics_file
from huoju.operator_menus import OperatorMenus
from scheduler.listener import Listener
from scheduler.sender import Sender, SenderDependencies

log = structlog.get_logger()

STOP_PATIENCE_S = 30.0
"""So long each stage of a stop waits for what is in hand."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
_HEALTHY_S = 60.0


def runtime_for(here: Installation, registry: AccountRegistry, dependencies: ChannelDependencies) -> Runtime:
    """What turns need in an installation whose accounts are in ``registry``."""
    more = (
        MediaFetchers(registry.fetchers(dependencies)),
        Previews(registry.previews),
        Doctor(partial(looks, here.settings)),
        known_places(here.settings),
        registry.keep,
    )
    return here.runtime(registry.limits(), registry.blocked_words, registry.outlets, more)


class Process:
    """What one process does for our accounts; ``role`` names it in its numbers. Use from the main thread."""

    def __init__(self, here: Installation, role: str, registry: AccountRegistry) -> None:
        self.here, self.registry, self.meter = here, registry, Meter(role)
        self.metrics_file = open_metrics_file(self.meter, here.settings.metrics_folder)
        self.dependencies = ChannelDependencies(here.clock, here.randomness, here.settings.links_begin_with)
        self.engine: Engine | None = None
        self.listener = Listener(here.database)
        """Told what is due by whoever sends or ticks here."""
        self._sender: Sender | None = None
        self._linked: list[Linked] = []
        self._threads: list[threading.Thread] = []
        self._stopping = threading.Event()

    def sink(self) -> InboundSink:
        """Where receiving halves hand over; the engine behind it runs from the first time on."""
        if self.engine is None:
            self.engine = Engine(self.runtime(), observe=self._took_turn)
        return InboundSink(self.engine.submit, self.report, self.unread, self.join)

    def runtime(self) -> Runtime:
        """What turns need, and the jobs of a clock, which may take some again."""
        return runtime_for(self.here, self.registry, self.dependencies)

    def _took_turn(
        self, messages: Sequence[InboundMessage], outcomes: Sequence[Answer | Exception], lasted_s: float
    ) -> None:
        self.meter.took_turn(messages, outcomes, lasted_s)
        if self._sender is not None:
            self._sender.wake({(message.channel, message.account) for message in messages})

    def report(self, receipts: Sequence[DeliveryReport]) -> None:
        """Write down ``receipts``; the same again changes nothing. Raises Unavailable."""
        take_reports_safely(sessions(self.here.database), receipts, self.here.clock())
        self.meter.received(receipts)

    def join(self, message: InboundMessage, part: Part) -> InboundMessage | None:
        """Write down a part of a message; the whole of it when this was the last. Raises Unavailable."""
        return join(sessions(self.here.database), self.here.keys, message, part)

    def unread(self, channel: str, account: str, what: str, external_id: str | None) -> None:
        """Count and log what a platform delivered and nobody could read."""
        log.warning("delivery.unread", channel=channel, account=account, what=what, id=external_id)
        self.meter.unread(channel, account, what)

    def connect(self, channel: str | None = None) -> list[Sends]:
        """Begin all links (of ``channel``); returns the sending halves that go with them."""
        self._linked = self.registry.links(self.dependencies, self.sink(), channel)
        for account, link in self._linked:
            self.meter.links(account.channel, account.name, link.standing)
            part = f"link {account}"
            thread = threading.Thread(
                target=keep_running, args=(part, link.run, self._stopping, self.meter.restarted), name=part, daemon=True
            )
            self._threads.append(thread)
            thread.start()
        return [link.sends for _, link in self._linked if link.sends is not None]

    def send(self, adapters: Iterable[Sends]) -> None:
        """Begin to send for ``adapters``."""
        here, hears = self.here, self.listener.hears
        needs = SenderDependencies(
            here.runtime().sessions, here.keys, here.randomness, here.clock, observe=self.meter.sent, hears=hears
        )
        self._sender = Sender(needs, adapters)
        self.listener.tell(self._sender.hear)

    def show_menus(self) -> None:
        """Begin to keep the menus of operators as their roles are, where a platform has such menus."""
        if menus := self.registry.menus(self.dependencies):
            kept = OperatorMenus(self.here.runtime(), menus)
            thread = threading.Thread(
                target=keep_running, args=("menus", kept.run, self._stopping, self.meter.restarted), daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Fetch and send nothing more, finish what is in hand, hang up, take the last turns; each has a bound."""
        self._stopping.set()
        end_s = time.monotonic() + STOP_PATIENCE_S
        for thread in self._threads:
            thread.join(max(end_s - time.monotonic(), 0.0))
            if thread.is_alive():
                log.warning("stop.unfinished", part=thread.name)
        self.listener.stop()
        if self._sender is not None:
            self._sender.stop()
        with ThreadPoolExecutor(len(self._linked) or 1) as hands:  # one that hangs up slowly keeps no other waiting
            for account, link in self._linked:
                hands.submit(_guarded, f"link {account}", link.close)
        if self.engine is not None:
            self.engine.close(STOP_PATIENCE_S)
        _guarded("clients", self.dependencies.ends.close)
        if self.metrics_file is not None:
            self.metrics_file.close()


def _guarded(part: str, close: Callable[[], object]) -> None:
    try:
        close()
    except Exception as error:  # the others have to be closed, too
        log.exception("stop.failed", part=part, error=type(error).__name__)


def keep_running(
    part: str,
    run: Callable[[threading.Event], None],
    stopping: threading.Event,
    restarted: Callable[[str], None],
    first_pause_s: float = FIRST_PAUSE_S,
) -> None:
    """Run ``run`` until ``stopping``: when it fails or ends before, it is begun again after growing pauses."""
    pause_s = first_pause_s
    while True:
        begun_s = time.monotonic()
        try:
            run(stopping)
            if not stopping.is_set():
                log.error("part.ended", part=part)
        except Exception as error:  # one part's fault is nobody else's
            log.exception("part.failed", part=part, error=type(error).__name__)
        if stopping.is_set():
            return
        pause_s = first_pause_s if time.monotonic() - begun_s > _HEALTHY_S else pause_s
        restarted(part)
        if stopping.wait(pause_s):
            return
        pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
