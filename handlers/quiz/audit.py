"""Checks of quizzes: what was answered was asked, and paid as the rules say."""

from collections.abc import Iterator

from sqlalchemy import and_, func, literal, not_, or_, select

from core.audit.faults import Books, Check, Fault
from core.audit.numbered import begins, transfer_fault
from core.audit.transfer_checks import PLAYER, house, moves
from core.lists import among_rows
from core.models import Player, Transfer
from handlers.quiz.rules import QuestionRules, QuizRules
from handlers.quiz.tables import QuizAnswer

_of_its_player = and_(Player.id == QuizAnswer.player_id, Player.campaign_id == QuizAnswer.campaign_id)
_ASTRAY = select(QuizAnswer.player_id, QuizAnswer.question).outerjoin(Player, _of_its_player).where(Player.id.is_(None))
_SAID = select(
    QuizAnswer.campaign_id,
    QuizAnswer.question,
    QuizAnswer.choice,
    QuizAnswer.is_right,
    func.min(QuizAnswer.player_id),
).group_by(QuizAnswer.campaign_id, QuizAnswer.question, QuizAnswer.choice, QuizAnswer.is_right)


def _quizzes(books: Books) -> Iterator[tuple[int, QuizRules]]:
    for campaign_id, versions in books.rules.items():
        for rules in versions.values():
            if (quiz := rules.section(QuizRules)) is not None:
                yield campaign_id, quiz


def _asked(books: Books) -> Iterator[Fault]:
    for player_id, question in books.session.execute(_ASTRAY):
        yield Fault(f"quiz answer {player_id} {question}", "is of no player of its campaign")
    asked: dict[tuple[int, str], list[QuestionRules]] = {}
    for campaign_id, quiz in _quizzes(books):
        for one in quiz.questions:
            asked.setdefault((campaign_id, one.name), []).append(one)
    for campaign_id, question, choice, is_right, player_id in books.session.execute(_SAID):
        known = asked.get((campaign_id, question), [])
        if not any(_judges(one, choice, is_right) for one in known):
            yield Fault(f"quiz answer {player_id} {question}", "is to no question of its campaign, or judged otherwise")


def _judges(question: QuestionRules, choice: int | None, is_right: bool | None) -> bool:  # noqa: FBT001  # a column
    """Whether ``question``, as one version asks it, makes ``is_right`` of ``choice``."""
    if choice is None:
        return is_right is None
    return 1 <= choice <= len(question.choices) and is_right == (choice == question.answer)


_its_answer = and_(
    QuizAnswer.player_id == Transfer.owner_id,
    QuizAnswer.campaign_id == Transfer.campaign_id,
    literal("quiz:").concat(QuizAnswer.question) == Transfer.ref,
    QuizAnswer.is_right.is_(True),
)
_worth = among_rows((Transfer.campaign_id, QuizAnswer.question, Transfer.amount), "worth")
_NOT_EARNED = (
    select(Transfer.owner_id, Transfer.ref)
    .outerjoin(QuizAnswer, _its_answer)
    .where(begins("quiz:"), or_(QuizAnswer.player_id.is_(None), not_(_worth)))
)
_NOT_PAID = (
    select(QuizAnswer.player_id, QuizAnswer.question)
    .outerjoin(Transfer, _its_answer)
    .where(QuizAnswer.is_right.is_(True), Transfer.ref.is_(None))
)


def _paid(books: Books) -> Iterator[Fault]:
    worth = sorted({(each, one.name, quiz.points) for each, quiz in _quizzes(books) for one in quiz.questions})
    for owner_id, ref in books.session.execute(_NOT_EARNED, {"worth": worth}):
        yield transfer_fault(owner_id, ref, "is not what the rules give for a right answer of this player")
    for player_id, question in books.session.execute(_NOT_PAID):
        yield Fault(f"quiz answer {player_id} {question}", "is right, and was not paid")


CHECKS = (
    Check("every answer of a quiz is to a question of its campaign, and judged as the rules say", _asked),
    Check("every right answer of a quiz is paid once, and no other one", _paid),
)
TRANSFERS = (moves("quiz:", house("points"), PLAYER),)
