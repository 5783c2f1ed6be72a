"""Delivery receipts: what a deliver_sm says of a text that was sent, which text it means, and their way to the core.

SMPP 3.4, Appendix B and 5.3.2.35, https://smpp.org/SMPP_v3_4_Issue1_2.pdf. SMSCs send them in any dress: as the class
of the message says, with one parameter or both, or as a plain message with the fields in its words, in whatever coding.
Short numbers are ambiguous as ids: 10 may be sixteen in hex.
"""

import queue
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress

import structlog

from bots.base import Report
from bots.sms.account import CHANNEL
from bots.sms.delivery_reports import STATUSES, ReportFields, error_of, is_report, report_fields
from bots.sms.opt_out_codes import is_opt_out_error
from bots.sms.parts import gsm7_decode, unpacked
from bots.sms.smpp.command_status import OK, QUEUE_FULL, TRY_LATER
from bots.sms.smpp.encoding import STANDARD, Codings, text_of
from bots.sms.smpp.pdu import Deliver, Tag
from bots.sms.smpp.reassembly import content_of
from core.blame import Unavailable
from core.sending.delivery_reports import DeliveryReport, DeliveryStatus, readings, value_of

log = structlog.get_logger()

KEPT = 100_000
"""Ids that are remembered by one process; receipts mostly come within minutes."""
AT_ONCE = 256
WAITING = 10_000
"""Receipts that are handed over together, and that wait to be."""

_NETWORK_ERROR_OCTETS = 3
_KINDS, _INTERMEDIATE = 0x3C, 0x20

_STATES = {
    0: "SCHEDULED",
    1: "ENROUTE",
    2: "DELIVRD",
    3: "EXPIRED",
    4: "DELETED",
    5: "UNDELIV",
    6: "ACCEPTD",
    7: "UNKNOWN",
    8: "REJECTD",
    9: "SKIPPED",
}

Waiting = tuple[DeliveryReport, Callable[[int], None]]


def is_marked(pdu: Deliver) -> bool:
    """Whether the SMSC marks it as no message of a phone: a receipt, an acknowledgement, or a parameter of one."""
    return pdu.esm_class & _KINDS != 0 or Tag.RECEIPTED_MESSAGE_ID in pdu.options or Tag.MESSAGE_STATE in pdu.options


def reads_as_report(octets: bytes, coding: int, codings: Codings = STANDARD) -> bool:
    """Whether the words of a message are a receipt's, in whatever coding they come."""
    return any(is_report(words) for words in _readings(octets, coding, codings))


def read_delivery_receipt(
    pdu: Deliver,
    account: str,
    *,
    by_value: bool = True,
    codings: Codings = STANDARD,
    opted_out_codes: Collection[str] = (),
) -> DeliveryReport | None:
    """The receipt of ``account``'s text in ``pdu``, None when it names no text or no state."""
    bodies = dict.fromkeys([content_of(pdu).octets, pdu.options.get(Tag.MESSAGE_PAYLOAD, b"")])
    said = [report_fields(words) for octets in bodies for words in _readings(octets, pdu.data_coding, codings)]
    fullest = max(said, key=lambda one: (one.state is not None) + (one.name is not None), default=ReportFields())
    names = [name for name in (_option_id(pdu), fullest.name) if name]
    state = _option_state(pdu) or fullest.state or ""
    status = STATUSES.get(state[:5])
    if not names or status is None:
        return None
    if status is DeliveryStatus.FAILED and pdu.esm_class & _KINDS == _INTERMEDIATE:
        status = DeliveryStatus.ON_ITS_WAY  # one try failed, and the SMSC goes on
    error = error_of(state, fullest.error) if status is DeliveryStatus.FAILED else None
    wished = status is DeliveryStatus.FAILED and is_opt_out_error(opted_out_codes, fullest.error, _option_error(pdu))
    return DeliveryReport(
        CHANNEL,
        account,
        status,
        tuple(dict.fromkeys(names)),
        error=error,
        unreachable=wished,
        unwanted=wished,
        by_value=by_value,
    )


