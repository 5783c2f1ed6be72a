"""A quiz of two questions, and a player who answers them."""

from pathlib import Path

from tests.stage import CAMPAIGN, Stage

HEAD = CAMPAIGN[: CAMPAIGN.index("budget:")]
QUIZ = """\
quiz:
  points: 10 points
  within: 30 seconds
  winners: 2
  questions:
    - name: year
      ask: {zh: 哪一年？, en: Which year?}
      choices: [{zh: 1896年, en: in 1896}, {zh: 1936年, en: in 1936}, {zh: 1984年, en: in 1984}]
      answer: 2
    - name: place
      ask: {zh: 哪里？, en: Where?}
      choices: [{zh: 雅典, en: Athens}, {zh: 奥林匹亚, en: Olympia}]
      answer: 2
      within: 20 seconds
"""
EXAMPLE = Path("examples/quiz.yaml")


def open_quiz(stage: Stage, more: str = QUIZ, *, spelled: bool = True) -> None:
    stage.publish(HEAD + more, spelled=spelled)


def play_quiz(stage: Stage) -> None:
    """u1 answers one right and one wrong, u2 has a question open."""
    open_quiz(stage)
    stage.say("quiz")
    stage.wait(seconds=3)
    stage.say("2")
    stage.wait(seconds=4)
    stage.say("1")
    stage.say("quiz", by="u2")
