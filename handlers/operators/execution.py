"""Carry out: what becomes of a verb, in the transaction in which it is written into the log."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from core.answers import Answer, AnswerPart, line
from core.campaign.quantities import Money
from core.verbs import Desk, Verb
from handlers.operators import jobs, plans
from handlers.operators.log import Ending
from handlers.operators.tables import Plan

_NEEDS = {
    "self": "Confirm within {within} with /confirm {word}. Nothing was done yet.",
    "second": "A second operator confirms within {within} with /confirm {word}. Nothing was done yet.",
    "later": "Confirm from {at} (UTC) on with /confirm {word}. Nothing was done yet.",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a verb answers, and how it ended."""

    answer: Answer
    ending: Ending
    plan: Plan | None = None
    """What was planned, or carried out by its word."""


@contextmanager
def _undone(session: Session) -> Iterator[None]:
    """What happens within it is rolled back."""
    point = session.connection().begin_nested()
    try:
        yield
    finally:
        point.rollback()


def foresee(session: Session, verb: Verb[Any], desk: Desk, given: Mapping[str, object]) -> Answer:
    """What ``verb`` would answer if it were said now; nothing is changed. Raises VerbRefused as the verb does."""
    session.flush()
    if verb.long:
        return jobs.foresee(session, verb, replace(desk, runtime=desk.runtime.within(session)), given)
    with _undone(session):
        return verb.carry_out(replace(desk, runtime=desk.runtime.within(session)), given)


def do(session: Session, verb: Verb[Any], desk: Desk, given: Mapping[str, object]) -> Answer:
    """Carry ``verb`` out as a part of the transaction of ``session``; of one that lasts, begin its job.

    Raises VerbRefused; then it changed nothing.
    """
    session.flush()
    if verb.long:
        jobs.foresee(session, verb, replace(desk, runtime=desk.runtime.within(session)), given)
        return jobs.begin(session, verb, desk, given)
    point = session.connection().begin_nested()
    try:
        answer = verb.carry_out(replace(desk, runtime=desk.runtime.within(session)), given)
    except BaseException:
        point.rollback()
        raise
    point.commit()
    return replace(answer, parts=[*answer.parts, *answer.afterwards], afterwards=())


def plan(
    session: Session, verb: Verb[Any], desk: Desk, given: Mapping[str, object], foreseen: Answer | None = None
) -> Outcome:
    """Keep a plan of it, and show what it would do, if not yet ``foreseen``. Raises VerbRefused as the verb does."""
    foreseen = foreseen or foresee(session, verb, desk, given)
    kept = plans.make(session, desk, verb, {**given, **foreseen.pinned}, foreseen.reach)
    return Outcome(_shown(verb, foreseen, kept), "planned", kept)


def _shown(verb: Verb[Any], foreseen: Answer, kept: Plan | None) -> Answer:
    parts: list[AnswerPart] = [line("Plan, if it were done now:"), *foreseen.parts]
    if foreseen.reach.people:
        told = "It reaches {count} people." if foreseen.reach.people > 1 else "It reaches {count} person."
        parts.append(line(told, count=foreseen.reach.people))
    if foreseen.reach.amount:
        amount, currency = foreseen.reach.amount, foreseen.reach.currency
        if currency:
            parts.append(line("At stake: {amount}.", amount=str(Money(amount, currency))))
        else:
            parts.append(line("Amount: {amount}.", amount=amount))
    if verb.confirm is not None:
        parts.append(line(verb.confirm))
    if kept is not None:
        within = int((kept.expires_at - kept.ready_at).total_seconds())
        is_short = within <= 60  # noqa: PLR2004  # a minute
        lasts = line("{count} s", count=within) if is_short else line("{count} min", count=within // 60)
        parts.append(line(_NEEDS[kept.needs], within=lasts, word=kept.word, at=f"{kept.ready_at:%H:%M:%S}"))
    return Answer(parts, wrong=foreseen.wrong, reach=foreseen.reach)


def preview(session: Session, verb: Verb[Any], desk: Desk, given: Mapping[str, object]) -> Outcome:
    """Only show what it would do. Raises VerbRefused as the verb does."""
    return Outcome(_shown(verb, foresee(session, verb, desk, given), None), "planned")


def confirm(session: Session, verbs: Mapping[str, Verb[Any]], desk: Desk, word: str) -> Outcome:
    """Carry out what was planned under ``word``. Where the world has moved since, that is a new plan.

    Raises VerbRefused where this operator may not confirm it now, and as the verb does.
    """
    kept = plans.waiting(session, word, desk)
    verb, given = verbs[kept.verb], plans.given_of(desk.runtime, kept)
    if plans.has_moved(kept, foresee(session, verb, desk, given).reach):
        plans.settle(kept, "dropped", desk)
        renewed = plan(session, verb, desk, given)
        first = line("{word} was dropped, as more than 1 % of it changed since. This is how it is now:", word=kept.word)
        return replace(renewed, answer=replace(renewed.answer, parts=[first, *renewed.answer.parts]))
    answer = do(session, verb, desk, given)
    plans.settle(kept, "done", desk)
    return Outcome(answer, "done", kept)
