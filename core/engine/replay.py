"""Replay: a message that failed is taken again, as of when it was received, and its day is counted once more."""

from collections.abc import Sequence

from core.engine.delivery import Delivery
from core.engine.failures import Outcome, take_turn_safely
from core.engine.runtime import Runtime
from core.engine.turn import take_turn
from core.inbox import FailedMessage
from core.measures.rollup import reopen
from core.messages import Answer


def replay(runtime: Runtime, message: FailedMessage) -> Outcome:
    """What became of ``message``; where it fails again it stays among those that failed."""
    (outcome,) = take_turn_safely(runtime, [message.delivery], take=_take)
    return outcome


def _take(runtime: Runtime, deliveries: Sequence[Delivery]) -> Sequence[Answer]:
    """A turn; days that were counted for the last time are due again if and only if it commits."""
    with runtime.sessions.begin() as session:
        answers = take_turn(runtime.within(session), deliveries)
        reopen(session, runtime, [each.message.received_at for each in deliveries], runtime.clock())
    return answers
