"""What a quiz shows of one player: how many questions were answered, and how many rightly."""

from collections.abc import Sequence

from sqlalchemy import case, func, select

from core.answers import AnswerPart, line
from core.profile import ShownPlayer
from handlers.quiz.tables import QuizAnswer


def profile(shown: ShownPlayer) -> Sequence[AnswerPart]:
    """Of those that were asked."""
    mine = QuizAnswer.player_id.in_(shown.ids)
    counts = select(func.count(), func.count(QuizAnswer.choice), func.count(case((QuizAnswer.is_right.is_(True), 1))))
    asked, answered, right = shown.session.execute(counts.where(mine)).one()
    told = "Quiz: {asked} questions asked, {answered} answered, {right} rightly."
    return [line(told, asked=asked, answered=answered, right=right)] if asked else []
