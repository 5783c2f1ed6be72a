"""Long messages whose parts come by requests of their own: one message, whatever their order, and answered once."""

import itertools
import threading
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.blame import Unavailable
from core.engine.delivery import delivery
from core.messages import InboundMessage
from core.models import MessagePart
from core.parts import WHOLE, Part, forget_parts, join, possible, say_late
from tests.stage import Stage
from tests.talking import faults

WORDS = ("po", "in", "ts")


def part(stage: Stage, place: int, text: str | None = None, *, of: str = "a", total: int = 3) -> InboundMessage | None:
    """Part ``place`` of message ``of`` comes; the whole message, when this was the last."""
    said = WORDS[place - 1] if text is None else text
    message = InboundMessage.received(("test", "main", "u1"), f"{of}-{place}", said, stage.now, waits=True)
    return join(stage.runtime.sessions, stage.keys, message, Part("7", total, place))


def come(stage: Stage, places: Sequence[int], **given: str) -> list[InboundMessage]:
    return [whole for place in places if (whole := part(stage, place, **given)) is not None]


@pytest.mark.parametrize("order", list(itertools.permutations((1, 2, 3))))
def test_parts_are_one_message_in_any_order(stage: Stage, order: tuple[int, ...]) -> None:
    (whole,) = come(stage, order)
    assert (whole.text, whole.user, whole.waits) == ("points", "u1", False)


def test_parts_that_come_again_are_the_same_message_and_answered_once(stage: Stage) -> None:
    stage.publish()
    wholes = come(stage, (2, 2, 1, 3, 3, 1, 2))
    assert {whole.external_id for whole in wholes} == {wholes[0].external_id}
    answers = stage.take(*(delivery(whole, stage.keys) for whole in wholes))
    assert [answer.how for answer in answers].count("new") == 1
    assert faults(stage) == []


def test_two_processes_that_hear_the_last_parts_at_one_moment_lose_none(stage: Stage) -> None:
    found: list[InboundMessage | None] = []
    threads = [threading.Thread(target=lambda place=place: found.append(part(stage, place))) for place in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    wholes = [whole for whole in found if whole is not None]
    assert {whole.text for whole in wholes} == {"points"}


def test_the_reference_of_one_message_is_taken_by_the_next(stage: Stage) -> None:
    (first,) = come(stage, (1, 2, 3))
    assert come(stage, (1, 2), of="b") == []
    (second,) = come(stage, (3,), of="b")
    assert second.text == "points"
    assert second.external_id != first.external_id
    assert part(stage, 1, "other", total=2) is None, "of how many they are tells messages apart, too"


def test_what_has_come_is_said_when_the_rest_has_not(stage: Stage) -> None:
    stage.publish()
    assert come(stage, (1, 2)) == []
    assert say_late(stage.runtime, stage.now + WHOLE - timedelta(seconds=1)) == 0
    stage.wait(minutes=3)
    assert say_late(stage.runtime, stage.now) == 1
    assert say_late(stage.runtime, stage.now) == 0
    with stage.sessions() as session:
        assert session.scalar(select(func.count()).select_from(MessagePart).where(MessagePart.said_at.is_(None))) == 0
    assert len(stage.told()) == 1
    assert part(stage, 3) is None, "it belongs to what was said without it"
    stage.wait(minutes=11)
    assert come(stage, (3, 1), of="b") == []
    (whole,) = come(stage, (2,), of="b")
    assert whole.text == "points"
    assert faults(stage) == []


def test_parts_are_forgotten_after_a_day(stage: Stage) -> None:
    come(stage, (1, 2, 3))
    stage.wait(hours=25)
    forget_parts(stage.sessions, stage.now)
    with stage.sessions() as session:
        assert session.scalar(select(func.count()).select_from(MessagePart)) == 0


def test_words_are_not_readable_in_the_database(stage: Stage) -> None:
    part(stage, 1, "ABCD EFGH JKMN")
    with stage.sessions() as session:
        row = session.scalars(select(MessagePart)).one()
    assert b"ABCD" not in row.sealed
    assert b"u1" not in row.sealed


def test_a_database_that_is_away_lets_the_part_come_again(stage: Stage) -> None:
    stage.database.dispose()
    with pytest.raises(Unavailable):
        join(
            Away,
            stage.keys,
            InboundMessage.received(("test", "main", "u1"), "1", "a", stage.now, waits=True),
            Part("7", 2, 1),
        )  # type: ignore[arg-type]


class Away:
    @staticmethod
    def begin() -> object:
        raise ConnectionError("away")


@given(st.text(max_size=4), st.text(max_size=4), st.text(max_size=4))
def test_what_says_nothing_of_parts_stands_alone(reference: str, total: str, place: str) -> None:
    found = possible(reference, total, place)
    assert found is None or 1 <= found.place <= found.total <= 255


STRANGE = [
    ("7", "1", "1"),
    ("7", "0", "0"),
    ("7", "2", "3"),
    ("7", "2", "0"),
    ("", "2", "1"),
    ("7", "256", "1"),
    ("7", None, "1"),
    ("7", "²", "1"),
]


@pytest.mark.parametrize(("reference", "total", "place"), STRANGE)
def test_an_impossible_part_stands_alone(reference: str, total: str | None, place: str) -> None:
    assert possible(reference, total, place) is None
