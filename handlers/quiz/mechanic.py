"""A quiz: questions with choices, each answered once and in time."""

from pathlib import Path

from core.events import Merged
from core.mechanics import Mechanic
from handlers.quiz import audit, load, say
from handlers.quiz.rules import QuizRules
from handlers.quiz.tables import QuizAnswer

MECHANIC = Mechanic(
    name="quiz",
    section=QuizRules,
    texts=Path(__file__).parent / "texts",
    tables=(QuizAnswer,),
    routes=(say.ROUTE,),
    topics=(say.QUESTION,),
    load=load.load,
    rank=60,
    on={Merged: load.inherit},
    help=say.help_lines,
    terms=say.terms,
    checks=audit.CHECKS,
    transfers=audit.TRANSFERS,
)
