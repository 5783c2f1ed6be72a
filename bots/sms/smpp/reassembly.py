"""Long messages, put together from their parts, which are acknowledged once the whole message is safe.

3GPP TS 23.040, 9.2.3.24, https://www.3gpp.org/dynareport/23040.htm, and SMPP 3.4, 4.6 and 5.3.2.22,
https://smpp.org/SMPP_v3_4_Issue1_2.pdf. Parts come in any order, more than once, over several links.
They are held until their message is safe, and known when they come again.
"""

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from bots.sms.smpp.command_status import OK, QUEUE_FULL, TRY_LATER
from bots.sms.smpp.deduplication import DeduplicationKey
from bots.sms.smpp.pdu import Deliver, Tag
from bots.sms.smpp.timeouts import WHOLE_S, Timeouts
from bots.sms.udh import PORTS, concatenation, information_elements

_HAS_HEADER = 0x40

REMEMBERED_S = 600.0
"""So long a message is known after it was complete: a part that comes again belongs to it."""
_REMEMBERED = 20_000
"""Messages that are known after they were complete; then the oldest go."""
PER_SENDER = 4
ALTOGETHER = 10_000
"""Messages that wait for parts; a part has 140 octets, so these are some tens of megabytes at the very worst."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Content:
    """What one PDU carries, without its header. ``part`` is (reference, of how many, which one) or None when alone."""

    octets: bytes
    part: tuple[int, int, int] | None = None
    is_data: bool = False
    """Meant for a program on the phone, or not to be understood."""


def content_of(pdu: Deliver) -> Content:
    """The octets of ``pdu`` behind its header, and which part of what they are. Never fails."""
    if not pdu.esm_class & _HAS_HEADER:
        return Content(pdu.octets, _sar_part(pdu))
    length = pdu.octets[0] + 1 if pdu.octets else 1
    if length > len(pdu.octets):
        return Content(pdu.octets, is_data=True)
    found = information_elements(pdu.octets[1:length])
    return Content(pdu.octets[length:], _possible(concatenation(found)), bool(found.keys() & PORTS))


def _sar_part(pdu: Deliver) -> tuple[int, int, int] | None:
    tags = (Tag.SAR_MSG_REF_NUM, Tag.SAR_TOTAL_SEGMENTS, Tag.SAR_SEGMENT_SEQNUM)
    values = [pdu.options.get(tag) for tag in tags]
    if not all(values):
        return None
    reference, total, place = (int.from_bytes(value or b"", "big") for value in values)
    return _possible((reference, total, place))


def _possible(part: tuple[int, int, int] | None) -> tuple[int, int, int] | None:
    """``part`` unless it says nothing: the standard wants an impossible one ignored."""
    return part if part and 1 <= part[2] <= part[1] <= 255 and part[1] > 1 else None  # noqa: PLR2004  # an octet


ReassemblyKey = tuple[str, str, int, int]
"""Source, destination, reference and number of parts."""


@dataclass(slots=True)
class ConcatenatedMessage(Generic[T]):
    """A message of which parts are missing, or were."""

    key: ReassemblyKey
    begun_s: float
    parts: dict[int, Deliver] = field(default_factory=dict)
    held: list[tuple[int, T]] = field(default_factory=list)
    """Which part, and what it is held by."""
    acknowledged: set[int] = field(default_factory=set)
    """Parts that were acknowledged before the message was complete: nobody will send them again."""
    latest_s: float = 0.0

    def in_order(self) -> list[Deliver]:
        """The parts that came, in the order of the message."""
        return [self.parts[place] for place in sorted(self.parts)]

    @property
    def complete(self) -> bool:
        """Whether no part is missing."""
        return len(self.parts) == self.key[3]


class IncompleteMessages(Generic[T]):
    """All messages of one account that wait for parts. Not safe to use from several threads.

    ``T`` is what each part is held by. Times are of a clock that only runs.
    """

    def __init__(self, *, altogether: int = ALTOGETHER) -> None:
        self._altogether = altogether
        self._open: OrderedDict[ReassemblyKey, ConcatenatedMessage[T]] = OrderedDict()
        self._senders: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._open)

    def __contains__(self, key: ReassemblyKey) -> bool:
        return key in self._open

    def full(self, key: ReassemblyKey) -> bool:
        """Whether a part of message ``key`` can not be kept now: others have to end before."""
        return key not in self._open and len(self._open) >= self._altogether

    def take(
        self, key: ReassemblyKey, place: int, pdu: Deliver, holder: T, now_s: float
    ) -> tuple[ConcatenatedMessage[T], list[ConcatenatedMessage[T]]]:
        """Add part number ``place``: (its message, others that are given up for it).

        A message leaves when it is complete. One is given up when another takes its reference, or when its sender has
        begun too many.
        """
        given_up = []
        message = self._open.get(key)
        if message is not None and (known := message.parts.get(place)) is not None and known.octets != pdu.octets:
            given_up.append(self._leave(message))
            message = None
        if message is None:
            if self._senders[key[0]] >= PER_SENDER:
                given_up.append(self._leave(next(one for one in self._open.values() if one.key[0] == key[0])))
            message = self._open[key] = ConcatenatedMessage(key, now_s)
            self._senders[key[0]] += 1
        message.parts[place] = pdu
        message.held.append((place, holder))
        message.latest_s = now_s
        if message.complete:
            self._leave(message)
        return message, given_up

    def put_back(self, message: ConcatenatedMessage[T]) -> None:
        """Keep of a message that found no hearing the parts that nobody will send again; the others come again."""
        kept = {place: message.parts[place] for place in message.acknowledged}
        if message.key in self._open:
            self._open[message.key].parts.update(kept)
        elif kept:
            again: ConcatenatedMessage[T] = ConcatenatedMessage(
                message.key, message.begun_s, kept, [], message.acknowledged, message.latest_s
            )
            self._open[message.key] = again
            self._open.move_to_end(message.key, last=False)
            self._senders[message.key[0]] += 1

    def late(self, now_s: float, whole_s: float = WHOLE_S) -> list[ConcatenatedMessage[T]]:
        """Take out those that were begun ``whole_s`` ago: nothing more will come."""
        found = []
        for message in self._open.values():
            if now_s - message.begun_s < whole_s:
                break
            found.append(message)
        return [self._leave(message) for message in found]

    def release(self, now_s: float, hold_s: float) -> list[T]:
        """What holds the parts of messages to which none was added for ``hold_s``: acknowledge them now."""
        free: list[T] = []
        for message in self._open.values():
            if message.held and now_s - message.latest_s >= hold_s:
                message.acknowledged |= {place for place, _ in message.held}
                free += [holder for _, holder in message.held]
                message.held.clear()
        return free

    def _leave(self, message: ConcatenatedMessage[T]) -> ConcatenatedMessage[T]:
        del self._open[message.key]
        self._senders[message.key[0]] -= 1
        if not self._senders[message.key[0]]:
            del self._senders[message.key[0]]
        return message


class Ack(Protocol):
    """One deliver_sm that waits for its answer."""

    def answer(self, status: int, key: DeduplicationKey | None = None) -> None:
        """Answer with ``status``; ``key`` is told when that was written, or may have been in vain."""
        ...


@dataclass(slots=True)
class HandedOver:
    """A long message that was handed to the engine: parts of it that come again belong to it."""

    message: ConcatenatedMessage[Ack]
    at_s: float
    done: bool = False


class Reassembly:
    """Joins the parts of one account's messages. Safe to use from several threads."""

    def __init__(self, running_s: Callable[[], float], timeouts: Timeouts) -> None:
        self._running_s, self._timeouts = running_s, timeouts
        self._lock = threading.Lock()
        self._incomplete: IncompleteMessages[Ack] = IncompleteMessages()
        self._handed_over: OrderedDict[ReassemblyKey, HandedOver] = OrderedDict()

    def take(self, pdu: Deliver, part: tuple[int, int, int], ack: Ack) -> list[ConcatenatedMessage[Ack]]:
        """Keep a part; returns the messages that can be said now. Each of them is settled later."""
        reference, total, place = part
        key, now_s = (pdu.source, pdu.dest, reference, total), self._running_s()
        with self._lock:
            before = self._handed_over.get(key)
            if before and now_s - before.at_s < REMEMBERED_S and self._belongs(before.message, place, pdu):
                if not before.done:
                    before.message.held.append((place, ack))
                    return []
                status = OK
            elif self._incomplete.full(key):
                status = QUEUE_FULL
            else:
                message, ready = self._incomplete.take(key, place, pdu, ack, now_s)
                ready += [message] if message.complete else []
                return self._remembered(ready, now_s)
        ack.answer(status)
        return []

    def tick(self) -> list[ConcatenatedMessage[Ack]]:
        """Acknowledge what was held long enough; returns messages whose rest has not come for a minute."""
        now_s = self._running_s()
        with self._lock:
            free = self._incomplete.release(now_s, self._timeouts.hold_s)
            late = self._remembered(self._incomplete.late(now_s, self._timeouts.whole_s), now_s)
        for ack in free:
            ack.answer(OK)
        return late

    def give_up(self) -> list[ConcatenatedMessage[Ack]]:
        """End: unfinished messages come again whole, but of those returned parts will never."""
        with self._lock:
            now_s = self._running_s()
            late = self._incomplete.late(now_s, 0.0)
            begun = self._remembered([message for message in late if message.acknowledged], now_s)
        for message in late:
            if not message.acknowledged:
                for _, ack in message.held:
                    ack.answer(TRY_LATER)
        return begun

    def settle(self, message: ConcatenatedMessage[Ack], status: int, key: DeduplicationKey | None) -> None:
        """Acknowledge all parts of ``message``, or refuse them so that they come again."""
        with self._lock:
            handed_over = self._handed_over.get(message.key)
            if status != OK:
                self._incomplete.put_back(message)
            if handed_over is not None and handed_over.message is message:
                handed_over.done = True
                if status != OK:
                    del self._handed_over[message.key]
            held = [ack for _, ack in message.held]
            message.held.clear()
        for ack in held[:-1]:
            ack.answer(status)
        if held:
            held[-1].answer(status, key)

    def _belongs(self, message: ConcatenatedMessage[Ack], place: int, pdu: Deliver) -> bool:
        """Whether ``pdu`` is that part of ``message`` again, or one that came too late to be said."""
        known = message.parts.get(place)
        return known.octets == pdu.octets if known else not message.complete and message.key not in self._incomplete

    def _remembered(self, messages: list[ConcatenatedMessage[Ack]], now_s: float) -> list[ConcatenatedMessage[Ack]]:
        for message in messages:
            self._handed_over.pop(message.key, None)
            self._handed_over[message.key] = HandedOver(message, now_s)
        while self._handed_over:
            oldest = next(iter(self._handed_over.values()))
            if len(self._handed_over) <= _REMEMBERED and now_s - oldest.at_s < REMEMBERED_S:
                break
            self._handed_over.popitem(last=False)
        return messages
