"""The terminal: one person chats with the engine line by line."""

import itertools
import unicodedata
from collections.abc import Callable, Sequence

from bots.base import Collect, Said, Submit
from core.blame import Unavailable
from core.engine.engine import Busy
from core.messages import InboundMessage
from core.times import Clock

CHANNEL = "terminal"
ACCOUNT = "demo"
WAIT_LIMIT_S = 60.0
EARLIER_SHOWN = 20
"""Texts of earlier conversations that are shown at the start, the newest ones."""

_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")


def chat(  # noqa: PLR0917  # what a conversation is made of, in the order of its flow
    submit: Submit,
    collect: Collect,
    clock: Clock,
    user: str,
    read_line: Callable[[], str],
    write_line: Callable[[str], None],
) -> None:
    """Answer every line of ``read_line`` until it raises EOFError; what was said meanwhile is shown first.

    Every line is a message of its own, however often the same words are typed. A message that could not be taken is
    told in one sentence, and the conversation goes on. Raises NotAMessage when ``user`` cannot be a name.
    """
    address = (CHANNEL, ACCOUNT, user)
    started_at = clock()
    InboundMessage.received(address, "hello", "", started_at, waits=True)
    shown = _show(_all(collect, address, 0)[-EARLIER_SHOWN:], 0, write_line)
    for number in itertools.count(1):
        try:
            line = read_line()
        except EOFError:
            return
        message = InboundMessage.received(address, f"{started_at.isoformat()}/{number}", line, clock(), waits=True)
        try:
            submit(message).result(WAIT_LIMIT_S)
        except (Busy, Unavailable, TimeoutError) as error:
            write_line(f"(not answered: {str(error) or 'the turn takes too long'}; type it again)")
        shown = _show(_all(collect, address, shown), shown, write_line)


def _all(collect: Collect, address: tuple[str, str, str], after: int) -> list[Said]:
    """Everything said after ``after``; collect hands out a part at a time."""
    said: list[Said] = []
    while part := collect(address, said[-1].sequence if said else after):
        said.extend(part)
    return said


def _show(said: Sequence[Said], shown: int, write_line: Callable[[str], None]) -> int:
    """Write ``said``, and return the sequence number up to which everything is shown."""
    for text in said:
        write_line(printable(text.text))
    return said[-1].sequence if said else shown


def printable(text: str) -> str:
    """``text`` with what could steer a terminal, or turn its lines around, replaced by U+FFFD."""
    return "".join(
        "\ufffd"
        if character in _REORDERING or (character != "\n" and unicodedata.category(character) in {"Cc", "Cs"})
        else character
        for character in text
    )
