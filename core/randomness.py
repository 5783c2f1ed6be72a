"""Randomness as an argument: the system's in production, a seeded stream where a history must repeat."""

import hashlib
import os
from datetime import datetime
from typing import Protocol

from core.times import milliseconds


class Randomness(Protocol):
    """A source of random bytes."""

    def take(self, count: int) -> bytes:
        """Return ``count`` bytes that nobody can foretell (or, seeded, that repeat)."""
        ...


class SystemRandomness:
    """The operating system's generator; safe to share between threads."""

    def take(self, count: int) -> bytes:
        """Return ``count`` random bytes."""
        return os.urandom(count)


class SeededRandomness:
    """A repeatable stream for tests and simulations: SHAKE-256 of seed and counter. Never for real prizes."""

    def __init__(self, seed: str) -> None:
        self._seed = seed.encode()
        self._taken = 0

    def take(self, count: int) -> bytes:
        """Return the next ``count`` bytes of the stream."""
        self._taken += 1
        return hashlib.shake_256(self._seed + self._taken.to_bytes(8, "big")).digest(count)


_RANDOM_BITS = 21


def new_id(at: datetime, randomness: Randomness) -> int:
    """A 63-bit id that grows with time (42 bits of milliseconds) so that new rows land together in an index.

    Two ids of one millisecond differ by 21 random bits; a clash breaks a unique key, and the turn is taken again with
    others. Processes of one database must not draw from equal seeds, or theirs clash again and again.
    """
    tail = int.from_bytes(randomness.take(3), "big") >> (24 - _RANDOM_BITS)
    return (milliseconds(at) << _RANDOM_BITS) | tail


def first_id(at: datetime) -> int:
    """No id that :func:`new_id` makes at ``at`` or later, to the millisecond, is smaller; all of before are."""
    return milliseconds(at) << _RANDOM_BITS
