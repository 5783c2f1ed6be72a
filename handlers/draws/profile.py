"""What draws show of one player: what was won, the newest first."""

from collections.abc import Sequence

from sqlalchemy import func, select

from core.answers import AnswerPart, Column, ColumnFormat, Table, line
from core.models import Transfer
from core.profile import ShownPlayer
from handlers.draws.tables import Prize

_SHOWN = 5
_PIECE = f"{Prize.asset}:"


def profile(shown: ShownPlayer) -> Sequence[AnswerPart]:
    """The prizes that were handed out to the player; draws are not found by player, transfers are."""
    won = Transfer.owner_id.in_(shown.ids) & (Transfer.reason == "won")
    count = shown.session.scalar(select(func.count()).where(won)) or 0
    newest = select(Transfer).where(won).order_by(Transfer.at.desc(), Transfer.ref).limit(_SHOWN)
    rows = [(one.asset.removeprefix(_PIECE), one.at) for one in shown.session.scalars(newest)]
    columns = (Column("prize"), Column("won", ColumnFormat.MINUTE))
    return [line("Prizes won: {count}.", count=count), Table("prizes", columns, rows, empty="")] if count else []
