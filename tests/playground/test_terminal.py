"""A conversation in a terminal."""

from collections.abc import Sequence
from concurrent.futures import Future

import pytest

from bots.base import Said
from bots.terminal.chat import chat, printable
from core.engine.engine import Busy, Engine
from core.messages import Answer, InboundMessage, NotAMessage
from core.outbox import collect
from handlers.points.verbs import correct
from tests.playground.rig import PLAYED
from tests.stage import START, Stage

pytestmark = pytest.mark.reading


class Terminal:
    """Types lines; a callable among them happens at that moment."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.written: list[str] = []

    def chat(self, *lines: object, user: str = "me") -> list[str]:
        typed, self.written = iter(lines), []
        engine = Engine(self.stage.runtime)

        def read_line() -> str:
            for line in typed:
                if isinstance(line, str):
                    return line
                line()  # type: ignore[operator]
            raise EOFError

        try:
            chat(engine.submit, self.fetch, lambda: self.stage.now, user, read_line, self.written.append)
        finally:
            engine.close()
        return self.written

    def fetch(self, address: tuple[str, str, str], after: int) -> Sequence[Said]:
        return collect(self.stage.sessions, self.stage.keys, self.stage.keys.address_key(*address), after)

    def tell(self) -> None:
        key = self.stage.keys.address_key("terminal", "demo", "me")
        correct(self.stage.runtime, key, "snack", 5, ref="r1", note="sorry", at=self.stage.now)


@pytest.fixture
def terminal(stage: Stage) -> Terminal:
    stage.publish(PLAYED)
    return Terminal(stage)


def test_every_line_is_a_message_of_its_own(terminal: Terminal) -> None:
    (code,) = terminal.stage.codes(1)
    written = terminal.chat(code, code, "")
    assert written[:2] == ["redeem.points balance=10 points=10", "redeem.used_by_you"]
    assert len(written) == 3


def test_what_was_said_meanwhile_comes_first_and_earlier_words_again(terminal: Terminal) -> None:
    (code,) = terminal.stage.codes(1)
    assert [line.split()[0] for line in terminal.chat(code, terminal.tell, code)] == [
        "redeem.points",
        "points.corrected",
        "redeem.used_by_you",
    ]
    terminal.stage.wait(minutes=1)
    assert [line.split()[0] for line in terminal.chat(code)] == [
        "redeem.points",
        "points.corrected",
        "redeem.used_by_you",
        "redeem.used_by_you",
    ]


def test_a_full_queue_is_told_and_the_conversation_goes_on() -> None:
    def busy(_message: InboundMessage) -> "Future[Answer]":
        raise Busy("too many messages wait")

    lines, written = iter(["help", "help"]), []

    def read_line() -> str:
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    chat(busy, lambda *_: [], lambda: START, "me", read_line, written.append)
    assert written == ["(not answered: too many messages wait; type it again)"] * 2


def test_a_name_that_cannot_be_one_is_refused(terminal: Terminal) -> None:
    with pytest.raises(NotAMessage, match="user: give 1 to 128 characters"):
        terminal.chat(user="")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("line\nline 中文 😀", "line\nline 中文 😀"),
        ("\x1b[2Jgone", "\ufffd[2Jgone"),
        ("a\u202eb\u2066c", "a\ufffdb\ufffdc"),
        ("\r\x00\x7f\x9b", "\ufffd" * 4),
    ],
)
def test_nothing_steers_the_terminal(text: str, shown: str) -> None:
    assert printable(text) == shown
