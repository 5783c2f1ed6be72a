"""What codes show of one player: how many were redeemed, and when the last one was."""

from collections.abc import Sequence

from sqlalchemy import func, select

from core.answers import AnswerPart, line
from core.models import Transfer
from core.profile import ShownPlayer

_BROUGHT = ("code", "won")


def profile(shown: ShownPlayer) -> Sequence[AnswerPart]:
    """By what codes brought: redemptions are not found by player, transfers are."""
    player = shown.player
    if player.redeemed_on is None:
        return [line("No code was redeemed.")] if shown.campaign.rules.takes_codes() else []
    mine = Transfer.owner_id.in_(shown.ids) & Transfer.reason.in_(_BROUGHT)
    count, last_at = shown.session.execute(select(func.count(), func.max(Transfer.at)).where(mine)).one()
    days = line(
        "Codes redeemed on {day}, the last day of any: {today}.", day=player.redeemed_on, today=player.redeemed_today
    )
    if not count:
        return [days]
    return [
        days,
        line("Codes that brought something: {count}, the last at {at:%Y-%m-%d %H:%M} UTC.", count=count, at=last_at),
    ]
