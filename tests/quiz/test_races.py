"""Races for a quiz: the same player answers in several processes at once, and each question is paid once."""

import pytest

from core.models import Player, Transfer
from handlers.quiz.tables import QuizAnswer
from tests.quiz.scene import open_quiz
from tests.races.crowd import PROCESSES, Crowd, Says, count, faults
from tests.races.shop import deadlocks, url_of
from tests.stage import Stage

PLAYERS = [f"p{number:02}" for number in range(8)]
RIGHT = "2"
"""The right answer to both questions."""


@pytest.mark.parametrize("ids", [["one"] * PROCESSES, list("abcd")], ids=["same message", "four messages"])
def test_each_question_is_answered_and_paid_once(arena: Stage, crowd: Crowd, ids: list[str]) -> None:
    open_quiz(arena)
    for by in PLAYERS:
        arena.say("quiz", by=by)
    crowd.play(url_of(arena), [[[Says(by, RIGHT, name)] for by in PLAYERS] for name in ids])
    answered = min(len(set(ids)), 2)
    assert count(arena, Player, Player.points == 10 * answered) == len(PLAYERS)
    assert count(arena, Transfer, Transfer.reason == "quiz") == answered * len(PLAYERS)
    assert count(arena, QuizAnswer, QuizAnswer.is_right) == answered * len(PLAYERS)
    assert deadlocks(arena) == 0
    assert faults(arena) == []
