"""What a turn loads of quizzes: what its players were asked, and who is best where that is shown."""

from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from core import database, lists
from core.blocks import blocked_since
from core.context import TurnRows
from core.engine.routes import AllWanted, Requirement
from core.events import Merged, bring
from core.models import Player
from core.models.players import ROOT
from handlers.quiz.rules import MOST_WINNERS, QuizRules
from handlers.quiz.tables import QuizAnswer


class Score(NamedTuple):
    """How a player stands."""

    player_id: int
    right: int
    took_ms: int


@dataclass(slots=True)
class QuizRows:
    """What was asked and answered in quizzes."""

    answers: dict[int, list[QuizAnswer]] = field(default_factory=dict)
    """By player, those of players who became this one included."""
    best: dict[int, list[Score]] = field(default_factory=dict)
    """By campaign, the best first: as it was before this turn."""


@dataclass(frozen=True, slots=True)
class QuizRequires(Requirement):
    """What players were asked and answered."""

    answers: bool = False
    best: bool = False
    """Who is best, too."""


# The lock of the player is there already: this one only says that nobody else changes them.
_ANSWERS = database.locked(
    select(QuizAnswer, ROOT).join(Player, Player.id == QuizAnswer.player_id).where(lists.among(ROOT, "roots")),
    QuizAnswer.player_id,
    QuizAnswer,
)
_right, _took = func.sum(case((QuizAnswer.is_right.is_(True), 1), else_=0)), func.sum(QuizAnswer.took_ms)
_placed = (
    select(
        QuizAnswer.campaign_id,
        ROOT.label("player_id"),
        _right.label("right_count"),
        _took.label("took_ms"),
        func.row_number()
        .over(partition_by=QuizAnswer.campaign_id, order_by=(_right.desc(), _took, ROOT))
        .label("place"),
    )
    .join(Player, Player.id == QuizAnswer.player_id)
    .where(lists.among(QuizAnswer.campaign_id, "campaign_ids"), QuizAnswer.choice.is_not(None))
    .group_by(QuizAnswer.campaign_id, ROOT)
    .subquery()
)
_READ = 2 * MOST_WINNERS
"""So that some who are blocked leave the list as long as it is."""
_BEST = (
    select(_placed, blocked_since(_placed.c.player_id).label("blocked_since"))
    .where(_placed.c.place <= _READ)
    .order_by(_placed.c.campaign_id, _placed.c.place)
)


def load(session: Session, rows: TurnRows, wanted: AllWanted) -> None:
    """Load the answers of all players of the turn where one of them plays a quiz."""
    needs = [need for _, need in wanted.of(QuizRequires) if need.answers]
    if not needs:
        return
    quizzes = {each.id: quiz for each in rows.campaigns.values() if (quiz := each.rules.section(QuizRules))}
    if not quizzes:
        return
    mine = rows.of(QuizRows)
    if roots := sorted(player.id for player in rows.people.values() if player.campaign_id in quizzes):
        for answer, root in session.execute(_ANSWERS, {"roots": roots}):
            mine.answers.setdefault(root, []).append(answer)
    if any(need.best for need in needs) and (shown := sorted(each for each, quiz in quizzes.items() if quiz.winners)):
        best = (row for row in session.execute(_BEST, {"campaign_ids": shown}) if row.blocked_since is None)
        for campaign_id, player_id, right, took_ms, *_ in best:
            mine.best.setdefault(campaign_id, []).append(Score(player_id, int(right), int(took_ms)))


def inherit(rows: TurnRows, event: Merged) -> None:
    """Let whoever two players become have answered what each of them did."""
    bring(rows.of(QuizRows).answers, event.older, event.younger)
