"""Pages of numbers: each process writes one into a folder, and /metrics shows the pages of all.

Every series carries the role and the id of its process, so a process that ends takes its counters with it, and none
ever runs backwards: ``sum by (…) (rate(…))`` is right whatever is restarted. A page belongs to a living process while
that holds the lock beside it; a killed one's page is swept away by whoever reads next.
"""

import contextlib
import fcntl
import os
import tempfile
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import structlog
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from huoju.metrics import Meter

log = structlog.get_logger()

EVERY_S = 2.0
"""How often a process writes its page anew."""


class Page:
    """The page of one process in ``folder``, written again and again until :meth:`close`."""

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
        """Take the page away: the process ends."""
        self._closing.set()
        self._thread.join()
        _remove(self._path)
        os.close(self._lock)


def open_page(meter: Meter, folder: Path) -> Page | None:
    """A page for ``meter``, or None where none can be written; then nothing but the numbers is missing."""
    try:
        return Page(meter, folder)
    except OSError as error:
        log.warning("metrics.unwritten", error=type(error).__name__)
        return None


def _remove(page: Path) -> None:
    for path in (page, page.with_suffix(".draft"), page.with_suffix(".lock")):
        path.unlink(missing_ok=True)


def pages(folder: Path) -> Iterator[tuple[str, str, str]]:
    """(role, process id, page) of every living process of this machine; what dead ones left is swept away."""
    for path in _sweep(folder):
        with contextlib.suppress(OSError):  # it ended meanwhile
            role, pid, _ = path.name.split("-", 2)
            yield role, pid, path.read_text(encoding="utf-8")


def _sweep(folder: Path) -> list[Path]:
    """Take away the pages of dead processes; returns those of the living."""
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
        """The families of all pages, each once, then ``more``."""
        families: dict[str, Metric] = {}
        for role, pid, text in self._found:
            for family in text_string_to_metric_families(text):
                merged = families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
                for sample in family.samples:
                    merged.add_sample(sample.name, {**sample.labels, "role": role, "pid": pid}, sample.value)
        return [*families.values(), *self._more]


def counted(found: Iterable[tuple[str, str, str]], name: str, *labels: str) -> dict[tuple[str, ...], int]:
    """The counter ``name`` of all ``found`` pages, summed by its ``labels``, in their order."""
    sums = Counter[tuple[str, ...]]()
    for _, _, text in found:
        for family in text_string_to_metric_families(text):
            for sample in family.samples if family.name == name else ():
                sums[tuple(sample.labels[label] for label in labels)] += int(sample.value)
    return dict(sorted(sums.items()))


def exposition(found: Iterable[tuple[str, str, str]], more: Iterable[Metric]) -> bytes:
    """Prometheus' text format of all ``found`` pages and ``more``."""
    registry = CollectorRegistry()
    registry.register(_All(found, more))
    return generate_latest(registry)
