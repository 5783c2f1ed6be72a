"""The terminal: whoever has a shell here is an owner; what is changed there is in the log, too."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from core.answers import Answer
from core.engine.runtime import Runtime
from core.operators import Role
from core.times import Clock
from core.verbs import Desk, Verb
from handlers.operators import log
from handlers.operators.access import Appointment, invite
from handlers.operators.execution import do
from handlers.operators.tables import Operator

PLACE = "shell"


def at_terminal(verb: Verb[Any], desk: Desk, given: Mapping[str, object], words: str, who: str) -> Answer:
    """Carry ``verb`` out, and write it into the log where it changes something. Raises VerbRefused; then nothing is.

    ``who`` is written where the verb itself keeps no name.
    """
    if not verb.alters(given):
        return verb.carry_out(desk, given)
    runtime = desk.runtime
    if verb.long:  # in transactions of its own
        answer = _lasting(verb, desk, given)
        with runtime.sessions.begin() as session:
            log.write(session, runtime.keys, _said(verb, desk, answer, words, who))
        return answer
    desk = verb.prepared(desk, given)
    with runtime.sessions.begin() as session:
        answer = do(session, verb, desk, given)
        log.write(session, runtime.keys, _said(verb, desk, answer, words, who))
    return answer


def _lasting(verb: Verb[Any], desk: Desk, given: Mapping[str, object]) -> Answer:
    """Carry out what lasts; what its steps did is put right where it does not come to its end."""
    try:
        return verb.carry_out(desk, given)
    except BaseException:
        if verb.abandon is not None and desk.work.kept:
            with suppress(SQLAlchemyError), desk.runtime.sessions.begin() as session:
                verb.abandon(session, desk.at, desk.work.kept)
        raise


def _said(verb: Verb[Any], desk: Desk, answer: Answer, words: str, who: str) -> log.Said:
    return log.Said(
        at=desk.at,
        operator=desk.operator or who,
        role=desk.role.value,
        place=PLACE,
        verb=verb.name,
        words=words,
        changes=answer.changes,
        ending="done",
    )


def first_word(runtime: Runtime, clock: Clock) -> str | None:
    """A word that makes whoever says it first the owner; None where there is an operator already."""
    at = clock()
    with runtime.sessions.begin() as session:
        if session.scalar(select(Operator.address_key).where(Operator.removed_at.is_(None)).limit(1)) is not None:
            return None
        return invite(session, runtime, Appointment("owner", Role.OWNER, PLACE), at)


def word_for(runtime: Runtime, made: Appointment, at: datetime) -> str:
    """A word that appoints whoever says it first; whoever asks for it has this machine."""
    with runtime.sessions.begin() as session:
        return invite(session, runtime, made, at)
