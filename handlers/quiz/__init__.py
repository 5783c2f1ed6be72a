"""A quiz: questions with choices, each answered once and in time."""

from handlers.quiz.mechanic import MECHANIC

__all__ = ["MECHANIC"]
