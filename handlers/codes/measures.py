"""The words of codes for segments."""

from core.models import Player
from core.segments import Predicate

SEGMENTS = (
    Predicate(
        name="redeemed",
        where=lambda _: Player.active_on.is_not(None),
        check=lambda seen, _: seen.player.active_on is not None,
        lasts=True,
    ),
    Predicate(
        name="never redeemed",
        where=lambda _: Player.active_on.is_(None),
        check=lambda seen, _: seen.player.active_on is None,
    ),
)