def _readings(octets: bytes, coding: int, codings: Codings = STANDARD) -> Iterator[str]:
    """The words as the coding says, and as they read in every other one that could make sense of them."""
    declared = text_of(octets, coding, codings)
    if declared is not None:
        yield declared
    yield octets.decode("latin-1")
    if b"\0" in octets:
        yield octets.decode("utf-16-be", "replace")
        yield octets.decode("utf-16-le", "replace")
    elif any(octet & 0x80 for octet in octets):
        yield gsm7_decode(unpacked(octets))


def _option_id(pdu: Deliver) -> str | None:
    return pdu.options.get(Tag.RECEIPTED_MESSAGE_ID, b"").rstrip(b"\0").decode("latin-1").strip() or None


def _option_error(pdu: Deliver) -> str | None:
    """The code of network_error_code, whose first octet says which kind of network it is (5.3.2.31)."""
    told = pdu.options.get(Tag.NETWORK_ERROR_CODE, b"")
    return str(int.from_bytes(told[1:], "big")) if len(told) == _NETWORK_ERROR_OCTETS else None


def _option_state(pdu: Deliver) -> str | None:
    state = pdu.options.get(Tag.MESSAGE_STATE, b"")
    return _STATES.get(state[0]) if len(state) == 1 else None


class MessageIds:
    """The ids of one account's texts that this process has sent. Safe to use from several threads."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept, self._lock = kept, threading.Lock()
        self._ids, self._alike = OrderedDict[str, str](), dict[str, dict[str, None]]()

    def add(self, name: str) -> None:
        """Remember an id."""
        with self._lock:
            value = self._ids[name] = value_of(name)
            self._alike.setdefault(value, {})[name] = None
            if len(self._ids) > self._kept:
                self._forget(*self._ids.popitem(last=False))

    def known(self, names: Sequence[str], *, by_value: bool) -> Sequence[str]:
        """Which text a receipt means that names it ``names``: the id as it was spelt, alone; else ``names``.

        The very same id wins. By value the likeliest reading does, unless several texts have it.
        """
        with self._lock:
            if (found := next((name for name in names if name in self._ids), None)) is not None:
                return (found,)
            for value in (value for name in names for value in readings(name)) if by_value else ():
                if alike := self._alike.get(value):
                    return tuple(alike) if len(alike) == 1 else names
            return names

    def _forget(self, name: str, value: str) -> None:
        alike = self._alike[value]
        del alike[name]
        if not alike:
            del self._alike[value]


class DeliveryReportQueue:
    """Hands over the receipts of one account, from a thread of its own between :meth:`start` and :meth:`stop`."""

    def __init__(self, report: Report, account: str) -> None:
        self._report, self._account = report, account
        self._waiting: queue.Queue[Waiting | None] = queue.Queue(WAITING)
        self._thread: threading.Thread | None = None
        self.taken = 0

    def start(self) -> None:
        """Begin, unless it has."""
        if self._thread is not None:
            return
        self._thread = threading.Thread(target=self._run, name=f"smpp receipts {self._account}", daemon=True)
        self._thread.start()

    def stop(self, limit_s: float = 10.0) -> None:
        """Hand over what waits, and end; what is not handed over by then comes again."""
        if self._thread is None:
            return
        with suppress(queue.Full):
            self._waiting.put(None, timeout=limit_s)
            self._thread.join(limit_s)

    def put(self, receipt: DeliveryReport, answer: Callable[[int], None]) -> None:
        """Queue ``receipt``; ``answer`` is told the status of its acknowledgement."""
        try:
            self._waiting.put_nowait((receipt, answer))
        except queue.Full:
            answer(QUEUE_FULL)

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch, last = [first], False
            while len(batch) < AT_ONCE and not self._waiting.empty():
                if (another := self._waiting.get()) is None:
                    last = True
                    break
                batch.append(another)
            self._hand_over(batch)
            if last:
                return

    def _hand_over(self, batch: Sequence[Waiting]) -> None:
        status = OK
        try:
            self._report([receipt for receipt, _ in batch])
        except Unavailable:
            status = TRY_LATER
        except Exception:  # the SMSC keeps them until the fault is mended
            log.exception("smpp.report_failed", account=self._account)
            status = TRY_LATER
        else:
            self.taken += len(batch)
        for _, answer in batch:
            answer(status)
