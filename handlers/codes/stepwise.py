"""Issue codes step by step: a kill between two steps loses none, issues none twice, and never more than were asked for.

All codes of an order follow from a random seed, which the order keeps, sealed, until it has ended: the file can be
written again from the start, and what is stored is only ever the next chunk. Whoever reads the database finds hashes.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.alphabet import code_maker
from core.engine.runtime import Runtime
from core.models import Batch
from core.operators import VerbRefused
from core.verbs import Work
from handlers.codes.batches import CHUNK, get_batch, store, void
from handlers.codes.issuance import CLASHES_TOLERATED, begin, made, too_full

_SEED_BYTES = 32


class _Stream:
    """The random bytes of one chunk: SHAKE-256 of the seed, the chunk, and which attempt at it this is."""

    def __init__(self, seed: bytes, chunk: int, attempt: int) -> None:
        self._begins, self._taken = seed + chunk.to_bytes(8, "big") + attempt.to_bytes(4, "big"), 0

    def take(self, count: int) -> bytes:
        """Return the next ``count`` bytes; nobody without the seed can foretell them."""
        self._taken += 1
        return hashlib.shake_256(self._begins + self._taken.to_bytes(8, "big")).digest(count)


@dataclass(frozen=True, slots=True)
class Order:
    """A batch that is being issued: of ``count`` codes the first ``done`` are stored, in chunks of ``size``."""

    batch_id: int
    length: int
    count: int
    seed: bytes
    size: int
    done: int
    again: Mapping[int, int]
    """How often the codes of a chunk were made anew, for one of them existed."""

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """What was kept of it."""
        again = {int(chunk): attempt for chunk, attempt in kept["again"].items()}
        seed = bytes.fromhex(kept["seed"])
        return cls(kept["batch"], kept["length"], kept["count"], seed, kept["size"], kept["stored"], again)

    def kept(self) -> dict[str, Any]:
        """What is kept of it."""
        again = {str(chunk): attempt for chunk, attempt in self.again.items()}
        numbers = {"batch": self.batch_id, "length": self.length, "count": self.count}
        return {**numbers, "seed": self.seed.hex(), "size": self.size, "stored": self.done, "again": again}


def ordered(runtime: Runtime, work: Work, campaign: str, count: int, at: datetime) -> Order:
    """The order that ``work`` has in hand, or a new one: a step. Raises BatchRefused where it cannot be."""
    if work.kept:
        return Order.of(work.kept)
    with runtime.sessions.begin() as session:
        batch = begin(session, campaign, count, runtime.mechanics.sections, at)
        order = Order(batch.id, batch.code_length, count, runtime.randomness.take(_SEED_BYTES), CHUNK, 0, {})
        work.step(session, 0, count, **order.kept())
    return order


def codes_of(runtime: Runtime, work: Work, order: Order) -> Iterator[list[str]]:
    """All codes of an order, chunk by chunk: those that are stored are made again, each other chunk is a step.

    Raises Stopped, and VerbRefused where the batch was made void meanwhile.
    """
    maker = code_maker(order.length, order.count)
    for first in range(0, order.count, order.size):
        chunk, wanted = first // order.size, min(order.size, order.count - first)
        if first < order.done:
            work.told(order.done, order.count)
            yield made(_Stream(order.seed, chunk, order.again.get(chunk, 0)), wanted, maker)
        else:
            order, codes = _stored(runtime, work, order, wanted, maker)
            yield codes


def _stored(
    runtime: Runtime, work: Work, order: Order, wanted: int, maker: tuple[int, Callable[[int], str]]
) -> tuple[Order, list[str]]:
    """The step that stores the next chunk; a clash (one in thousands of batches) makes the chunk anew."""
    chunk = order.done // order.size
    for attempt in range(CLASHES_TOLERATED):
        codes = made(_Stream(order.seed, chunk, attempt), wanted, maker)
        again = {**order.again, chunk: attempt} if attempt else order.again
        after = replace(order, done=order.done + wanted, again=again)
        try:
            with runtime.sessions.begin() as session:
                work.step(session, after.done, after.count, **after.kept())
                _under_way(session, order.batch_id)
                store(session, order.batch_id, [runtime.keys.code_hash(code) for code in codes])
        except IntegrityError:
            continue
        return after, codes
    raise too_full()


def end(runtime: Runtime, work: Work, order: Order, file_sha256: str) -> None:
    """The last step: the file is whole, and all codes are stored."""
    with runtime.sessions.begin() as session:
        work.step(session, order.count, order.count, **work.kept)
        _under_way(session, order.batch_id).file_sha256 = file_sha256


def _under_way(session: Session, batch_id: int) -> Batch:
    """The batch, locked. Raises VerbRefused where somebody has made it void."""
    batch = get_batch(session, batch_id)
    if batch.state != "inert":
        raise VerbRefused(
            "batch {batch} is {state}; no more codes are issued into it", batch=batch_id, state=batch.state
        )
    return batch


def give_up(session: Session, batch_id: int, at: datetime) -> bool:
    """Make a batch void whose file did not become whole; False where it did, or there is none."""
    found = session.scalar(select(Batch.state).where(Batch.id == batch_id, Batch.file_sha256 == ""))
    if found != "inert":
        return False
    void(session, batch_id, at)
    return True
