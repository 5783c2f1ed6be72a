"""What points show of one player beside the balance: when the first of them may expire."""

from collections.abc import Sequence

from core.answers import AnswerPart, line
from core.profile import ShownPlayer


def profile(shown: ShownPlayer) -> Sequence[AnswerPart]:
    """Nothing where none expire."""
    at = shown.player.points_expire_at
    return [line("Some points may expire from {at:%Y-%m-%d %H:%M} UTC on.", at=at)] if at is not None else []
