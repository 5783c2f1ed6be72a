"""Dice whose throws follow from a seed and what they are thrown for, in whatever order they are thrown."""

import hashlib
import math
from collections.abc import Sequence
from typing import TypeVar

Side = TypeVar("Side")
_WHOLE = 1 << 53


class Dice:
    """Throws for one seed."""

    def __init__(self, seed: int) -> None:
        self._seed = str(seed).encode()

    def fraction(self, *of: object) -> float:
        """A number from 0 up to, but not including, 1: the same whenever it is thrown for the same thing."""
        what = ":".join(map(str, of)).encode()
        drawn = hashlib.blake2b(what, digest_size=8, key=self._seed).digest()
        return (int.from_bytes(drawn, "big") >> 11) / _WHOLE

    def happens(self, share: float, *of: object) -> bool:
        """True in ``share`` of all cases."""
        return self.fraction(*of) < share

    def below(self, most: int, *of: object) -> int:
        """A whole number from 0 up to, but not including, ``most``."""
        return int(self.fraction(*of) * most)

    def one_of(self, sides: Sequence[Side], *of: object) -> Side:
        """One of ``sides``, all alike."""
        return sides[self.below(len(sides), *of)]

    def waited_ms(self, mean_s: float, *of: object) -> int:
        """Milliseconds until something happens that may happen at any moment, ``mean_s`` on average."""
        return round(-math.log(1 - self.fraction(*of)) * mean_s * 1000)
