"""What was held for a player rides on the answer that goes back in the connection, once, in order and whole."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from core.brake import Brake
from core.campaign.publication import change_state
from core.engine.delivery import Delivery, delivery
from core.engine.replies import State, say
from core.engine.unit_of_work import unit_of_work
from core.messages import Answer, Answered, InboundKind, Reply
from core.models import Address, OutboundJob, Outbox
from core.sending.outbound import Category, Delivered, Refused
from tests.engine.test_turn import Statements
from tests.follow_ups.scene import follow_ups
from tests.races.crowd import faults
from tests.sending.rig import ANSWER, MARKETING, NOTICE, NUDGE, OUTLET, REMINDER, Desk, Platform, dispatches, queue
from tests.stage import Stage

pytestmark = pytest.mark.reading

LIMITS = 'quiet: "22:00-08:00"'
PLAYED = follow_ups("name: again, when: 24h after first contact, say: {zh: a, en: a}", limits=LIMITS).replace(
    "channels: [test, second]", "channels: [wechat]"
)
ROOM = 2048
UNVERIFIED = Refused("wechat_48001", elsewhere=True)
_refs = itertools.count(1)


@pytest.fixture
def played(stage: Stage) -> Stage:
    """Somebody has written on an account of a platform that counts rights."""
    stage.publish(PLAYED)
    assert hear(stage).texts[0].startswith("help.answer")
    return stage


def message(
    stage: Stage, text: str = "help", *, by: str = "u1", id: str | None = None, room: int | None = ROOM, **other: object
) -> Delivery:
    """A message whose answer may go back in its connection."""
    plain = stage.message(text, by=by, id=id, channel="wechat")
    usual = {"answer_by": stage.now + timedelta(seconds=3.5), "room_bytes": room}
    return delivery(replace(plain, **{**usual, **other}), stage.keys)  # type: ignore[arg-type]


def hear(stage: Stage, text: str = "help", **where: object) -> Answer:
    (answer,) = stage.take(message(stage, text, **where))  # type: ignore[arg-type]
    return answer


def hold(stage: Stage, *texts: str, category: Category = NOTICE, by: str = "u1", **terms: object) -> None:
    """Say ``texts`` unasked, and let the platform refuse all that is no answer in the connection."""
    key = stage.key(by, channel="wechat")
    with unit_of_work(stage.runtime, stage.now) as work:
        work.lock_address(key)
        (campaign,) = work.rows.campaigns.values()
        for text in texts:
            ref, reply = f"notice:held:{next(_refs)}", Reply("follow_up.said", {"text": text})
            say(
                work.rows,
                work.rows.addresses[key],
                campaign,
                [reply],
                ref=ref,
                state=State.QUEUED,
                at=stage.now,
                category=category,
                **terms,  # type: ignore[arg-type]
            )
    with stage.sessions.begin() as session:
        session.execute(
            update(OutboundJob).where(OutboundJob.state == "due").values(state="held", error="wechat_48001")
        )


def rode(answer: Answer) -> list[str]:
    """What of ``answer`` had been held."""
    told = [text.removeprefix("follow_up.said text=") for text in answer.texts if text.startswith("follow_up.said")]
    assert answer.here == len(answer.texts) or not told
    assert len(answer.texts) == len(answer.sequence) == len(answer.rich)
    return told


def sent_by(sender: Desk, *, works: bool) -> list[str]:
    """What had been held, and is sent now, if the account may send anything."""
    sender.platform.says = lambda _message: Delivered() if works else UNVERIFIED
    before = len(sender.platform.messages)
    sender.rounds()
    texts = [each.text for each in sender.platform.messages[before:] if works]
    return [text.removeprefix("follow_up.said text=") for text in texts if text.startswith("follow_up.said")]


def waits(stage: Stage) -> list[tuple[int, str]]:
    return [(one.category, one.state) for one in dispatches(stage)]


def desk(stage: Stage) -> Desk:
    """A sender of an account that may send no customer-service messages."""
    made = Desk(stage, Platform(replace(OUTLET, channel="wechat")))
    made.platform.says = lambda _message: UNVERIFIED
    return made


def test_what_the_account_cannot_send_rides_on_the_next_answer(played: Stage) -> None:
    sender = desk(played)
    queue(played, "u1", NOTICE, channel="wechat")
    sender.rounds()
    assert waits(played) == [(NOTICE, "held")]
    assert "Sorry" in "".join(hear(played).texts)
    hold(played, "one", "two")
    answer = hear(played)
    assert (rode(answer), answer.here, waits(played)) == (["one", "two"], len(answer.texts), [])
    assert sender.rounds() == 0
    assert rode(hear(played)) == []
    assert faults(played) == []
    with played.sessions() as session:
        assert session.get_one(Address, played.key(channel="wechat")).typed_left == 5


def test_a_late_answer_that_nothing_could_carry_rides_too(played: Stage) -> None:
    sender = desk(played)
    late = message(played, id="late", answer_by=played.now)
    (answer,) = played.take(late)
    assert (answer.here, len(answer.texts)) == (0, 1)
    sender.rounds()
    assert waits(played) == [(ANSWER, "held")]
    answer = hear(played, "points", id="next")
    assert (len(answer.texts), answer.here) == (2, 2)
    (again,) = played.take(late)
    assert (again.how, again.here) == (Answered.REPEATED, 0)  # its own answer is on its other path for ever
    assert (waits(played), faults(played)) == ([], [])


# how many bytes more there are than the answer and one of two texts take, and what rides
ROOMS = [(-1, []), (0, ["one"]), (24, ["one"]), (25, ["one", "two"])]


@pytest.mark.parametrize(("more", "told"), ROOMS)
def test_so_many_ride_as_fit_whole(played: Stage, more: int, told: list[str]) -> None:
    answer = len(hear(played).texts[0].encode())
    hold(played, "one", "two")
    size = len(b"follow_up.said text=one")
    assert size + 2 == 25
    heard = hear(played, room=answer + 2 + size + more)
    assert rode(heard) == told
    assert waits(played) == [(NOTICE, "due")] * (2 - len(told))
    assert faults(played) == []


def test_of_one_kind_nothing_overtakes_but_what_no_answer_has_room_for(played: Stage) -> None:
    own = len(hear(played).texts[0].encode())
    hold(played, "x" * 3000, "long" * 45, "short")
    hold(played, "mine", category=REMINDER)
    assert rode(hear(played, room=own + 100)) == ["mine"]
    desk(played).rounds()
    assert rode(hear(played)) == ["long" * 45, "short"]
    desk(played).rounds()
    assert (waits(played), faults(played)) == ([(NOTICE, "held")], [])


def test_a_delivery_that_comes_again_is_answered_by_the_same(played: Stage) -> None:
    hold(played, "one", "two")
    first, twin = played.take(message(played, id="m"), message(played, id="m"))
    assert (rode(first), first.here) == (["one", "two"], len(first.texts))
    hold(played, "three")
    assert rode(hear(played, id="other")) == ["three"]
    played.wait(days=20)
    later = hear(played, id="m")
    for again in (twin, later):
        assert replace(again, how=Answered.NEW) == first
    assert rode(hear(played, id="other")) == ["three"]
    with played.sessions() as session:
        assert len(session.scalars(select(Outbox.ref).where(Outbox.carried_by.is_not(None))).all()) == 3
    assert faults(played) == []


def test_two_messages_in_one_turn_share_what_is_held(played: Stage) -> None:
    hold(played, *"abcdefgh")
    own = len(hear(played, by="somebody else").texts[0].encode())
    room = own + 5 * 23
    first, second, other = played.take(
        message(played, room=room), message(played, room=room), message(played, by="u2", room=room)
    )
    assert [rode(each) for each in (first, second, other)] == [list("abcde"), list("fgh"), []]
    assert (waits(played), faults(played)) == ([], [])


def test_what_is_held_for_others_stays(played: Stage) -> None:
    hear(played, by="u2")
    hold(played, "one", by="u2")
    assert rode(hear(played)) == []
    assert waits(played) == [(NOTICE, "held")]
    assert rode(hear(played, by="u2")) == ["one"]


def _end(stage: Stage) -> None:
    with stage.sessions.begin() as session:
        change_state(session, "snack", "end")


def _pause(stage: Stage) -> None:
    with stage.sessions.begin() as session:
        change_state(session, "snack", "pause")


def _evening(stage: Stage) -> None:
    stage.wait(hours=11)


def _stop(stage: Stage) -> None:
    (answer,) = stage.take(message(stage, "stop"))
    assert rode(answer) == []


# what happens before the player speaks, what rides then of one text of each kind, and what becomes of the others
POLICY = [
    ("nothing", lambda _stage: None, [NOTICE, REMINDER, NUDGE], {MARKETING: "held"}),
    ("opted out", _stop, [], {REMINDER: "dropped", NUDGE: "dropped", MARKETING: "dropped"}),
    ("in quiet hours", _evening, [NOTICE], {REMINDER: "due", NUDGE: "due", MARKETING: "due"}),
    ("paused", _pause, [NOTICE, REMINDER], {NUDGE: "due", MARKETING: "due"}),
    ("ended", _end, [NOTICE, REMINDER], {NUDGE: "dropped", MARKETING: "dropped"}),
    ("out of date", lambda stage: stage.wait(days=8), [NOTICE], dict.fromkeys((REMINDER, NUDGE, MARKETING), "dropped")),
]


@pytest.mark.parametrize(("before", "rides", "rest"), [row[1:] for row in POLICY], ids=[row[0] for row in POLICY])
def test_the_policy_holds_for_what_rides(played: Stage, before, rides: list[Category], rest: dict[int, str]) -> None:
    kinds = (NOTICE, REMINDER, NUDGE, MARKETING)
    for category in kinds:
        hold(played, category.name, category=category)
    if before is _stop:  # what nobody asked for does not even ride on the answer to STOP
        (answer,) = played.take(message(played, "stop"))
        assert rode(answer) == ["NOTICE"]
    else:
        before(played)
        assert rode(hear(played)) == [category.name for category in rides]
    assert {category for category, _ in waits(played)} == set(kinds) - {NOTICE, *rides}
    desk(played).rounds()
    assert dict(waits(played)) == rest
    assert faults(played) == []


def test_a_notice_that_is_out_of_date_does_not_ride(played: Stage) -> None:
    hold(played, "old", expires_at=played.now + timedelta(hours=1))
    hold(played, "new", expires_at=played.now + timedelta(hours=1, seconds=1))
    played.wait(hours=1)
    assert rode(hear(played)) == ["new"]
    desk(played).rounds()
    assert waits(played) == [(NOTICE, "dropped")]


# what of the message or its answer makes that nothing rides, and the state in which what was held is then
NOTHING_RIDES = [
    ("too late", {"answer_by": None, "late": True}, "due"),
    ("no time is known", {"answer_by": None}, "due"),
    ("no room is known", {"room": None}, "due"),
    ("the sender has it", {"waits": False}, "due"),
    ("the answer has no room", {"room": 20}, "due"),
    ("left", {"kind": InboundKind.LEFT}, "held"),
    ("agreed, which is answered by nothing", {"kind": InboundKind.AGREED, "text": "template-9"}, "due"),
]


@pytest.mark.parametrize(("how", "state"), [row[1:] for row in NOTHING_RIDES], ids=[row[0] for row in NOTHING_RIDES])
def test_nothing_rides_but_on_an_answer_in_the_connection(played: Stage, how: dict[str, object], state: str) -> None:
    hold(played, "one")
    if how.get("late"):
        how = {"answer_by": played.now}
    text = str(how.get("text", "help"))
    answer = hear(played, text, **{name: value for name, value in how.items() if name != "text"})
    assert rode(answer) == []
    assert (NOTICE, state) in waits(played)
    assert faults(played) == []


def test_who_is_answered_too_often_is_told_nothing_either(played: Stage) -> None:
    hold(played, "one")
    played.brake = Brake(0, 0)
    assert hear(played, "well").texts == ()
    assert waits(played) == [(NOTICE, "due")]


def test_a_bad_message_of_the_turn_takes_nothing_along(played: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    hold(played, "one")
    bad = message(played, "boom", by="bad")
    routes = tuple(replace(each, handle=_broken) if each.name == "unknown" else each for each in played.routes)
    played.routes = routes
    answers = played.take(bad, message(played))
    assert [each.how for each in answers] == [Answered.FAILED, Answered.NEW]
    assert rode(answers[1]) == ["one"]
    assert waits(played) == []


def _broken(*_: object) -> list[Reply]:
    raise ZeroDivisionError


def test_a_text_that_nobody_can_open_here_stays(played: Stage) -> None:
    hold(played, "one")
    with played.sessions.begin() as session:
        session.execute(update(Outbox).where(Outbox.state == "queued").values(text_sealed=b"\x09" * 40))
    assert rode(hear(played)) == []
    assert waits(played) == [(NOTICE, "due")]


def test_a_turn_asks_no_more_where_nothing_is_held_and_the_same_for_many(played: Stage) -> None:
    for number in range(9):
        hear(played, by=f"p{number}")
    watch = Statements(played)
    asked = []
    for held, speaking in ((0, 1), (1, 1), (4, 8)):
        for number in range(held):
            hold(played, *"ab", by=f"p{number}")
            hold(played, "c", category=NUDGE, by=f"p{number}")
        with watch.counted() as seen:
            answers = played.take(*(message(played, by=f"p{number}") for number in range(speaking)))
            asked.append(len(seen))
        assert [rode(each) for each in answers] == [["a", "b", "c"] if n < held else [] for n in range(speaking)]
    none, one, many = asked
    assert one == many
    # What is held, its campaigns, what rides, and the end of its dispatches; on PostgreSQL and on SQLite alike.
    assert one - none == 4


STEPS = st.one_of(
    st.tuples(st.just("hold"), st.integers(1, 3)),
    st.tuples(st.just("speak"), st.integers(0, 400)),
    st.tuples(st.just("late"), st.just(0)),
    st.tuples(st.just("again"), st.integers(0, 9)),
    st.tuples(st.just("send"), st.integers(0, 1)),
)


@settings(max_examples=6)
@example([("hold", 1), ("late", 0), ("hold", 2), ("late", 0), ("hold", 1), ("late", 0)])
@given(st.lists(STEPS, min_size=6, max_size=14))
def test_whatever_comes_between_each_text_is_said_once(stage: Stage, steps: list[tuple[str, int]]) -> None:
    """In the connection or by the sender, in order; and what is delivered again is answered as it was."""
    with stage.sessions() as session:
        published = bool(stage.shelf.read(session))
    if not published:
        stage.publish(PLAYED)
    by, said, held = f"p{next(_refs)}", list[str](), list[str]()
    sender, answers = desk(stage), list[tuple[Delivery, Answer]]()
    own = len(hear(stage, by=by).texts[0].encode())

    def speak(room: int, **other: object) -> None:
        taken = message(stage, by=by, room=own + room, id=f"m{next(_refs)}", **other)
        (answer,) = stage.take(taken)
        assert len("\n\n".join(answer.texts[: answer.here]).encode()) <= own + room
        said.extend(rode(answer))
        answers.append((taken, answer))

    for step, number in steps:
        if step == "hold":
            new = [f"{next(_refs)}" * (1 + each) for each in range(number)]
            hold(stage, *new, by=by)
            held += new
        elif step == "speak":
            speak(number)
        elif step == "late":
            speak(0, answer_by=stage.now)
        elif step == "again" and answers:
            taken, answer = answers[number % len(answers)]
            (told,) = stage.take(taken)
            assert replace(told, how=Answered.NEW) == answer
        elif step == "send":
            said += sent_by(sender, works=bool(number))
    for _ in range(9):  # each word gives five rights
        speak(2000)
        said += sent_by(sender, works=True)
    assert said == held
    assert (waits(stage), faults(stage)) == ([], [])
