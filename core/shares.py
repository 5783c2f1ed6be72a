"""Shares: in which part of a test a player is, by the seed of the test.

It depends on nothing else: not on the database, nor on when somebody asks, nor on who else is asked of. Tests have
seeds of their own, so that being in one says nothing of another.
"""

import hmac
from collections.abc import Sequence
from itertools import accumulate

MILLION = 1_000_000
_BYTES = 8


def place(seed: bytes, player_id: int) -> int:
    """Where a player stands among all: the first 64 bits of HMAC-SHA256 of the id's digits under ``seed``."""
    return int.from_bytes(hmac.digest(seed, str(player_id).encode(), "sha256")[:_BYTES], "big")


def share_at(where: int, shares_ppm: Sequence[int]) -> int:
    """Which of the shares, in millionths of all and in their order, ``where`` is in; their number for the rest."""
    reached = where * MILLION >> 8 * _BYTES
    return next((at for at, end in enumerate(accumulate(shares_ppm)) if reached < end), len(shares_ppm))
