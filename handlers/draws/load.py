"""What a turn loads of draws: the stock of prizes, where a code could win one."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import database, lists
from core.campaign.live import Published
from core.context import TurnRows
from core.engine.routes import AllWanted
from handlers.codes import CodeRows, FoundCode
from handlers.draws.lottery import Chances, Roll
from handlers.draws.lottery import roll as roll_of
from handlers.draws.tables import Prize

_PRIZES = database.locked(
    select(Prize).where(lists.among(Prize.campaign_id, "campaign_ids")).order_by(Prize.campaign_id), Prize.name, Prize
)


@dataclass(slots=True)
class DrawRows:
    """The stock of prizes of a turn, locked, by campaign and name."""

    prizes: dict[tuple[int, str], Prize] = field(default_factory=dict)
    rolls: dict[bytes, Roll] = field(default_factory=dict)


def roll(rows: TurnRows, code_hash: bytes, published: Published) -> Roll:
    """The roll of a code in its campaign, computed once a turn."""
    rolls = rows.of(DrawRows).rolls
    if (rolled := rolls.get(code_hash)) is None:
        rolled = rolls[code_hash] = roll_of(published.seed, published.rules.name, code_hash)
    return rolled


def load(session: Session, rows: TurnRows, _wanted: AllWanted) -> None:
    """Lock the stock of the campaigns in which a code of this turn could win at the highest odds; most times of none.

    Call it when the codes are locked.
    """
    codes = rows.of(CodeRows).codes
    if codes:
        lock_prizes(session, rows, {each.campaign_id for each in codes.values() if _could_win(rows, each)})


def _could_win(rows: TurnRows, found: FoundCode) -> bool:
    published = rows.campaigns[found.campaign_id].published
    chances = Chances.of(published)
    if chances is None or found.hash in rows.of(CodeRows).used_by or found.batch_state != "active":
        return False
    value = roll(rows, found.hash, published).value
    return chances.highest.won_by(value)


def lock_prizes(session: Session, rows: TurnRows, campaign_ids: Iterable[int]) -> None:
    """Lock the stock of all prizes of these campaigns."""
    wanted = sorted(set(campaign_ids))
    if not wanted:
        return
    prizes = rows.of(DrawRows).prizes
    for prize in session.scalars(_PRIZES, {"campaign_ids": wanted}):
        prizes[prize.campaign_id, prize.name] = prize
