"""Wishes that are dealt with in any order, over linked addresses: the last one in time counts, as if none was late."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core.consent import Event, How, Linking, Wish, played
from core.engine.delivery import Delivery
from core.messages import InboundKind
from core.models import Address, OutboundJob
from core.sending.backoff import Backoff, RetryPolicy
from core.sending.delivery_reports import DeliveryReport, DeliveryStatus, take_reports
from core.sending.jobs import ClaimedJob
from core.sending.outbound import Delivered, Refused
from core.sending.settle import settle
from tests.sending.rig import NOTICE, OUTLET, queue
from tests.stage import START, Stage
from tests.talking import faults

PLACES = ("test", "second", "third")
_people = itertools.count(1)


def _address(stage: Stage, by: str = "u1", channel: str = "test") -> Address:
    with stage.sessions() as session:
        return session.get_one(Address, stage.key(by, channel=channel))


def test_a_start_that_is_dealt_with_late_undoes_no_later_stop(stage: Stage) -> None:
    stage.publish()
    stage.say("stop")
    stage.wait(hours=1)
    start = stage.delivery("start")
    stage.wait(hours=1)
    stage.say("stop")
    stage.take(start)
    assert _address(stage).opted_out_at is not None
    assert faults(stage) == []


def test_a_stop_that_is_dealt_with_late_undoes_no_later_start(stage: Stage) -> None:
    stage.publish()
    stage.say("stop")
    stop = stage.delivery("stop")
    stage.wait(hours=1)
    stage.say("start")
    (answer,) = stage.take(stop)
    assert answer.texts == (), "nothing has changed, so there is nothing to confirm"
    assert _address(stage).opted_out_at is None
    assert faults(stage) == []


@pytest.mark.parametrize("text", ["START", "yes"])
def test_a_stop_that_is_overtaken_by_a_start_is_over(stage: Stage, text: str) -> None:
    """Whoever said START when nothing had been heard of the STOP before it hears us again."""
    stage.publish()
    stop = stage.delivery("stop")
    stage.wait(seconds=1)
    stage.say(text)
    stage.take(stop)
    assert _address(stage).opted_out_at is None
    assert faults(stage) == []


def test_a_leave_that_is_dealt_with_late_moves_no_later_one(stage: Stage) -> None:
    """Left at 0, back at 1, left at 2: whatever comes first, nothing arrives there since 2."""
    for order in itertools.permutations(range(3)):
        stage.now, by = START, f"p{next(_people)}"
        made = []
        for kind in (InboundKind.LEFT, InboundKind.CAME, InboundKind.LEFT):
            made.append(stage.delivery("", by=by, kind=kind))
            stage.wait(hours=1)
        for number in order:
            stage.take(made[number])
        assert _address(stage, by).gone_at == START + timedelta(hours=2), order
    assert faults(stage) == []


def test_a_link_that_comes_after_all_before_it_opts_out_the_other_side(stage: Stage) -> None:
    stage.publish()
    stage.say("stop")
    stage.wait(seconds=1)
    word = stage.say("link").split("word=")[1]
    stage.say("start", channel="second")
    stage.wait(seconds=1)
    assert stage.say(word, channel="second").startswith("link.linked")
    assert _is_out(stage, "u1", "second")
    stage.wait(seconds=1)
    stage.say("start", channel="second")
    stage.wait(seconds=1)
    assert (_is_out(stage, "u1", "test"), _is_out(stage, "u1", "second")) == (True, False)
    word = stage.say("link").split("word=")[1]
    assert stage.say(word, channel="second").startswith("link.known")
    assert not _is_out(stage, "u1", "second"), "they were one before"
    assert faults(stage) == []


class Act(NamedTuple):
    """Something that somebody does at a place; a link is made with the word of another one."""

    what: str
    place: int
    other: int = 0


_VERDICTS = ["refused", "reported"]
"""The platform's own, with the answer to a send and in a receipt that comes whenever it comes."""
_ACTS = st.one_of(
    st.builds(Act, st.sampled_from(_VERDICTS), st.integers(0, 2)),
    st.builds(Act, st.sampled_from(["stop", "start", "yes", "left", "back", "came", "退订谢谢"]), st.integers(0, 2)),
    st.tuples(st.integers(0, 2), st.integers(1, 2)).map(lambda two: Act("link", two[0], (two[0] + two[1]) % 3)),
)


def _expected(acts: Sequence[Act]) -> set[int]:
    """Who has opted out in the end, when everything is dealt with in its order."""
    out, shut, person = set[int](), set[int](), {place: {place} for place in range(3)}
    for what, place, other in acts:
        match what:
            case "stop" | "退订谢谢":
                out |= person[place]
                shut -= person[place]
            case "left" | "refused" | "reported":
                shut |= {place} - out
                out.add(place)
            case "back":
                out -= {place} & shut
                shut.discard(place)
            case "start" | "yes":
                out.discard(place)
                shut.discard(place)
            case "link" if other not in person[place]:
                both = person[place] | person[other]
                person |= dict.fromkeys(both, both)
                shut -= both if (out - shut) & both else set()
                out |= both if out & both else set()
    return out


