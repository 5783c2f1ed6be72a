"""Score an invite: how much it looks made up. Only how friends come is judged, never how many or in what shape.

Each sign adds to the score; one weak sign alone never reaches the usual limit of 100. Honest chains, stars and trees
pass, because people differ in their numbers and in the seconds they take.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from handlers.invites.tables import Invite

BURST_WITHIN = timedelta(seconds=60)
TWIN_WITHIN = timedelta(seconds=1)
TWIN_SLOWEST = timedelta(minutes=10)
"""People who take longer than this are no machine, however alike."""

_BURST = ((15, 100), (8, 40))
"""So many friends of one inviter joined within a minute: so much."""
_RANGE = ((5, 100), (3, 40))
"""So many have phone numbers in one block of a thousand."""
_TWINS = ((4, 60),)
"""So many began with the same words and took the same time to qualify, to the second."""
_TWINS_SHARE = 3
"""One friend in so many, at least."""
_RING = 60


class Verdict(NamedTuple):
    """``score`` from 0 up, and the signs that it is made of."""

    score: int
    signs: tuple[str, ...]


def judge(invite: Invite, recent: Sequence[Invite], inviters_own: Invite | None) -> Verdict:
    """Judge ``invite``, which has just qualified, beside the latest friends of the same inviter.

    ``inviters_own`` is the invite by which the inviter came.
    """
    others = [other for other in recent if other.player_id != invite.player_id]
    found = {
        "burst": _worth(_BURST, 1 + sum(_together(invite, other) for other in others)),
        "range": _worth(_RANGE, 1 + sum(_neighbours(invite, other) for other in others)),
        "twins": _twins(invite, others),
        "ring": _RING if invite.ring or (inviters_own is not None and inviters_own.ring) else 0,
    }
    return Verdict(sum(found.values()), tuple(sign for sign, worth in found.items() if worth))


def _worth(steps: tuple[tuple[int, int], ...], count: int) -> int:
    return next((worth for least, worth in steps if count >= least), 0)


def _together(invite: Invite, other: Invite) -> bool:
    return abs(invite.joined_at - other.joined_at) <= BURST_WITHIN


def _neighbours(invite: Invite, other: Invite) -> bool:
    return invite.range_key is not None and invite.range_key == other.range_key


def _twins(invite: Invite, others: Sequence[Invite]) -> int:
    qualified = [other for other in others if other.qualified_at is not None]
    twins = 1 + sum(_alike(invite, other) for other in qualified)
    return _worth(_TWINS, twins) if twins * _TWINS_SHARE >= 1 + len(qualified) else 0


def _alike(invite: Invite, other: Invite) -> bool:
    mine, theirs = _delay(invite), _delay(other)
    return invite.text_key == other.text_key and mine <= TWIN_SLOWEST and abs(mine - theirs) <= TWIN_WITHIN


def _delay(invite: Invite) -> timedelta:
    assert invite.qualified_at is not None
    return invite.qualified_at - invite.joined_at
