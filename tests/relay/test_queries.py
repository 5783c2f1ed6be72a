"""Turns of the relay ask the database the same, whatever their size; its handlers ask nothing."""

from dataclasses import replace

import pytest

from core.engine.routes import Route
from handlers import MECHANICS
from handlers.relay.rollup import roll_up
from tests.engine.test_turn import Statements
from tests.relay.torchbearers import RELAY, param
from tests.stage import Stage

RELAY_TURNS = {
    "torch": ("torch", "relay.granted"),
    "join": ("WORD", "relay.granted"),
    "relight": ("relight", "relay.none"),
    "board": ("board", "board."),
    "code": ("CODE", "redeem.counted"),
    "name": ("my name is Bo", "name.taken"),
}


@pytest.mark.parametrize("words", RELAY_TURNS)
def test_turns_of_the_relay_ask_the_same_whatever_their_size(stage: Stage, words: str) -> None:
    stage.publish(RELAY.replace("quota_per_day: 3", "quota_per_day: 1000"))
    owners = [param(stage.say("torch", by=f"a{number}"), "word") for number in range(8)]
    stage.take(*[stage.delivery("my invites", by=f"p{number}") for number in range(33)])
    roll_up(stage.runtime)
    text, answer = RELAY_TURNS[words]
    codes = iter(stage.codes(33, "torch") if text == "CODE" else ())
    said = [next(codes, owners[number % 8] if text == "WORD" else text) for number in range(33)]
    watch = Statements(stage)
    with watch.counted() as seen:
        answers = stage.take(stage.delivery(said[0], by="p0"))
        one = list(seen)
    with watch.counted() as seen:
        answers += stage.take(*[stage.delivery(each, by=f"p{number}") for number, each in enumerate(said[1:], start=1)])
        many = list(seen)
    assert all(each.texts[0].startswith(answer) for each in answers)
    assert len(one) == len(many)
    assert len(one) <= 30


def test_handlers_of_the_relay_ask_nothing(stage: Stage) -> None:
    watch = Statements(stage)
    asked: list[int] = []

    def watched(route: Route) -> Route:
        def handle(ctx, intent):
            before = len(watch.seen)
            replies = route.handle(ctx, intent)
            asked.append(len(watch.seen) - before)
            return replies

        return replace(route, handle=handle)

    stage.routes = tuple(watched(route) for route in MECHANICS.routes)
    stage.publish(RELAY)
    word = param(stage.say("torch", by="a"), "word")
    said = [word, "torch", "perk", "relight", "board", "my name is Bo", "invite", "my invites", "13900000001", "1"]
    with watch.counted() as statements:
        stage.take(*[stage.delivery(text) for text in said])
        assert statements
    assert asked == [0] * (len(said) + 1)