def _verdict(stage: Stage, by: str, act: Act, *, gone: bool) -> Callable[[], object]:
    """What brings a platform's verdict of this moment, whenever it is called."""
    channel, at = PLACES[act.place], stage.now
    outlet = replace(OUTLET, channel=channel)
    queue(stage, by, NOTICE, channel=channel)
    with stage.sessions.begin() as session:
        key = stage.key(by, channel=channel)
        mine = select(OutboundJob).where(OutboundJob.address_key == key).order_by(OutboundJob.sequence.desc()).limit(1)
        text = session.scalars(mine).one()
        text.state, text.taken_at, text.tries = "sending", at, 1
        taken = ClaimedJob(key, text.sequence, at, text.ref, text.part, b"", None, b"", at, None, NOTICE)
    retries = RetryPolicy(outlet, Backoff(), stage.randomness)
    if act.what == "refused":
        refused = Refused("21610", unreachable=gone, unwanted=True)
        return lambda: settle(stage.sessions, stage.keys, retries, [(taken, refused)], stage.now)
    name = f"R{next(_people)}"
    settle(stage.sessions, stage.keys, retries, [(taken, Delivered((name,)))], at)
    told = DeliveryReport(
        channel, "main", DeliveryStatus.FAILED, (name,), error="21610", unreachable=gone, unwanted=True, at=at
    )
    return lambda: take_reports(stage.sessions, [told], stage.now)


def _delivery(stage: Stage, by: str, act: Act, words: list[str]) -> Delivery:
    match act.what:
        case "link":
            text, kind = words.pop(), InboundKind.TYPED
        case "left" | "back" | "came":
            text, kind = "", InboundKind(act.what)
        case text:
            kind = InboundKind.TYPED
    return stage.delivery(text, by=by, channel=PLACES[act.place], kind=kind)


def test_every_order_ends_as_the_order_of_time(stage: Stage) -> None:
    @settings(max_examples=20, phases=[Phase.explicit, Phase.reuse, Phase.generate])
    @given(data=st.data(), acts=st.lists(_ACTS, min_size=2, max_size=7))
    def in_any_order(data: st.DataObject, acts: list[Act]) -> None:
        stage.now, by = START + timedelta(days=next(_people)), f"p{next(_people)}"
        words = [[_word(stage, by, act.other)] if act.what == "link" else [] for act in acts]
        arrivals: list[Delivery | Callable[[], object]] = []
        for act, word in zip(acts, words, strict=True):
            stage.wait(seconds=1)
            verdict = act.what in _VERDICTS
            arrivals.append(
                _verdict(stage, by, act, gone=data.draw(st.booleans())) if verdict else _delivery(stage, by, act, word)
            )
        order = data.draw(st.permutations(arrivals))
        while order:
            size = data.draw(st.integers(1, len(order)))
            stage.take(*(each for each in order[:size] if isinstance(each, Delivery)))
            for tell in order[:size]:
                if not isinstance(tell, Delivery):
                    tell()
            order = order[size:]
        out = {place for place, channel in enumerate(PLACES) if _is_out(stage, by, channel)}
        assert out == _expected(acts)

    in_any_order()
    assert faults(stage) == []


def _word(stage: Stage, by: str, place: int) -> str:
    """A link word of a place; no two of one turn come from one message."""
    return stage.say("link", by=by, channel=PLACES[place]).split(": ")[1].split(".")[0]


def _is_out(stage: Stage, by: str, channel: str) -> bool:
    with stage.sessions() as session:
        found = session.get(Address, stage.key(by, channel=channel))
        return found is not None and found.opted_out_at is not None


_KEYS = st.sampled_from([b"a", b"b", b"c"])
_TIMES = st.integers(0, 3).map(lambda second: START + timedelta(seconds=second))
_EVENTS = st.one_of(
    st.builds(
        Wish, _KEYS, st.text("019", min_size=1, max_size=2), _TIMES, st.sampled_from(["out", "in"]), st.just("word")
    ),
    st.builds(Linking, _KEYS, st.text("019", min_size=1, max_size=2), _TIMES, _KEYS),
)


def _said_by(event: Event) -> tuple[bytes, str]:
    return event.address, event.external_id


@given(data=st.data(), events=st.lists(_EVENTS, max_size=8, unique_by=_said_by))
def test_no_order_changes_what_was_wished_even_within_an_instant(data: st.DataObject, events: list[Event]) -> None:
    assert played(data.draw(st.permutations(events))) == played(events)


@pytest.mark.parametrize("how", ["left", "refused"])
def test_who_leaves_one_address_has_left_that_one_alone(how: How) -> None:
    at: datetime = START
    linked, left = Linking(b"a", "1", at, b"b"), Wish(b"b", "2", at + timedelta(seconds=1), "out", how)
    assert set(played([linked, left]).out) == {b"b"}


def test_of_one_instant_the_later_id_counts() -> None:
    """Telegram and WeChat count their messages upwards: 10 came after 9."""
    at: datetime = START
    stop, start = Wish(b"a", "9", at, "out", "word"), Wish(b"a", "10", at, "in", "word")
    assert played([start, stop]).out == {}
