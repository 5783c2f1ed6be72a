"""Brake: how often one address is answered within an hour, so that no machine keeps us talking.

A phone's auto-reply answers each of our texts; an autoresponder quotes them. Answers that help nobody are few an hour,
and all others are many, but not without end. What a code wins is told however often, as no code wins twice; and what a
message does it does, answered or not: STOP is heeded at any time. That it was heard is said above the ceiling, too, a
few times: two machines that say STOP and START to us would go on for ever.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.messages import Reply
from core.models import Address

HOUR = timedelta(hours=1)

HELPLESS = frozenset(
    {
        "unknown.answer",
        "unknown.relay",
        "unknown.none",
        "unknown.meant",
        "unknown.which",
        "talk.answer",
        "welcome.answer",
        "showed.answer",
        "group.answer",
        "delivery.unasked",
        "redeem.typo",
        "redeem.several",
        "redeem.locked",
        "edited.again",
        "question.closed",
        "question.expired",
        "question.dropped",
        "inbox.failed",
    }
)
"""Texts that help nobody a second time: that something was not understood, or cannot be done, or a greeting."""

HEARD = frozenset({"blocked.told", "stop.done", "start.done", "help.answer", "help.relay", "help.none"})
"""Texts that the law wants whoever asks for them to get."""


@dataclass(frozen=True, slots=True)
class Brake:
    """The most answers that an address gets within an hour."""

    helpless: int = 5
    """Of those that help nobody."""
    answers: int = 60
    """Of all, but for what a code or a purchase has brought; of HEARD as many more as may be helpless."""


def helps_nobody(replies: Sequence[Reply]) -> bool:
    """Whether ``replies`` say only that something was not understood, or cannot be done."""
    return all(reply.key in HELPLESS for reply in replies)


def lets_speak(brake: Brake, address: Address, replies: Sequence[Reply], at: datetime) -> bool:
    """Count ``replies``, one answer to ``address``; False when it has had enough, until its hour is over."""
    if not _is_within(address, at):
        address.answers_until, address.answers, address.helpless_answers = at + HOUR, 0, 0
    helpless = helps_nobody(replies)
    most = brake.answers + brake.helpless * any(reply.key in HEARD for reply in replies)
    if address.answers >= most or (helpless and address.helpless_answers >= brake.helpless):
        return False
    address.answers += 1
    address.helpless_answers += helpless
    return True


def has_wearied(brake: Brake, address: Address, at: datetime) -> bool:
    """Whether ``address`` has had all answers of this hour that help nobody."""
    return _is_within(address, at) and address.helpless_answers >= brake.helpless


def _is_within(address: Address, at: datetime) -> bool:
    """Whether its hour goes on; one that would begin much later was counted by a clock that was set back since."""
    until = address.answers_until
    return until is not None and until - 2 * HOUR <= at < until
