"""Metrics: what one process counts, what all processes of a machine show together, and what the database knows.

Each process writes what it has counted into a file of one folder, and /metrics shows all of them. Every series carries
the role and the id of its process, so a process that ends takes its counters with it, and none ever runs backwards:
``sum by (…) (rate(…))`` is right whatever is restarted. A file belongs to a living process while that holds the lock
beside it; a killed one's is swept away by whoever reads next. Why not by the library's mode for several processes:
docs/engineering/decisions/0002-metrics-of-several-processes.md. No number is of a person.
"""

import contextlib
import fcntl
import os
import tempfile
import threading
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Metric,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector
from sqlalchemy import Engine, case, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from core.database import read_only, sessions
from core.messages import Answer, Answered, InboundMessage
from core.models import Ageing, Installation, Spending
from core.resealing import left_of, progress
from core.sending.delivery_reports import DeliveryReport
from core.sending.operations import accounts, backlog
from core.sending.outbound import Delivered, Outcome, Refused, SendingAccount, TryAgain, Unknown
from core.timers.counts import timer_counts
from core.times import Clock, hour_number
from handlers.relay.name_review import queue

log = structlog.get_logger()

EVERY_S = 2.0
"""How often a process writes its file anew."""

_TURN_MESSAGES = (1, 2, 4, 8, 16, 32, 64, 128)
_TURN_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
_WHERE = ("channel", "account")
_DAY_H = 24


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
                self._scenes.labels(message.channel, message.account, message.kind).inc()

    def sent(self, outlet: SendingAccount, outcome: Outcome) -> None:
        """A text was tried."""
        self._sends.labels(outlet.channel, outlet.account, _kind(outcome)).inc()
        for what in outcome.conceded if isinstance(outcome, Delivered) else ():
            self._conceded.labels(outlet.channel, outlet.account, what).inc()

    def received(self, receipts: Iterable[DeliveryReport]) -> None:
        """Receipts were written down."""
        for one in receipts:
            self._receipts.labels(one.channel, one.account, one.status).inc()

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
        case Refused(unreachable=True):
            return "gone"
        case Refused(window_exhausted=True):
            return "spent"
        case Refused():
            return "refused"
        case Unknown():
            return "unknown"


