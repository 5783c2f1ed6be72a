"""When a turn fails: try again, split in halves, and record the one message that nothing can be done with."""

import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import structlog
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from core import bulk, database
from core.context import TurnRows
from core.engine.claiming import Delivery, answer_ref, inbox_row, stored_answers
from core.engine.locking import lock_deliverers
from core.engine.saving import save
from core.engine.saying import State, say
from core.engine.turn import take_turn
from core.engine.world import World
from core.messages import Answer, Answered, Reply
from core.models import Inbox
from core.models.base import table_of
from core.reach import hear
from core.sending.outbound import Category
from core.texts.catalogue import language_of
from core.times import hour_number

log = structlog.get_logger()

TRIES = 6
FIRST_PAUSE_S = 0.02


class Unavailable(Exception):
    """The database cannot be reached or stays locked: nothing happened, the platform should deliver again."""


Pause = Callable[[float], None]
Outcome = Answer | Unavailable


def take_turn_safely(world: World, deliveries: Sequence[Delivery], pause: Pause = time.sleep) -> list[Outcome]:
    """Take a turn; every delivery gets an answer, and one bad message spoils nobody else's turn.

    Faults that pass are retried with growing pauses. Any other fault halves the turn until the message at fault
    stands alone: it is recorded as failed and answered politely, or Unavailable itself when even that fails. Raises
    Unavailable when the database stays away.
    """
    try:
        return [*_with_retries(world, deliveries, pause)]
    except Unavailable:
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, the other messages of the turn must not suffer
        if len(deliveries) > 1:
            middle = len(deliveries) // 2
            first = take_turn_safely(world, deliveries[:middle], pause)
            return first + take_turn_safely(world, deliveries[middle:], pause)
        return [_record_failure(world, deliveries[0], error, pause)]


def _with_retries(world: World, deliveries: Sequence[Delivery], pause: Pause) -> list[Answer]:
    for attempt in range(TRIES):
        try:
            return take_turn(world, deliveries)
        except Exception as error:
            if not database.may_pass_when_retried(error):
                raise
            log.warning("turn.retried", attempt=attempt + 1, error=type(error).__name__, at=where(error))
            if attempt + 1 == TRIES and isinstance(error, IntegrityError):
                raise  # nobody's race is lost six times: the message is at fault
            if attempt + 1 == TRIES:
                raise Unavailable("the database does not answer or stays locked") from error
            pause(FIRST_PAUSE_S * 2**attempt)
    raise AssertionError("unreachable: the last attempt returns or raises")


def _record_failure(world: World, delivery: Delivery, error: Exception, pause: Pause) -> Outcome:
    log.error("message.failed", address=delivery.key[0].hex(), external_id=delivery.key[1], exc_info=error)
    for attempt in range(TRIES):
        try:
            return _write_failure(world, delivery, where(error))
        except Exception as second:
            if not database.may_pass_when_retried(second):
                log.exception("message.unrecorded", address=delivery.key[0].hex())
                return Unavailable("a failed message could not be recorded")
            pause(FIRST_PAUSE_S * 2**attempt)
    raise Unavailable("a failed message could not be recorded") from error


def _write_failure(world: World, delivery: Delivery, place: str) -> Answer:
    with world.sessions.begin() as session:
        if delivery.replay:
            row = (Inbox.address_key == delivery.key[0]) & (Inbox.external_id == delivery.key[1])
            session.execute(update(Inbox).where(row, Inbox.state == "failed").values(error=place))
            return Answer(Answered.FAILED)
        table = table_of(Inbox)
        claimed = bulk.claim(session, table, [inbox_row(delivery, world.keys, error=place)], table.c.external_id)
        if not claimed:  # another process has done or recorded it meanwhile: what it said stands
            return stored_answers(session, world, [delivery])[delivery.key][1]
        rows = TurnRows({}, world.keys, world.randomness, world.wrong_per_hour, limits=world.limits)
        lock_deliverers(session, rows, [delivery], ())
        address, message = rows.addresses[delivery.key[0]], delivery.message
        address.language = address.language or language_of(message.text)
        hear(rows, address, message)
        in_time = message.answer_by is None or world.clock() < message.answer_by
        ref, state = answer_ref(message.external_id), State.ANSWERED if message.waits and in_time else State.QUEUED
        polite = [Reply("inbox.failed")]
        said = say(rows, address, None, polite, ref=ref, state=state, at=message.received_at, category=Category.ANSWER)
        save(session, rows, hour_number(delivery.message.received_at))
    return replace(said, how=Answered.FAILED)


def where(error: BaseException) -> str:
    """The kind of an error and the line it came from: all that may be kept, for its text may quote a player."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    place = f" at {Path(ours[-1].filename).name}:{ours[-1].lineno} in {ours[-1].name}" if ours else ""
    return f"{type(error).__name__}{place}"
