"""Numbers for operators: what one process counts."""

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics

from core.messages import Answer, Answered, InboundMessage
from core.sending.delivery_reports import DeliveryReport
from core.sending.outbound import Delivered, Outcome, Outlet, Refused, TryAgain, Unknown

_TURN_MESSAGES = (1, 2, 4, 8, 16, 32, 64, 128)
_TURN_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
_WHERE = ("channel", "account")


class Meter:
    """Counts what one process does; ``role`` is what it is for. Safe to call from any thread."""

    def __init__(self, role: str) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # when a counter began is when its process did
        self.role = role
        self.registry = mine = CollectorRegistry()
        ProcessCollector(registry=mine)
        answered = ("channel", "answered")
        self._messages = Counter("huoju_messages", "Messages that turns have dealt with.", answered, registry=mine)
        withheld = "Answers that were not given, as their sender had been answered too often within the hour."
        self._withheld = Counter("huoju_answers_withheld", withheld, _WHERE, registry=mine)
        scenes = "Messages that brought a scene: of who came to follow by a QR code, scanned one, or opened a link."
        self._scenes = Counter("huoju_scenes", scenes, (*_WHERE, "how"), registry=mine)
        self._size = Histogram("huoju_turn_messages", "Messages of a turn.", buckets=_TURN_MESSAGES, registry=mine)
        self._lasted = Histogram("huoju_turn_seconds", "How long a turn took.", buckets=_TURN_S, registry=mine)
        self._sends = Counter("huoju_sends", "Tries to send a text.", (*_WHERE, "outcome"), registry=mine)
        conceded = "What platforms did not take of texts that were said in a plainer way, or in another place."
        self._conceded = Counter("huoju_conceded", conceded, (*_WHERE, "what"), registry=mine)
        self._receipts = Counter("huoju_receipts", "Receipts.", (*_WHERE, "fate"), registry=mine)
        unread = "Deliveries that proved themselves, and could not be read or were nobody's message."
        self._unread = Counter("huoju_unread", unread, (*_WHERE, "what"), registry=mine)
        self._links = Gauge("huoju_links", "Links to a platform that stand.", _WHERE, registry=mine)
        self._restarts = Counter("huoju_restarts", "Parts that failed and were begun again.", ("part",), registry=mine)

    def took_turn(
        self, messages: Sequence[InboundMessage], outcomes: Sequence[Answer | Exception], lasted_s: float
    ) -> None:
        """A turn is over, or failed as a whole."""
        self._size.observe(len(messages))
        self._lasted.observe(lasted_s)
        tally = Tally(
            (message.channel, str(outcome.how) if isinstance(outcome, Answer) else "unavailable")
            for message, outcome in zip(messages, outcomes, strict=True)
        )
        for labels, count in tally.items():
            self._messages.labels(*labels).inc(count)
        for message, outcome in zip(messages, outcomes, strict=True):
            if isinstance(outcome, Answer) and outcome.withheld:
                self._withheld.labels(message.channel, message.account).inc()
            if message.scene is not None and isinstance(outcome, Answer) and outcome.how is Answered.NEW:
                self._scenes.labels(message.channel, message.account, message.manner).inc()

    def sent(self, outlet: Outlet, outcome: Outcome) -> None:
        """A text was tried."""
        self._sends.labels(outlet.channel, outlet.account, _kind(outcome)).inc()
        for what in outcome.conceded if isinstance(outcome, Delivered) else ():
            self._conceded.labels(outlet.channel, outlet.account, what).inc()

    def received(self, receipts: Iterable[DeliveryReport]) -> None:
        """Receipts were written down."""
        for one in receipts:
            self._receipts.labels(one.channel, one.account, one.fate).inc()

    def unread(self, channel: str, account: str, what: str) -> None:
        """A platform delivered what could not be read; ``what`` is one of few words of ours."""
        self._unread.labels(channel, account, what).inc()

    def links(self, channel: str, account: str, standing: Callable[[], int]) -> None:
        """There are links to a platform; ``standing`` says how many stand."""
        self._links.labels(channel, account).set_function(standing)

    def restarted(self, part: str) -> None:
        """A part of the process failed, and is begun again."""
        self._restarts.labels(part).inc()


def _kind(outcome: Outcome) -> str:
    match outcome:
        case Delivered():
            return "delivered"
        case TryAgain(after=after):
            return "again" if after is None else "told_to_wait"
        case Refused(gone=True):
            return "gone"
        case Refused(spent=True):
            return "spent"
        case Refused():
            return "refused"
        case Unknown():
            return "unknown"