class MetricsFile:
    """the file of one process in ``folder``, written again and again until :meth:`close`."""

    def __init__(self, meter: Meter, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        self._meter, self._closing, self._writing = meter, threading.Event(), threading.Lock()
        self._lock, name = tempfile.mkstemp(".lock", f"{meter.role}-{os.getpid()}-", folder)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._path = Path(name).with_suffix(".page")
        self._thread = threading.Thread(target=self._run, name="metrics", daemon=True)
        self._thread.start()

    def write(self) -> None:
        """Write what there is now."""
        draft = self._path.with_suffix(".draft")
        with self._writing:
            draft.write_bytes(generate_latest(self._meter.registry))
            draft.replace(self._path)

    def _run(self) -> None:
        told = False
        while True:
            try:
                self.write()
                told = False
            except OSError as error:  # a full disk costs numbers, nothing else
                if not told:
                    log.warning("metrics.unwritten", error=type(error).__name__)
                told = True
            if self._closing.wait(EVERY_S):
                return

    def close(self) -> None:
        """Take the file away: the process ends."""
        self._closing.set()
        self._thread.join()
        _remove(self._path)
        os.close(self._lock)


def open_metrics_file(meter: Meter, folder: Path) -> MetricsFile | None:
    """A file for ``meter``, or None where none can be written; then nothing but the numbers is missing."""
    try:
        return MetricsFile(meter, folder)
    except OSError as error:
        log.warning("metrics.unwritten", error=type(error).__name__)
        return None


def _remove(file: Path) -> None:
    for path in (file, file.with_suffix(".draft"), file.with_suffix(".lock")):
        path.unlink(missing_ok=True)


def metrics_files(folder: Path) -> Iterator[tuple[str, str, str]]:
    """(role, process id, text) of every living process of this machine; what dead ones left is swept away."""
    for path in _sweep(folder):
        with contextlib.suppress(OSError):  # it ended meanwhile
            role, pid, _ = path.name.split("-", 2)
            yield role, pid, path.read_text(encoding="utf-8")


def _sweep(folder: Path) -> list[Path]:
    """Take away the files of dead processes; returns those of the living."""
    found = sorted(folder.glob("*.page"))
    for path in found:
        if _is_abandoned(path.with_suffix(".lock")):
            _remove(path)
    return found


def _is_abandoned(lock: Path) -> bool:
    try:
        file = os.open(lock, os.O_RDONLY)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(file)
    return True


class _All(Collector):
    def __init__(self, found: Iterable[tuple[str, str, str]], more: Iterable[Metric]) -> None:
        self._found, self._more = found, more

    def collect(self) -> Iterable[Metric]:
        """The families of all files, each once, then ``more``."""
        families: dict[str, Metric] = {}
        for role, pid, text in self._found:
            for family in text_string_to_metric_families(text):
                merged = families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
                for sample in family.samples:
                    merged.add_sample(sample.name, {**sample.labels, "role": role, "pid": pid}, sample.value)
        return [*families.values(), *self._more]


def counter_sums(found: Iterable[tuple[str, str, str]], name: str, *labels: str) -> dict[tuple[str, ...], int]:
    """The counter ``name`` of all ``found`` files, summed by its ``labels``, in their order."""
    sums = Tally[tuple[str, ...]]()
    for _, _, text in found:
        for family in text_string_to_metric_families(text):
            for sample in family.samples if family.name == name else ():
                sums[tuple(sample.labels[label] for label in labels)] += int(sample.value)
    return dict(sorted(sums.items()))


def exposition(found: Iterable[tuple[str, str, str]], more: Iterable[Metric]) -> bytes:
    """Prometheus' text format of all ``found`` files and ``more``."""
    registry = CollectorRegistry()
    registry.register(_All(found, more))
    return generate_latest(registry)


def database_metrics(database: Engine, clock: Clock) -> list[Metric]:
    """All that can be read now: without the database only that it does not answer."""
    try:
        with read_only(sessions(database)) as session:
            found = [*_outbox(session, clock()), *_timers(session, clock()), *_money(session, clock())]
            found += [_names(session), *_backup(session), *_old_rows(session), *_old_seals(session)]
    except SQLAlchemyError:
        return [_up(0)]
    return [_up(1), *found]


def _up(value: int) -> Metric:
    return GaugeMetricFamily("huoju_database_up", "1 while the database answers.", value)


def _outbox(session: Session, now: datetime) -> Iterator[Metric]:
    texts = GaugeMetricFamily(
        "huoju_outbox_texts",
        "Texts that are not delivered; the late ones are among the due ones, too.",
        labels=(*_WHERE, "category", "state"),
    )
    not_states = {"channel", "account", "category"}
    for one in backlog(session, now):
        for state, count in one._asdict().items():
            if state not in not_states:
                texts.add_metric((one.channel, one.account, one.category.name.lower(), state), count)
    yield texts
    sends = GaugeMetricFamily(
        "huoju_account_open", "1 unless it is paused, or its platform wants us to wait.", labels=_WHERE
    )
    for account in accounts(session):
        closed = account.closed_until is not None and account.closed_until > now
        sends.add_metric((account.channel, account.account), int(not account.paused and not closed))
    yield sends


def _timers(session: Session, now: datetime) -> Iterator[Metric]:
    timers = GaugeMetricFamily(
        "huoju_timers",
        "Timers that wait or have failed; the late ones are among the due ones, too.",
        labels=("kind", "state"),
    )
    for one in timer_counts(session, now):
        for state in ("later", "due", "late", "failed"):
            timers.add_metric((one.kind, state), getattr(one, state))
    yield timers


def _money(session: Session, now: datetime) -> Iterator[Metric]:
    """This hour is the one that a breaker looks at; today is by UTC."""
    hour = hour_number(now)
    today = hour - hour % _DAY_H
    sums = [
        func.coalesce(func.sum(case((Spending.hour == hour, column), else_=0)), 0) if only else func.sum(column)
        for column in (Spending.texts, Spending.parts, Spending.micros)
        for only in (True, False)
    ]
    place = (Spending.channel, Spending.account)
    found = session.execute(select(*place, *sums).where(Spending.hour >= today).group_by(*place).order_by(*place)).all()
    for offset, what, told in (
        (2, "texts", "Texts that were paid for."),
        (4, "parts", "Parts of texts that were paid for."),
        (6, "micros", "What they cost, in millionths of the account's currency."),
    ):
        family = GaugeMetricFamily(f"huoju_spent_{what}", told, labels=(*_WHERE, "window"))
        for row in found:
            for number, window in enumerate(("hour", "day")):
                family.add_metric((row[0], row[1], window), int(row[offset + number]))
        yield family


def _names(session: Session) -> Metric:
    told = "Names that players chose and that wait for an operator (huoju names)."
    return GaugeMetricFamily("huoju_names_waiting", told, queue(session).names)


def _backup(session: Session) -> Iterator[Metric]:
    """Nothing before the first one."""
    if (at := session.scalar(select(Installation.backed_up_at))) is not None:
        told = "When the last backup was taken by huoju backup, in seconds since 1970."
        yield GaugeMetricFamily("huoju_backup_timestamp_seconds", told, at.timestamp())


def _old_rows(session: Session) -> Iterator[Metric]:
    """A table that nobody has swept is not there."""
    gone = CounterMetricFamily("huoju_rows_gone", "Rows that went as they were old, ever.", labels=("table",))
    swept = GaugeMetricFamily(
        "huoju_rows_swept_timestamp_seconds", "When the last sweep for old rows ended, or one began.", labels=("table",)
    )
    for one in session.scalars(select(Ageing).order_by(Ageing.what)):
        gone.add_metric((one.what,), one.gone)
        swept.add_metric((one.what,), (one.ended_at or one.began_at).timestamp())
    yield gone
    yield swept


def _old_seals(session: Session) -> Iterator[Metric]:
    """Nothing before the first rotation of keys; then what is of the newest key that a clock has seen."""
    if not (rows := progress(session)):
        return
    newest = max(one.key_number for one in rows)
    anew = CounterMetricFamily(
        "huoju_values_sealed_anew", "Values that were sealed anew with the newest key.", labels=("column",)
    )
    left = GaugeMetricFamily(
        "huoju_resealing_rows_left", "Rows that nobody has looked at since the last rotation.", labels=("column",)
    )
    moved = GaugeMetricFamily(
        "huoju_resealing_timestamp_seconds", "When sealing anew came forward last; it is over where no rows are left."
    )
    unreadable = GaugeMetricFamily(
        "huoju_values_unreadable", "Values that do not open by the key file.", labels=("column",)
    )
    for one in (one for one in rows if one.key_number == newest):
        anew.add_metric((one.what,), one.anew)
        left.add_metric((one.what,), left_of(one))
        unreadable.add_metric((one.what,), one.unreadable)
    moved.add_metric((), max(one.moved_at for one in rows).timestamp())
    yield from (anew, left, moved, unreadable)
