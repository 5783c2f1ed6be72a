"""The word for the quiz, its questions, and how a player stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

from core import questions
from core.campaign.live import LiveCampaign
from core.context import Context
from core.engine.routes import Prompt, Requires, Route
from core.joins import enter
from core.messages import Keyword, Reply, Shown
from core.models import Player
from core.places import Place
from core.speech.answers import named, number_in
from core.speech.campaign_choice import turn_to
from core.speech.choices import answer as choice_of
from core.speech.closed import closed
from core.speech.keywords import Means
from core.speech.which import PATIENCE
from core.texts.formats import Left, Length
from handlers.quiz.load import QuizRequires, QuizRows
from handlers.quiz.play import Answered, Refused, answer, ask_next, quiz_of, score, time_left
from handlers.quiz.rules import QuestionRules, QuizRules


@dataclass(frozen=True, slots=True)
class PlayQuiz:
    """The player wants to be asked, or to know who is best."""

    requires = Requires((QuizRequires(answers=True, best=True),), enters=True)


def play_quiz(ctx: Context, _intent: PlayQuiz) -> list[Reply]:
    """Ask the next question; after the last one, say how the player stands and who is best."""
    if ctx.campaign is None:
        return [Reply("campaign.none")]
    if not turn_to(ctx, lambda campaign: campaign.rules.section(QuizRules) is not None):
        return [Reply("quiz.none")]
    if ctx.campaign.why_closed(ctx.now):
        return [closed(ctx), *([_done(ctx, ctx.player)] if ctx.player else []), *_winners(ctx)]
    player = enter(ctx, ctx.campaign)
    asked = _next(ctx, player)
    return asked or [_done(ctx, player), *_winners(ctx)]


def _next(ctx: Context, player: Player) -> list[Reply]:
    question = ask_next(ctx, player)
    if question is None:
        return []
    questions.ask(ctx, QUESTION, question.name)
    return _put(ctx, question.name)


def _put(ctx: Context, about: str) -> list[Reply]:
    player = ctx.player
    quiz = quiz_of(ctx, player) if player else None
    question = quiz.question(about) if quiz else None
    if player is None or quiz is None or question is None:
        return []
    remaining = time_left(ctx, player, about)
    if remaining is None or remaining <= timedelta():
        return []
    labels = [(at, each.model_dump()) for at, each in enumerate(question.choices, start=1)]
    lines = tuple(Reply("quiz.choice", {"number": at, "choice": label}) for at, label in labels)
    shown: Shown = {
        "number": quiz.questions.index(question) + 1,
        "of": len(quiz.questions),
        "question": question.ask.model_dump(),
        "lines": lines,
        "left": Left(remaining),
    }
    taps = tuple(choice_of(ctx, at, label, listed=True) for at, label in labels)
    return [Reply("quiz.question", shown, taps)]


def _answer(ctx: Context, about: str, text: str) -> list[Reply] | None:
    player = ctx.player
    assert player is not None
    assert ctx.campaign is not None
    quiz = quiz_of(ctx, player)
    question = quiz.question(about) if quiz else None
    chosen = _chosen(question, text) if question else 0
    if chosen is None:
        return None
    questions.drop(ctx.address)
    if ctx.campaign.why_closed(ctx.now):
        return [closed(ctx)]
    outcome = answer(ctx, player, about, chosen)
    match outcome:
        case Refused(reason):
            said = Reply(f"quiz.{reason}")
        case Answered(is_right=True):
            assert quiz is not None
            said = Reply("quiz.right", {"points": quiz.points})
        case Answered():
            assert question is not None
            said = Reply("quiz.wrong", {"choice": question.choices[question.answer - 1].model_dump()})
        case _:
            assert_never(outcome)
    return [said, *(_next(ctx, player) or [_done(ctx, player)])]


def _chosen(question: QuestionRules, text: str) -> int | None:
    """The number of the choice that ``text`` names; None when it names none, or several."""
    if (number := number_in(text)) is not None:
        return number if number <= len(question.choices) else None
    found = named(text, [(at, each, "") for at, each in enumerate(question.choices, start=1)])
    return found[0] if len(found) == 1 else None


def _done(ctx: Context, player: Player) -> Reply:
    quiz, mine = quiz_of(ctx, player), score(ctx, player)
    asked = len(quiz.questions) if quiz else 0
    return Reply("quiz.done", {"right": mine.right, "of": asked, "balance": player.points})


def _winners(ctx: Context) -> list[Reply]:
    assert ctx.campaign is not None
    quiz = ctx.campaign.rules.section(QuizRules)
    best = ctx.rows.of(QuizRows).best.get(ctx.campaign.id, [])[: (quiz and quiz.winners) or 0]
    me = ctx.player.id if ctx.player else None
    lines = tuple(
        Reply(
            "quiz.winner_you" if each.player_id == me else "quiz.winner",
            {"place": place, "right": each.right, "seconds": f"{each.took_ms / 1000:.1f}"},
        )
        for place, each in enumerate(best, start=1)
    )
    return [Reply("quiz.winners", {"lines": lines})] if lines else []


def help_lines(campaign: LiveCampaign, _place: Place) -> Mapping[str, Sequence[Reply]]:
    """The word for the quiz."""
    return {"consent": [Reply("help.quiz")] if campaign.rules.section(QuizRules) else []}


def terms(campaign: LiveCampaign, _place: Place) -> Mapping[str, Sequence[Reply]]:
    """What is asked, and what a right answer earns."""
    if (quiz := campaign.rules.section(QuizRules)) is None:
        return {}
    shown: Shown = {"questions": len(quiz.questions), "points": quiz.points, "within": Length(quiz.within)}
    return {"relay": [Reply("rules.quiz", shown)]}


BEGUN_BY = Keyword(zh="答题", en="QUIZ")
QUESTION = Prompt(
    "quiz.question",
    Requires((QuizRequires(answers=True),)),
    _answer,
    _put,
    PATIENCE,
    begun_by=BEGUN_BY,
)
ROUTE = Route(
    "quiz",
    Means(PlayQuiz(), "quiz", "the quiz", "play quiz", "play the quiz", "答题", "问答", "开始答题", "我要答题"),
    play_quiz,
    ends_prompt=True,
)
