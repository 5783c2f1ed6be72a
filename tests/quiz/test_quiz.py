"""A quiz in words: each question once, the first answer counts, and none that comes too late."""

import pytest
from sqlalchemy import event, select
from sqlalchemy import text as sql_text

from core.campaign.checks import check_campaign
from core.campaign.reader import BadCampaign, read_campaign
from core.models import Player
from handlers import MECHANICS
from handlers.quiz.rules import QuizRules
from handlers.quiz.tables import QuizAnswer
from tests.quiz.scene import EXAMPLE, QUIZ, open_quiz, play_quiz
from tests.quiz.tampering import QUIZ_TAMPERING
from tests.scenes import BACKENDS, Scenes, broken
from tests.soundness import audit
from tests.stage import CAMPAIGN, START, Stage
from tests.talking import link_up


def points(stage: Stage) -> list[int]:
    with stage.sessions() as session:
        return list(session.scalars(select(Player.points).order_by(Player.id)))


def wrong(stage: Stage) -> list[str]:
    return [str(fault) for _, faults in audit(stage.database, stage.keys, MECHANICS.checks) for fault in faults]


def test_a_quiz_is_played_to_its_end(stage: Stage) -> None:
    open_quiz(stage, spelled=False)
    assert stage.say("Quiz!") == (
        "Question 1 of 2: Which year?\n1. in 1896\n2. in 1936\n3. in 1984\n"
        "Send the number of your answer within 30 seconds."
    )
    stage.wait(seconds=3)
    assert stage.say("2").startswith("Right! 10 points for you.\nQuestion 2 of 2: Where?\n1. Athens\n2. Olympia\n")
    stage.wait(seconds=4.5)
    assert stage.say("Athens") == ("Not quite: it's Olympia.\n1 of 2 right! You now have 10 points.")
    assert stage.say("quiz").endswith("The best so far:\n1. 1 right in 7.5 s (you)")
    assert "quiz" in stage.say("points")
    assert wrong(stage) == []


def test_it_is_told_in_chinese_in_the_help_and_in_the_rules(stage: Stage) -> None:
    open_quiz(stage, spelled=False)
    assert stage.say("答题", by="zh").startswith("第1题，共2题：哪一年？")
    assert "想答题请发“答题”。" in stage.say("帮助", by="zh2")
    assert "Send QUIZ for the quiz." in stage.say("help")
    assert "Quiz: 2 questions, each asked once. A right answer within 30 seconds" in stage.say("rules")
    assert "relay" not in stage.say("help") + stage.say("rules")
    assert stage.say("how is the weather").endswith("Send RULES or HELP.")


def test_an_answer_after_its_time_is_refused_and_the_next_question_asked(stage: Stage) -> None:
    open_quiz(stage)
    stage.say("quiz")
    stage.wait(seconds=30)
    assert stage.say("2").startswith("quiz.late\nquiz.question left=20 seconds")
    stage.wait(seconds=19)
    assert stage.say("2").startswith("quiz.right")
    assert points(stage) == [10]
    assert stage.say("quiz").startswith("quiz.done balance=10 of=2 right=1")
    assert wrong(stage) == []


def test_a_question_is_asked_once_and_its_time_goes_on(stage: Stage) -> None:
    open_quiz(stage)
    stage.say("quiz")
    stage.wait(seconds=10)
    assert "left=20 seconds" in (again := stage.say("quiz"))
    assert "number=1" in again
    stage.wait(seconds=20)
    assert "number=2" in stage.say("quiz")
    stage.wait(minutes=40)
    assert stage.say("2").startswith("question.expired")
    assert stage.say("quiz").startswith("quiz.done balance=0 of=2 right=0")


def test_other_words_keep_their_meaning_and_the_question_is_put_again(stage: Stage) -> None:
    open_quiz(stage)
    stage.say("quiz")
    assert "quiz.question" in stage.say("points")
    assert stage.say("7").startswith("question.again\nquiz.question")
    assert stage.say("1936").startswith("quiz.right")


def test_of_two_answers_in_one_turn_the_first_counts(stage: Stage) -> None:
    open_quiz(stage)
    stage.say("quiz")
    stage.take(stage.delivery("1"), stage.delivery("2"), stage.delivery("quiz", by="u2"), stage.delivery("2", by="u2"))
    with stage.sessions() as session:
        rows = {(row.player_id, row.question): row.choice for row in session.scalars(select(QuizAnswer))}
    assert sorted(choice or 0 for choice in rows.values()) == [0, 1, 2, 2]
    assert points(stage) == [10, 10]  # the second text answers the second question
    assert wrong(stage) == []


def test_what_was_answered_at_one_address_is_not_answered_again_at_another(stage: Stage) -> None:
    open_quiz(stage)
    assert stage.say("quiz").startswith("quiz.question")
    stage.say("quiz", by="u2", channel="second")
    link_up(stage, ("u1", "test"), ("u2", "second"))
    assert stage.say("quiz", by="u2", channel="second").startswith("quiz.question left=")
    assert stage.say("1").startswith("quiz.wrong")
    assert stage.say("2", by="u2", channel="second").startswith("quiz.again")
    assert points(stage) == [0, 0]
    assert wrong(stage) == []


