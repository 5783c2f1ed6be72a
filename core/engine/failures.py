"""When a turn fails: try again, split in halves, and record the one message that nothing can be done with."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import structlog
from sqlalchemy import update

from core import bulk
from core.blame import Blame, Suspects, Unavailable, blame, broken_rule, is_worlds, may_pass_when_retried, where
from core.brake import lets_speak
from core.campaign.live import Campaigns
from core.context import TurnRows
from core.database import Moved
from core.engine.deduplication import inbox_rows, stored_answers
from core.engine.delivery import Delivery
from core.engine.flush import save
from core.engine.locks import lock_deliverers
from core.engine.replies import State, say
from core.engine.runtime import Runtime
from core.engine.turn import take_turn
from core.messages import Answer, Answered, Reply
from core.models import Inbox
from core.models.base import table_of
from core.outbox import answer_ref
from core.sending.messaging_window import hear
from core.sending.outbound import Category
from core.texts.languages import LANGUAGES, language_of
from core.times import hour_number

log = structlog.get_logger()

TRIES = 6
FIRST_PAUSE_S = 0.02
RACES = 2
"""So many different races may one turn lose before it is at fault itself."""
PATIENCE_S = 20.0
"""What has lasted so long is not tried again: whoever waits for the answer has gone."""

Pause = Callable[[float], None]
Outcome = Answer | Unavailable
Done = TypeVar("Done")


Take = Callable[[Runtime, Sequence[Delivery]], Sequence[Answer]]


def take_turn_safely(
    runtime: Runtime,
    deliveries: Sequence[Delivery],
    pause: Pause = time.sleep,
    suspects: Suspects | None = None,
    take: Take | None = None,
) -> list[Outcome]:
    """Take a turn; every delivery gets what became of it alone, and one bad message spoils nobody else's turn.

    What the world does (core/blame.py) is tried again with growing pauses, and is then Unavailable: to everybody, or to
    the one message that it happens to. What would happen again halves the turn until the message at fault stands
    alone: it is recorded as failed and answered politely. ``suspects`` remembers whom the world failed before, and
    ``take`` is what is tried, where it is no turn.
    """
    return _Taking(runtime, pause, suspects or Suspects(), take or take_turn).take(deliveries)


class _Taking:
    def __init__(self, runtime: Runtime, pause: Pause, suspects: Suspects, take: Take) -> None:
        self._world, self._pause, self._suspects, self._take = runtime, pause, suspects, take
        self._end_s = time.monotonic() + PATIENCE_S

    def take(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        try:
            return self._patiently(lambda: self._once(deliveries))
        except Exception as error:  # noqa: BLE001  # whatever it is, the other messages of the turn must not suffer
            return self._without(deliveries, error)

    def _once(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        answers = self._take(self._world, deliveries)
        self._suspects.went_well(*(taken.key for taken in deliveries))
        return [*answers]

    def _patiently(self, act: Callable[[], Done]) -> Done:
        """What ``act`` returns, tried again while that may help. Raises the last fault."""
        broken: set[str] = set()
        for attempt in range(1, TRIES + 1):
            try:
                return act()
            except Exception as error:
                if not may_pass_when_retried(error) or attempt == TRIES or time.monotonic() > self._end_s:
                    raise
                log.warning("turn.retried", attempt=attempt, error=type(error).__name__, at=where(error))
                if (rule := broken_rule(error)) is None:
                    self._pause(FIRST_PAUSE_S * 2 ** (attempt - 1))
                elif rule in broken or len(broken) == RACES:
                    raise  # nobody loses the same race twice: it would happen again
                else:
                    broken.add(rule)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _without(self, deliveries: Sequence[Delivery], error: Exception) -> list[Outcome]:
        """What becomes of ``deliveries``, which failed together."""
        passing = is_worlds(error) or isinstance(error, Moved)
        if len(deliveries) == 1:
            return [self._alone(deliveries[0], error, passing=passing)]
        halves = deliveries[: len(deliveries) // 2], deliveries[len(deliveries) // 2 :]
        if not passing:
            return self.take(halves[0]) + self.take(halves[1])
        came = [self._tried(half, error) for half in halves]
        if all(isinstance(each, Exception) for each in came):
            first = self._tried(deliveries[:1], error)
            if isinstance(first, Exception):  # it is not about one of them
                return [self._unavailable(error, len(deliveries))] * len(deliveries)
            return [*first, *self._parted(halves[0][1:], came[0]), *self._parted(halves[1], came[1])]
        return self._parted(halves[0], came[0]) + self._parted(halves[1], came[1])

    def _tried(self, deliveries: Sequence[Delivery], error: Exception) -> list[Outcome] | Exception:
        """What became of ``deliveries`` together, or why they failed: as before, with ``error``, when time is up."""
        if time.monotonic() > self._end_s:
            return error
        try:
            return self._once(deliveries)
        except Exception as found:  # noqa: BLE001  # the caller looks at it
            return found

    def _parted(self, deliveries: Sequence[Delivery], came: list[Outcome] | Exception) -> list[Outcome]:
        if not isinstance(came, Exception):
            return came
        return self._without(deliveries, came) if deliveries else []

    def _alone(self, taken: Delivery, error: Exception, *, passing: bool) -> Outcome:
        if passing and not (blame(error) is Blame.DOUBT and self._suspects.convicts(taken.key)):
            return self._unavailable(error, 1)
        try:
            answer = self._patiently(lambda: _write_failure(self._world, taken, where(error)))
        except Exception as second:  # whatever it is, the other messages of the turn must not suffer
            if may_pass_when_retried(second):
                return self._unavailable(second, 1)
            log.exception("message.unrecorded", address=taken.key[0].hex(), why=where(error))
            return Unavailable("a failed message could not be recorded")
        log.error("message.failed", address=taken.key[0].hex(), external_id=taken.key[1], exc_info=error)
        return answer

    @staticmethod
    def _unavailable(error: Exception, messages: int) -> Unavailable:
        log.error("turn.unavailable", messages=messages, error=type(error).__name__, at=where(error))
        return Unavailable("the database does not answer or stays locked")


def _write_failure(runtime: Runtime, delivery: Delivery, place: str) -> Answer:
    with runtime.sessions.begin() as session:
        if delivery.replay:
            row = (Inbox.address_key == delivery.key[0]) & (Inbox.external_id == delivery.key[1])
            session.execute(update(Inbox).where(row, Inbox.state == "failed").values(error=place))
            return Answer(Answered.FAILED)
        table = table_of(Inbox)
        mine = inbox_rows([delivery], runtime.keys, error=place)
        claimed = {row.external_id for row in bulk.claim(session, table, mine, table.c.external_id)}
        if delivery.key[1] not in claimed:  # another process has done or recorded it meanwhile: what it said stands
            return stored_answers(session, runtime, [delivery])[delivery.key][1]
        rows = TurnRows(
            Campaigns(),
            runtime.keys,
            runtime.randomness,
            runtime.wrong_per_hour,
            limits=runtime.limits,
            texts=runtime.mechanics.texts,
        )
        lock_deliverers(session, rows, [delivery], ())
        address, message = rows.addresses[delivery.key[0]], delivery.message
        if address.language is None and address.app_language not in LANGUAGES:
            address.language = language_of(message.text)
        if hear(address, message):
            rows.released.add(address.key)
        in_time = message.answer_by is None or runtime.clock() < message.answer_by
        ref, state = answer_ref(message.external_id), State.ANSWERED if message.waits and in_time else State.QUEUED
        polite = [Reply("inbox.failed")]
        at, withheld = message.received_at, not lets_speak(runtime.brake, address, polite, message.received_at)
        if withheld:
            rows.withheld.add(delivery.key)
        told = [] if withheld else polite
        said = say(rows, address, None, told, ref=ref, state=state, at=at, category=Category.ANSWER)
        save(session, rows, hour_number(delivery.message.received_at))
    return replace(said, how=Answered.FAILED, withheld=withheld)
