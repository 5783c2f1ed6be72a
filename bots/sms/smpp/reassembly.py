"""Long messages, put together from their parts, which are acknowledged once the whole message is safe.

3GPP TS 23.040, 9.2.3.24, https://www.3gpp.org/dynareport/23040.htm, and SMPP 3.4, 4.6 and 5.3.2.22,
https://smpp.org/SMPP_v3_4_Issue1_2.pdf. Parts come in any order, more than , and known when they come again.
"""

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from bots.sms.headers import PORTS, concatenation, elements
from bots.sms.smpp.command_status import OK, QUEUE_FULL, TRY_LATER
from bots.sms.smpp.deduplication import Name
from bots.sms.smpp.pdu import Deliver, Tag
from bots.sms.smpp.timeouts import WHOLE_S, Timing

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
    found = elements(pdu.octets[1:length])
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


Key = tuple[str, str, int, int]
"""Source, destination, reference and number of parts."""


@dataclass(slots=True)
class Puzzle(Generic[T]):
    """A message of which parts are missing, or were."""

    key: Key
    begun_s: float
    parts: dict[int, Deliver] = field(default_factory=dict)
    held: list[tuple[int, T]] = field(default_factory=list)
    """Which part, and what it is held by."""
    let_go: set[int] = field(default_factory=set)
    """Parts that were acknowledged before the message was complete: nobody will send them again."""
    latest_s: float = 0.0

    def in_order(self) -> list[Deliver]:
        """The parts that came, in the order of the message."""
        return [self.parts[place] for place in sorted(self.parts)]

    @property
    def complete(self) -> bool:
        """Whether no part is missing."""
        return len(self.parts) == self.key[3]


class Pieces(Generic[T]):
    """All messages of one account that wait for parts. Not safe to use from several threads.

    ``T`` is what each part is held by. Times are of a clock that only runs.
    """

    def __init__(self, *, altogether: int = ALTOGETHER) -> None:
        self._altogether = altogether
        self._open: OrderedDict[Key, Puzzle[T]] = OrderedDict()
        self._senders: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._open)

    def __contains__(self, key: Key) -> bool:
        return key in self._open

    def full(self, key: Key) -> bool:
        """Whether a part of message ``key`` can not be kept now: others have to end before."""
        return key not in self._open and len(self._open) >= self._altogether

    def take(self, key: Key, place: int, pdu: Deliver, holder: T, now_s: float) -> tuple[Puzzle[T], list[Puzzle[T]]]:
        """Add part number ``place``: (its message, others that are given up for it).

        A message leaves when it is complete. One is given up when another takes its reference, or when its sender has
        begun too many.
        """
        given_up = []
        puzzle = self._open.get(key)
        if puzzle is not None and (known := puzzle.parts.get(place)) is not None and known.octets != pdu.octets:
            given_up.append(self._leave(puzzle))
            puzzle = None
        if puzzle is None:
            if self._senders[key[0]] >= PER_SENDER:
                given_up.append(self._leave(next(one for one in self._open.values() if one.key[0] == key[0])))
            puzzle = self._open[key] = Puzzle(key, now_s)
            self._senders[key[0]] += 1
        puzzle.parts[place] = pdu
        puzzle.held.append((place, holder))
        puzzle.latest_s = now_s
        if puzzle.complete:
            self._leave(puzzle)
        return puzzle, given_up

    def put_back(self, puzzle: Puzzle[T]) -> None:
        """Keep of a message that found no hearing the parts that nobody will send again; the others come again."""
        kept = {place: puzzle.parts[place] for place in puzzle.let_go}
        if puzzle.key in self._open:
            self._open[puzzle.key].parts.update(kept)
        elif kept:
            again: Puzzle[T] = Puzzle(puzzle.key, puzzle.begun_s, kept, [], puzzle.let_go, puzzle.latest_s)
            self._open[puzzle.key] = again
            self._open.move_to_end(puzzle.key, last=False)
            self._senders[puzzle.key[0]] += 1

    def late(self, now_s: float, whole_s: float = WHOLE_S) -> list[Puzzle[T]]:
        """Take out those that were begun ``whole_s`` ago: nothing more will come."""
        found = []
        for puzzle in self._open.values():
            if now_s - puzzle.begun_s < whole_s:
                break
            found.append(puzzle)
        return [self._leave(puzzle) for puzzle in found]

    def let_go(self, now_s: float, hold_s: float) -> list[T]:
        """What holds the parts of messages to which none was added for ``hold_s``: acknowledge them now."""
        free: list[T] = []
        for puzzle in self._open.values():
            if puzzle.held and now_s - puzzle.latest_s >= hold_s:
                puzzle.let_go |= {place for place, _ in puzzle.held}
                free += [holder for _, holder in puzzle.held]
                puzzle.held.clear()
        return free

    def _leave(self, puzzle: Puzzle[T]) -> Puzzle[T]:
        del self._open[puzzle.key]
        self._senders[puzzle.key[0]] -= 1
        if not self._senders[puzzle.key[0]]:
            del self._senders[puzzle.key[0]]
        return puzzle


