"""What claims show of one player: how each prize or gift stands, the newest first."""

from collections.abc import Sequence

from sqlalchemy import func, select

from core.answers import AnswerPart, Column, ColumnFormat, Table, line
from core.profile import ShownPlayer
from core.words import Mark, row_number
from handlers.claims.tables import Claim

_SHOWN = 5
_COLUMNS = (
    Column("claim", ColumnFormat.COPIED),
    Column("item"),
    Column("source"),
    Column("state"),
    Column("opened", ColumnFormat.MINUTE),
)


def profile(shown: ShownPlayer) -> Sequence[AnswerPart]:
    """The newest claims, without anybody's details, and how many there are."""
    mine = Claim.player_id.in_(shown.ids)
    count = shown.session.scalar(select(func.count()).where(mine)) or 0
    newest = select(Claim).where(mine).order_by(Claim.opened_at.desc(), Claim.id.desc()).limit(_SHOWN)
    rows = [
        (row_number(Mark.CLAIM, one.id), one.item, one.source, one.state, one.opened_at)
        for one in shown.session.scalars(newest)
    ]
    return [line("Claims: {count}.", count=count), Table("claims", _COLUMNS, rows, empty="")] if count else []