def test_what_another_one_was_asked_who_became_this_player_is_not_asked_any_more(stage: Stage) -> None:
    open_quiz(stage)
    assert stage.say("quiz").startswith("quiz.question")
    stage.wait(seconds=1)
    stage.say("quiz", by="u2", channel="second")
    assert "number=2" in stage.say("2", by="u2", channel="second")
    link_up(stage, ("u1", "test"), ("u2", "second"))
    assert stage.say("2", by="u2", channel="second").startswith("quiz.gone\nquiz.question")
    assert points(stage) == [10, 0]
    assert wrong(stage) == []


def test_an_answer_delivered_twice_is_paid_once(stage: Stage) -> None:
    open_quiz(stage)
    stage.say("quiz")
    first = stage.take(stage.delivery("2", id="same"))[0]
    assert stage.take(stage.delivery("2", id="same"))[0].texts == first.texts
    assert points(stage) == [10]
    assert wrong(stage) == []


def test_the_database_keeps_one_answer_to_a_question(stage: Stage) -> None:
    play_quiz(stage)
    with stage.database.begin() as connection, pytest.raises(Exception, match=r"(?i)unique|duplicate"):
        connection.execute(sql_text("INSERT INTO quiz_answers SELECT * FROM quiz_answers"))


def test_the_best_are_those_with_more_right_answers_then_the_faster_ones(stage: Stage) -> None:
    open_quiz(stage, spelled=False)
    for by, wait, second in (("slow", 9, "2"), ("fast", 2, "2"), ("wrong", 1, "1")):
        stage.say("quiz", by=by)
        stage.wait(seconds=wait)
        stage.say("2", by=by)
        stage.say(second, by=by)
    assert stage.say("quiz", by="slow").endswith("1. 2 right in 2.0 s\n2. 2 right in 9.0 s (you)")


def test_a_closed_quiz_takes_no_answer_and_shows_who_won(stage: Stage) -> None:
    play_quiz(stage)
    stage.wait(days=100)
    assert stage.say("quiz").startswith("campaign.over")
    assert "quiz.winner" in stage.say("quiz")


def test_of_two_players_who_become_one_each_answer_stays(stage: Stage) -> None:
    play_quiz(stage)
    link_up(stage, ("u1", "test"), ("u2", "test"))
    assert stage.say("quiz").startswith("quiz.done balance=10 of=2 right=1")
    assert wrong(stage) == []


def test_where_there_is_no_quiz_the_word_says_so(stage: Stage) -> None:
    stage.publish(CAMPAIGN)
    assert stage.say("quiz") == "quiz.none"


def test_a_turn_reads_answers_once_and_only_where_somebody_plays(stage: Stage) -> None:
    play_quiz(stage)
    read: list[str] = []
    event.listen(stage.database, "before_cursor_execute", lambda _to, _cursor, sql, *_told: read.append(sql))

    def reads(*texts: str) -> int:
        read.clear()
        stage.take(*(stage.delivery(text, by=f"n{at}") for at, text in enumerate(texts)))
        return sum(sql.startswith("SELECT") and "quiz_answers" in sql for sql in read)

    assert reads("rules", "help") == 0
    assert reads("quiz", "quiz", "quiz") == 1  # of those who are best: nobody here was asked before
    assert reads("quiz") == reads("quiz", "quiz", "quiz") == 2
    assert reads("2", "2", "1") == 1


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("name", "sql", "says"), QUIZ_TAMPERING, ids=[name for name, _, _ in QUIZ_TAMPERING])
def test_tampering_is_found(scenes: Scenes, backend: str, name: str, sql: str, says: str) -> None:
    with scenes.spoiled(backend, play_quiz, sql) as connection:
        assert any(check.startswith(says) for check in broken(connection))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            QUIZ.replace("answer: 2\n      within", "answer: 3\n      within"),
            "answer: give the number of a choice, 1 to 2",
        ),
        (QUIZ.replace("name: place", "name: year"), "two questions are named year"),
        (QUIZ.replace("within: 30 seconds", "within: 2 hours"), "within: give between 5 seconds and 30 minutes"),
        (QUIZ.replace("winners", "winers"), "(do you mean winners?)"),
        (QUIZ.replace("points: 10 points", "points: 0 points"), "earns nothing; give at least 1 points"),
    ],
)
def test_a_quiz_that_makes_no_sense_is_refused(stage: Stage, text: str, told: str) -> None:
    with pytest.raises(BadCampaign) as refused:
        open_quiz(stage, text)
    assert told in str(refused.value)


def test_the_example_is_a_quiz() -> None:
    rules = check_campaign(read_campaign(EXAMPLE, MECHANICS.sections), MECHANICS.texts(), START)
    quiz = rules.section(QuizRules)
    assert quiz is not None
    assert len(quiz.questions) == 3


def test_what_a_quiz_pays_buys_gifts(stage: Stage) -> None:
    gifts = "gifts: [{name: pen, title: {zh: 笔, en: Pen}, price: 10 points, stock: 5, claim: counter}]\n"
    open_quiz(stage, QUIZ + gifts, spelled=False)
    stage.say("quiz")
    assert stage.say("2").startswith("Right!")
    assert "1. Pen: 10 points" in stage.say("gifts")
    assert stage.say("1").startswith("Pen for 10 points?")
    assert stage.say("yes").startswith("It's yours: Pen!")
    assert wrong(stage) == []
