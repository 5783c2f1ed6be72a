"""Which parts are whose, for all links of one account: held until their message is safe, known when they come again.

SMPP 3.4, 4.6, https://smpp.org/SMPP_v3_4_Issue1_2.pdf.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bots.sms.smpp.naming import Name
from bots.sms.smpp.pdus import Deliver
from bots.sms.smpp.pieces import REMEMBERED_S, Key, Pieces, Puzzle
from bots.sms.smpp.statuses import OK, QUEUE_FULL, TRY_LATER
from bots.sms.smpp.timing import Timing

_REMEMBERED = 20_000


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