class Ack(Protocol):
    """One deliver_sm that waits for its answer."""

    def answer(self, status: int, name: Name | None = None) -> None:
        """Answer with ``status``; ``name`` is told when that was written, or may have been in vain."""
        ...


@dataclass(slots=True)
class Spoken:
    """A long message that was handed to the engine: parts of it that come again belong to it."""

    puzzle: Puzzle[Ack]
    at_s: float
    done: bool = False


class Joining:
    """Joins the parts of one account's messages. Safe to use from several threads."""

    def __init__(self, running_s: Callable[[], float], timing: Timing) -> None:
        self._running_s, self._timing = running_s, timing
        self._lock = threading.Lock()
        self._pieces: Pieces[Ack] = Pieces()
        self._spoken: OrderedDict[Key, Spoken] = OrderedDict()

    def take(self, pdu: Deliver, part: tuple[int, int, int], ack: Ack) -> list[Puzzle[Ack]]:
        """Keep a part; returns the messages that can be said now. Each of them is settled later."""
        reference, total, place = part
        key, now_s = (pdu.source, pdu.dest, reference, total), self._running_s()
        with self._lock:
            spoken = self._spoken.get(key)
            if spoken and now_s - spoken.at_s < REMEMBERED_S and self._belongs(spoken.puzzle, place, pdu):
                if not spoken.done:
                    spoken.puzzle.held.append((place, ack))
                    return []
                status = OK
            elif self._pieces.full(key):
                status = QUEUE_FULL
            else:
                puzzle, ready = self._pieces.take(key, place, pdu, ack, now_s)
                ready += [puzzle] if puzzle.complete else []
                return self._remembered(ready, now_s)
        ack.answer(status)
        return []

    def tick(self) -> list[Puzzle[Ack]]:
        """Acknowledge what was held long enough; returns messages whose rest has not come for a minute."""
        now_s = self._running_s()
        with self._lock:
            free = self._pieces.let_go(now_s, self._timing.hold_s)
            late = self._remembered(self._pieces.late(now_s, self._timing.whole_s), now_s)
        for ack in free:
            ack.answer(OK)
        return late

    def give_up(self) -> list[Puzzle[Ack]]:
        """End: unfinished messages come again whole, but of those returned parts will never."""
        with self._lock:
            now_s = self._running_s()
            late = self._pieces.late(now_s, 0.0)
            begun = self._remembered([puzzle for puzzle in late if puzzle.let_go], now_s)
        for puzzle in late:
            if not puzzle.let_go:
                for _, ack in puzzle.held:
                    ack.answer(TRY_LATER)
        return begun

    def settle(self, puzzle: Puzzle[Ack], status: int, name: Name | None) -> None:
        """Acknowledge all parts of ``puzzle``, or refuse them so that they come again."""
        with self._lock:
            spoken = self._spoken.get(puzzle.key)
            if status != OK:
                self._pieces.put_back(puzzle)
            if spoken is not None and spoken.puzzle is puzzle:
                spoken.done = True
                if status != OK:
                    del self._spoken[puzzle.key]
            held = [ack for _, ack in puzzle.held]
            puzzle.held.clear()
        for ack in held[:-1]:
            ack.answer(status)
        if held:
            held[-1].answer(status, name)

    def _belongs(self, puzzle: Puzzle[Ack], place: int, pdu: Deliver) -> bool:
        """Whether ``pdu`` is that part of ``puzzle`` again, or one that came too late to be said."""
        known = puzzle.parts.get(place)
        return known.octets == pdu.octets if known else not puzzle.complete and puzzle.key not in self._pieces

    def _remembered(self, puzzles: list[Puzzle[Ack]], now_s: float) -> list[Puzzle[Ack]]:
        for puzzle in puzzles:
            self._spoken.pop(puzzle.key, None)
            self._spoken[puzzle.key] = Spoken(puzzle, now_s)
        while self._spoken:
            oldest = next(iter(self._spoken.values()))
            if len(self._spoken) <= _REMEMBERED and now_s - oldest.at_s < REMEMBERED_S:
                break
            self._spoken.popitem(last=False)
        return puzzles
