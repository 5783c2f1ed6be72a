"""A quiz: questions with choices, each answered once and in time."""

from pathlib import Path

from core.events import Merged
from core.mechanics import Mechanic
from core.menu import MenuWord
from core.messages import Keyword
from handlers.quiz import audit, load, profile, rights, say
from handlers.quiz.rules import QuizRules
from handlers.quiz.tables import QuizAnswer

__all__ = ["MECHANIC"]

MECHANIC = Mechanic(
    name="quiz",
    sections=(QuizRules,),
    texts=Path(__file__).parent / "texts",
    tables=(QuizAnswer,),
    kept=rights.KEPT,
    routes=(say.ROUTE,),
    prompts=(say.QUESTION,),
    load=load.load,
    rank=60,
    on={Merged: load.inherit},
    menu=(
        MenuWord(
            1,
            "quiz",
            Keyword(zh="答题", en="Quiz"),
            shows=lambda rules, _: rules.section(QuizRules) is not None,
        ),
    ),
    help=say.help_lines,
    terms=say.terms,
    checks=audit.CHECKS,
    profile=profile.profile,
    transfers=audit.TRANSFERS,
)
