"""What codes do when something happens: what was redeemed today counts for whom a player has become."""

from core.context import TurnRows
from core.events import Merged


def inherit(_rows: TurnRows, merged: Merged) -> None:
    """Who is two players' one has redeemed and drawn today what both have, or the one of them who played last."""
    older, younger = merged.older, merged.younger
    if younger.redeemed_on is not None and (older.redeemed_on is None or younger.redeemed_on >= older.redeemed_on):
        same = younger.redeemed_on == older.redeemed_on
        older.redeemed_today = younger.redeemed_today + older.redeemed_today * same
        older.drawn_today = younger.drawn_today + older.drawn_today * same
        older.redeemed_on = younger.redeemed_on
