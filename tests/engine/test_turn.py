"""The turn: one transaction, one answer a message, whatever is repeated, broken or cut."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from core.blame import Unavailable
from core.engine import failures
from core.engine.failures import take_turn_safely
from core.engine.routes import Requires, Route
from core.engine.turn import take_turn
from core.inbox import failed_messages
from core.messages import Answered, Reply
from core.models import Inbox, Outbox
from core.speech.keywords import Means
from handlers import MECHANICS
from handlers.codes.tables import Redemption
from tests.soundness import audit
from tests.stage import CAMPAIGN, Stage

SURE = (
    CAMPAIGN.replace("1/1000000000", "1/1").replace("stock: 10", "stock: 10000, weight: 1").replace("2999 CNY", "1 CNY")
)


class Statements:
    """Counts what the database is asked."""

    def __init__(self, stage: Stage) -> None:
        self._database = stage.database
        self.seen: list[str] = []

    def _note(self, _connection, _cursor, statement, *_rest) -> None:
        self.seen.append(statement)

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        self.seen.clear()
        event.listen(self._database, "before_cursor_execute", self._note)
        try:
            yield self.seen
        finally:
            event.remove(self._database, "before_cursor_execute", self._note)


def _sound(stage: Stage) -> bool:
    return not any(faults for _, faults in audit(stage.database, stage.keys, MECHANICS.checks))


@pytest.mark.parametrize("campaign", [CAMPAIGN, SURE], ids=["nobody wins", "everybody wins"])
def test_a_turn_asks_the_same_number_of_queries_whatever_its_size(stage: Stage, campaign: str) -> None:
    stage.publish(campaign)
    codes = stage.codes(129)
    known = [stage.delivery(code, by=f"p{number}") for number, code in enumerate(codes[:64])]
    stage.take(*known)
    watch = Statements(stage)
    with watch.counted() as small:
        stage.take(stage.delivery(codes[64], by="p0"))
        one = list(small)
    with watch.counted() as large:
        stage.take(*[stage.delivery(code, by=f"p{number}") for number, code in enumerate(codes[65:])])
        many = list(large)
    assert len(one) == len(many)
    assert len(one) <= 16  # with the BEGIN that SQLite is told


def test_a_turn_writes_of_an_address_what_has_changed(stage: Stage) -> None:
    stage.publish()
    first, second = stage.codes(2)
    stage.say(first)
    stage.say("rules")
    stage.wait(minutes=1)
    with Statements(stage).counted() as asked:
        stage.say(second)
    (written,) = [each for each in asked if each.startswith("UPDATE addresses")]
    columns = re.split(" FROM | WHERE ", " ".join(written.split()))[0]
    assert re.findall(r"(\w+) ?=", columns) == ["said_count", "heard_at"]


def test_a_hot_handler_asks_nothing(stage: Stage) -> None:
    watch = Statements(stage)
    asked: list[int] = []

    def watched(route: Route) -> Route:
        def handle(ctx, intent):
            before = len(watch.seen)
            replies = route.handle(ctx, intent)
            asked.append(len(watch.seen) - before)
            return replies

        return Route(route.name, route.recognise, handle, route.sets_language)

    stage.routes = tuple(watched(route) for route in MECHANICS.routes)
    stage.publish(SURE)
    (code,) = stage.codes(1)
    said = [code, code, code[:-1] + "U", "points", "积分", "rules", "help", "中文", "hello?", "0000-0000-0000"]
    with watch.counted() as statements:
        stage.take(*[stage.delivery(text) for text in said])
        assert statements
    assert asked == [0] * len(said)


def test_every_order_of_four_deliveries_gives_one_answer(stage: Stage) -> None:
    stage.publish()
    (code,) = stage.codes(1)
    answers = stage.take(*[stage.delivery(code, id="m1") for _ in range(4)])
    answers += stage.take(*[stage.delivery(code, id="m1") for _ in range(4)])
    assert [answer.how for answer in answers] == [Answered.NEW] + [Answered.REPEATED] * 7
    assert {answer.texts for answer in answers} == {answers[0].texts}
    assert {answer.sequence for answer in answers} == {(1,)}
    with stage.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Inbox)) == 1
        assert session.scalar(select(func.count()).select_from(Outbox)) == 1


def test_the_same_id_with_another_body_is_refused(stage: Stage) -> None:
    stage.publish()
    first, second = stage.codes(2)
    assert stage.say(first, id="m1").startswith("redeem.points")
    assert stage.say(second, id="m1") == "tampered"
    answers = stage.take(stage.delivery(first, id="m2"), stage.delivery(second, id="m2"))
    assert [answer.how for answer in answers] == [Answered.NEW, Answered.TAMPERED]
    assert stage.say(second, id="m3").startswith("redeem.points")


def test_the_same_id_of_two_senders_is_two_messages(stage: Stage) -> None:
    stage.publish()
    first, second = stage.codes(2)
    answers = stage.take(stage.delivery(first, id="m1", by="u1"), stage.delivery(second, id="m1", by="u2"))
    assert [answer.how for answer in answers] == [Answered.NEW] * 2


class Boom(Exception):
    pass


def _explode(_ctx, _intent):
    raise Boom("a player's own words, which no log may keep")


class _Bad:
    requires = Requires()


EXPLOSIVE = (Route("bad", Means(_Bad(), "boom"), _explode), *MECHANICS.routes)


def test_one_bad_message_spoils_no_other_turn(stage: Stage) -> None:
    stage.publish()
    stage.routes = EXPLOSIVE
    codes = stage.codes(20)
    deliveries = [stage.delivery(code, by=f"p{number}") for number, code in enumerate(codes)]
    deliveries.insert(7, stage.delivery("boom", by="p7", id="bad"))
    answers = stage.take(*deliveries)
    assert answers[7].how is Answered.FAILED
    assert answers[7].texts == (
        "Sorry, something went wrong on our side. Nothing is lost: we are on it and will get back to you.",
    )
    assert [answer.how for place, answer in enumerate(answers) if place != 7] == [Answered.NEW] * 20
    assert stage.take(stage.delivery("boom", by="p7", id="bad"))[0].texts == answers[7].texts
    assert _sound(stage)


def test_a_failure_that_cannot_be_recorded_spoils_no_other_turn(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.publish()
    stage.routes = EXPLOSIVE
    (code,) = stage.codes(1)

    def broken(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr(failures, "_write_failure", broken)
    bad, good = stage.take(stage.delivery("boom", by="p1", id="bad"), stage.delivery(code, by="p2"))
    assert isinstance(bad, Unavailable)
    assert good.texts == ("redeem.points balance=10 points=10",)
    monkeypatch.undo()
    assert stage.take(stage.delivery("boom", by="p1", id="bad"))[0].how is Answered.FAILED


def test_a_failed_message_can_be_replayed_once(stage: Stage) -> None:
    stage.publish()
    stage.routes = EXPLOSIVE
    polite = stage.say("boom", id="bad")
    with stage.sessions() as session:
        (failed,) = failed_messages(session, stage.keys)
    assert "Boom" in failed.error
    assert "words" not in failed.error
    assert failed.delivery.message.text == "boom"
    assert stage.take(failed.delivery)[0].how is Answered.FAILED
    stage.routes = MECHANICS.routes
    answers = [stage.take(failed.delivery)[0] for _ in range(2)]
    assert [answer.how for answer in answers] == [Answered.NEW, Answered.REPEATED]
    assert answers[0].texts == ("unknown.answer",)
    assert stage.say("boom", id="bad") == polite
    with stage.sessions() as session:
        assert failed_messages(session, stage.keys) == []
        states = session.scalars(select(Outbox.state).order_by(Outbox.sequence)).all()
    assert states == ["answered", "queued"]
    assert _sound(stage)


def _cut(stage: Stage, monkeypatch: pytest.MonkeyPatch, *, after_commit: bool, times: int) -> list[int]:
    """Make the link break around COMMIT, so often; the real transaction commits or not as the name says."""
    calls: list[int] = []
    real = failures.take_turn

    def broken(runtime, deliveries):
        calls.append(len(deliveries))
        if len(calls) <= times:
            if after_commit:
                real(runtime, deliveries)
            raise OperationalError(
                "COMMIT", None, Exception("server closed the connection"), connection_invalidated=True
            )
        return real(runtime, deliveries)

    monkeypatch.setattr(failures, "take_turn", broken)
    return calls


@pytest.mark.parametrize("after_commit", [False, True], ids=["before COMMIT", "after COMMIT was sent"])
def test_a_cut_link_pays_once(stage: Stage, monkeypatch: pytest.MonkeyPatch, after_commit: bool) -> None:
    stage.publish()
    codes = stage.codes(3)
    calls = _cut(stage, monkeypatch, after_commit=after_commit, times=2)
    answers = stage.take(*[stage.delivery(code, by=f"p{n}") for n, code in enumerate(codes)])
    assert calls == [3, 3, 3]
    assert [answer.texts for answer in answers] == [("redeem.points balance=10 points=10",)] * 3
    with stage.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Redemption)) == 3
    assert _sound(stage)


def test_a_database_that_stays_away_is_said_so(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.publish()
    _cut(stage, monkeypatch, after_commit=False, times=100)
    pauses: list[float] = []
    (outcome,) = take_turn_safely(stage.runtime, [stage.delivery("hi")], pauses.append)
    assert isinstance(outcome, Unavailable)
    assert pauses == sorted(pauses)
    assert len(pauses) == failures.TRIES - 1


def test_answers_are_rendered_once_and_kept(stage: Stage) -> None:
    stage.publish(spelled=False)
    first = stage.say("rules", id="m1")
    stage.publish(CAMPAIGN.replace("Open a bag", "Another name"), spelled=False)
    assert stage.say("rules", id="m1") == first
    assert "Another name" in stage.say("rules", id="m2")


def test_two_texts_of_one_answer_keep_their_order(stage: Stage) -> None:
    class Twice:
        requires = Requires()

    twice = Route(
        "twice", Means(Twice(), "twice"), lambda _ctx, _intent: [Reply("help.none"), Reply("language.changed")]
    )
    stage.routes = (twice, *MECHANICS.routes)
    (answer,) = stage.take(stage.delivery("twice", id="m1"))
    assert answer.sequence == (1, 2)
    assert stage.take(stage.delivery("twice", id="m1"))[0].texts == answer.texts


def test_two_senders_of_one_code_in_one_turn_need_no_second_try(stage: Stage) -> None:
    stage.publish(CAMPAIGN)
    (code,) = stage.codes(1)
    first, second = take_turn(stage.runtime, [stage.delivery(code), stage.delivery(code, by="u2")])
    assert (first.texts, second.texts) == (("redeem.points balance=10 points=10",), ("redeem.used",))
