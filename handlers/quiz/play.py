"""Ask and answer, on loaded rows."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from core import bulk, ledger
from core.context import Context
from core.models import Player
from handlers.quiz.load import QuizRows, Score
from handlers.quiz.rules import QuestionRules, QuizRules
from handlers.quiz.tables import QuizAnswer


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer counts."""

    is_right: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing changed: the time was over, or the question was answered before, or is none any more."""

    reason: Literal["late", "again", "gone"]


def quiz_of(ctx: Context, player: Player) -> QuizRules | None:
    """The quiz of the player's campaign."""
    return ctx.rows.campaigns[player.campaign_id].rules.section(QuizRules)


def time_left(ctx: Context, player: Player, name: str) -> timedelta | None:
    """How long an answer of ``player`` to the question ``name`` is still taken; None where it was never asked."""
    quiz, row = quiz_of(ctx, player), _row(ctx, player, name)
    question = quiz.question(name) if quiz else None
    return row.asked_at + quiz.time_for(question) - ctx.now if quiz and question and row else None


def ask_next(ctx: Context, player: Player) -> QuestionRules | None:
    """The question that waits for an answer in time, or else the next one, whose time begins; None after the last."""
    quiz = quiz_of(ctx, player)
    for question in quiz.questions if quiz else ():
        if not any(row.question == question.name for row in _rows(ctx, player)):
            _ask(ctx, player, question)
            return question
        row, left = _row(ctx, player, question.name), time_left(ctx, player, question.name)
        if row is not None and row.choice is None and left is not None and left > timedelta():
            return question
    return None


def answer(ctx: Context, player: Player, name: str, choice: int) -> Answered | Refused:
    """Take ``choice`` as the answer to the question ``name``; a right one is paid."""
    quiz, row, left = quiz_of(ctx, player), _row(ctx, player, name), time_left(ctx, player, name)
    question = quiz.question(name) if quiz else None
    if quiz is None or question is None or row is None or left is None:
        return Refused("gone")
    if row.choice is not None:
        return Refused("again")
    if left <= timedelta():
        return Refused("late")
    row.choice, row.is_right = choice, choice == question.answer
    row.took_ms = max((ctx.now - row.asked_at) // timedelta(milliseconds=1), 0)
    if row.is_right:
        ledger.award(ctx.rows, player, quiz.points, ref=f"quiz:{name}", reason="quiz", at=ctx.now)
    return Answered(row.is_right)


def score(ctx: Context, player: Player) -> Score:
    """How ``player`` stands."""
    rows = _rows(ctx, player)
    return Score(player.id, sum(row.is_right or 0 for row in rows), sum(row.took_ms or 0 for row in rows))


def _ask(ctx: Context, player: Player, question: QuestionRules) -> None:
    row = bulk.fresh(
        QuizAnswer,
        player_id=player.id,
        campaign_id=player.campaign_id,
        question=question.name,
        asked_at=ctx.now,
        choice=None,
        is_right=None,
        took_ms=None,
    )
    ctx.rows.add(row)
    ctx.rows.of(QuizRows).answers.setdefault(player.id, []).append(row)


def _rows(ctx: Context, player: Player) -> list[QuizAnswer]:
    return ctx.rows.of(QuizRows).answers.get(player.id, [])


def _row(ctx: Context, player: Player, name: str) -> QuizAnswer | None:
    """What the player was asked; not what another one was, who became this player: that cannot be answered any more."""
    mine = (row for row in _rows(ctx, player) if row.question == name and row.player_id == player.id)
    return next(mine, None)
