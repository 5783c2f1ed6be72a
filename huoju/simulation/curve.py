"""The curve of a play: how many torches there were at each moment and how they stood, as numbers and as text."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.models import Draw, Outbox, Redemption, Torch

_WIDTH = 44
_LIT, _UNLIT = "█", "░"


class Moment(NamedTuple):
    """How the relay stood at one moment."""

    at: datetime
    ambassadors: int
    """Players who hold a torch, or held one."""
    lit: int
    """Of these, who has lit one."""
    out: int
    """Torches that went out, relit ones counted again."""


def curve(session: Session, campaign_id: int, start: datetime, end: datetime, points: int) -> list[Moment]:
    """``points`` moments, evenly from ``start`` to ``end``, both among them; counted from the torches themselves."""
    first: dict[int, datetime] = {}
    lit: dict[int, datetime] = {}
    out: list[datetime] = []
    columns = (Torch.player_id, Torch.granted_at, Torch.ends_at, Torch.lit_at)
    for player_id, granted_at, ends_at, lit_at in session.execute(
        select(*columns).where(Torch.campaign_id == campaign_id)
    ):
        first[player_id] = min(first.get(player_id, granted_at), granted_at)
        if lit_at is None:
            out.append(ends_at)
        else:
            lit[player_id] = min(lit.get(player_id, lit_at), lit_at)
    step = (end - start) / (points - 1)
    moments = [start + step * nth for nth in range(points)]
    counted = (_by(moments, each) for each in (first.values(), lit.values(), out))
    return [Moment(*row) for row in zip(moments, *counted, strict=True)]


def _by(moments: Sequence[datetime], instants: Iterable[datetime]) -> list[int]:
    """How many of ``instants`` lie at or before each moment."""
    in_order, counts, place = sorted(instants), [], 0
    for moment in moments:
        while place < len(in_order) and in_order[place] <= moment:
            place += 1
        counts.append(place)
    return counts


def chart(moments: Sequence[Moment], zone: ZoneInfo) -> list[str]:
    """The curve as text: a line for each moment, its bar all ambassadors, the dark part those who lit a torch."""
    most = max(moment.ambassadors for moment in moments) or 1
    lines = [
        f"{'time':<11} {_LIT} lit  {_UNLIT} not lit".ljust(_WIDTH + 13) + f"{'ambassadors':>12}{'lit':>8}{'out':>8}"
    ]
    for at, ambassadors, lit, out in moments:
        dark, whole = (_WIDTH * count // most for count in (lit, ambassadors))
        bar = (_LIT * dark + _UNLIT * (whole - dark)).ljust(_WIDTH)
        lines.append(f"{at.astimezone(zone):%m-%d %H:%M} {bar} {ambassadors:>12}{lit:>8}{out:>8}")
    return lines


class Totals(NamedTuple):
    """What was said and won in a play."""

    said: int
    """Texts."""
    redeemed: int
    """Codes."""
    drawn: int
    won: int


def totals(session: Session) -> Totals:
    """Count what was said and won in a whole database."""
    said = session.scalar(select(func.count()).select_from(Outbox)) or 0
    redeemed = session.scalar(select(func.count()).select_from(Redemption)) or 0
    drawn = session.scalar(select(func.count()).select_from(Draw)) or 0
    won = session.scalar(select(func.count()).select_from(Draw).where(Draw.prize.is_not(None))) or 0
    return Totals(said, redeemed, drawn, won)
