"""Read the boards: their heads, a player's own places, and the numbers of a campaign. Nothing walks a tree."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from core import lists
from core.blocks import blocked_since
from core.models import Player
from core.models.players import ROOT
from handlers.relay.rank_index import histogram, median, total
from handlers.relay.rollup import (
    BROUGHT,
    DAY_GRANTED,
    DAY_LIT,
    GRANTED,
    LEG,
    OUT,
    SECONDS,
)
from handlers.relay.tables import Chain, RelayNews, RunnerDay

Board = list[tuple[int, bytes | None, int]]
"""The head of a board, best first: (player id, sealed name, score). A chain stands under whoever began it."""

HEAD = 3
"""Lines of a board that a player is shown."""


def boards(session: Session, campaign_id: int, day: date, most: int) -> Mapping[str, Board]:
    """The ``most`` best of each board, "longest", "lit" and "today": best first, (player id, sealed name, score).

    Whoever was linked to another stands there as that one, by the name chosen last; whoever is blocked, nowhere, and no
    chain that they began.
    """
    mine = (Chain.campaign_id == campaign_id) & blocked_since(Chain.id).is_(None)
    today = (RunnerDay.campaign_id == campaign_id) & (RunnerDay.day == day)
    today &= blocked_since(RunnerDay.player_id).is_(None)
    found = {
        "longest": _head(session, (Chain.id, Chain.legs), mine, (Chain.reached_at, Chain.id), most),
        "lit": _head(session, (Chain.id, Chain.lit), mine, (Chain.id,), most),
        "today": _head(session, (RunnerDay.player_id, RunnerDay.passed), today, (RunnerDay.player_id,), most),
    }
    named = _named(session, {player_id for head in found.values() for player_id, _ in head})
    return {name: [(*named[player_id], score) for player_id, score in head] for name, head in found.items()}


def _head(
    session: Session,
    columns: tuple[InstrumentedAttribute[int], InstrumentedAttribute[int]],
    condition: ColumnElement[bool],
    among_equals: tuple[InstrumentedAttribute[Any], ...],
    most: int,
) -> list[tuple[int, int]]:
    """The ``most`` best above 0. Three queries: the last score, those above it, and the first who have it.

    In one, the index could not give those in order, and all that have an equal score would be sorted.
    """
    score = columns[1]
    # Its value is given to the others, not its query: only so are they planned for it.
    last = session.scalar(select(score).where(condition, score > 0).order_by(score.desc()).limit(1).offset(most - 1))
    rows = select(*columns).where(condition)
    above = rows.where(score > (last or 0)).order_by(score.desc(), *among_equals).limit(most)
    equal = rows.where(score == (last or 0), score > 0).order_by(*among_equals).limit(most)
    return [(row[0], row[1]) for each in (above, equal) for row in session.execute(each)][:most]


def _named(session: Session, player_ids: set[int]) -> Mapping[int, tuple[int, bytes | None]]:
    """Whom each of these players has become, and that one's sealed name. One query."""
    root = aliased(Player)
    statement = select(Player.id, root.id, root.name_sealed).join(root, root.id == ROOT)
    rows = session.execute(statement.where(lists.among(Player.id, "ids")), {"ids": sorted(player_ids)})
    return {player_id: (root_id, sealed) for player_id, root_id, sealed in rows}


def words_of(session: Session, player_ids: Iterable[int]) -> Mapping[int, str]:
    """The invite words of those of these players who have one."""
    statement = select(Player.id, Player.invite_word).where(lists.among(Player.id, "ids"))
    found = session.execute(statement, {"ids": sorted(set(player_ids))})
    return {player_id: word for player_id, word in found if word is not None}


def not_counted(session: Session, campaign_id: int) -> int:
    """How much has happened to torches that no roll-up has counted yet."""
    mine = select(func.count()).select_from(RelayNews).where(RelayNews.campaign_id == campaign_id)
    return session.scalar(mine) or 0


class RelayNumbers(NamedTuple):
    """What a relay has come to; everything from roll-ups."""

    ambassadors: int
    """Players who hold a torch."""
    granted: int
    """Torches, those that were lit anew counted again."""
    lit: int
    out: int
    brought: int
    """Friends who took a torch from somebody."""
    median_seconds: int | None
    """To light a torch, of those that were lit."""
    legs: Mapping[int, int]
    """Players by leg."""
    days: Mapping[date, tuple[int, int]]
    """Torches granted and lit, by campaign day."""

    @property
    def k_factor(self) -> float:
        """Friends brought by each ambassador; 0 where there is none."""
        return self.brought / self.ambassadors if self.ambassadors else 0.0

    @property
    def share_lit(self) -> float:
        """Lit torches among those that are settled; 0 where there is none."""
        settled = self.lit + self.out
        return self.lit / settled if settled else 0.0


def relay_numbers(session: Session, campaign_id: int) -> RelayNumbers:
    """The numbers of a campaign's relay."""
    granted, lit = histogram(session, campaign_id, DAY_GRANTED), histogram(session, campaign_id, DAY_LIT)
    legs = histogram(session, campaign_id, LEG)
    return RelayNumbers(
        ambassadors=sum(legs.values()),
        granted=total(session, campaign_id, GRANTED),
        lit=total(session, campaign_id, SECONDS),
        out=total(session, campaign_id, OUT),
        brought=total(session, campaign_id, BROUGHT),
        median_seconds=median(session, campaign_id, SECONDS),
        legs=legs,
        days={date.fromordinal(day): (granted.get(day, 0), lit.get(day, 0)) for day in sorted({*granted, *lit})},
    )
