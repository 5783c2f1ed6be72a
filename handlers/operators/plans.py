"""Plans: what an operator is about to do, as a row that waits to be confirmed."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.alphabet import SYMBOLS, normalise
from core.answers import Reach
from core.database import locked
from core.engine.runtime import Runtime
from core.operators import VerbRefused, same_operator
from core.verbs import Desk, Verb
from core.words import has_digit
from handlers.operators.rules import Approval
from handlers.operators.tables import GIVEN_COLUMN, Plan

GOOD_FOR = timedelta(seconds=60)
GOOD_FOR_A_SECOND = timedelta(minutes=5)
GOOD_FOR_LATER = timedelta(hours=1)
_LENGTH = 4
_MOVED = 100
"""One part of so many: by more than that the world may not have changed since the plan."""

Needs = Literal["self", "second", "later"]


def make(session: Session, desk: Desk, verb: Verb[Any], given: Mapping[str, object], reach: Reach) -> Plan:
    """Keep what was planned; whoever confirms says its ``word``."""
    runtime = desk.runtime
    assert desk.address_key is not None
    who, wait = needs(session, runtime, verb, reach)
    ready_at = desk.at + wait
    lasts = {"self": GOOD_FOR, "second": GOOD_FOR_A_SECOND, "later": GOOD_FOR_LATER}[who]
    plan_id = int.from_bytes(runtime.randomness.take(8), "big") >> 1
    plan = Plan(
        id=plan_id,
        word=_free_word(session, runtime, desk.at),
        address_key=desk.address_key,
        operator=desk.operator,
        verb=verb.name,
        given_sealed=runtime.keys.seal(GIVEN_COLUMN, plan_row(plan_id), json.dumps(dict(given), ensure_ascii=False)),
        people=reach.people,
        amount=reach.amount,
        needs=who,
        made_at=desk.at,
        ready_at=ready_at,
        expires_at=ready_at + lasts,
        state="waiting",
        settled_at=None,
        settled_by=None,
    )
    session.add(plan)
    session.flush()
    return plan


def approvals(session: Session, runtime: Runtime) -> dict[str, Approval]:
    """What the files of campaigns say of who confirms, by campaign."""
    campaigns = runtime.shelf.look(session).values()
    return {each.rules.name: found for each in campaigns if (found := each.rules.section(Approval)) is not None}


def needs(session: Session, runtime: Runtime, verb: Verb[Any], reach: Reach) -> tuple[Needs, timedelta]:
    """Who confirms a verb of such a reach, and how long that has to wait."""
    if verb.second:
        return "second", timedelta(0)
    own = None if reach.rules is None else reach.rules.section(Approval)
    approval = approvals(session, runtime).get(reach.campaign or "", own)
    if approval is None:
        return "self", timedelta(0)
    who = approval.needs(verb.name, verb.group.name, reach)
    return who, approval.wait if who == "later" else timedelta(0)


def plan_row(plan_id: int) -> bytes:
    """The row part of the associated data of what a plan was given."""
    return plan_id.to_bytes(8, "big")


def given_of(runtime: Runtime, plan: Plan) -> dict[str, object]:
    """What the planned verb was given. Raises KeysUnusable."""
    found: dict[str, object] = json.loads(runtime.keys.unseal(GIVEN_COLUMN, plan_row(plan.id), plan.given_sealed))
    return found


def _free_word(session: Session, runtime: Runtime, at: datetime) -> str:
    """A word of which no plan waits; one whose time is over waits no more."""
    while True:
        word = "".join(SYMBOLS[byte & 31] for byte in runtime.randomness.take(_LENGTH))
        if not has_digit(word):
            continue
        held = session.scalars(select(Plan).where(Plan.word == word, Plan.state == "waiting")).one_or_none()
        if held is None:
            return word
        if held.expires_at < at:
            held.state, held.settled_at = "dropped", at
            session.flush()
            return word


def seen(session: Session, word: str) -> Plan | None:
    """The same as :func:`newest` as it stands at this moment, not locked."""
    named = select(Plan).where(Plan.word == normalise(word), Plan.state == "waiting")
    return session.scalars(named.order_by(Plan.made_at.desc()).limit(1)).first()


def newest(session: Session, word: str) -> Plan | None:
    """The plan that was kept last under ``word``, locked."""
    named = select(Plan).where(Plan.word == normalise(word))
    return max(session.scalars(locked(named, Plan.id, Plan)), key=lambda each: each.made_at, default=None)


def waiting(session: Session, word: str, desk: Desk) -> Plan:
    """The plan that is confirmed by ``word``, locked. Raises VerbRefused where this operator may not confirm it now."""
    said = normalise(word)
    plan = newest(session, word)
    if plan is None:
        raise VerbRefused("no plan has the word {word}; say what you want to do once more", word=said or "?")
    mine = same_operator(plan.operator, desk.operator)
    if plan.state == "done":
        raise VerbRefused("{word} was carried out before; nothing was done again", word=said)
    if plan.state == "dropped":
        raise VerbRefused("{word} was dropped; say what you want to do once more", word=said)
    if plan.needs == "second" and mine:
        raise VerbRefused("{word} needs a second operator: somebody else confirms it", word=said)
    if plan.needs != "second" and not mine:
        raise VerbRefused("{word} is the plan of another operator, who alone can confirm it", word=said)
    if plan.needs != "second" and plan.address_key != desk.address_key:
        raise VerbRefused("{word} was planned in another chat; confirm it there", word=said)
    if desk.at < plan.ready_at:
        raise VerbRefused("{word} can be confirmed from {at} (UTC) on", word=said, at=f"{plan.ready_at:%H:%M:%S}")
    if desk.at >= plan.expires_at:
        raise VerbRefused("the time to confirm {word} is over; say what you want to do once more", word=said)
    return plan


def has_moved(plan: Plan, now: Reach) -> bool:
    """Whether more than one in a hundred of the plan's people, or of its amount, came or went since."""
    return any(
        abs(before - after) * _MOVED > before
        for before, after in ((plan.people, now.people), (plan.amount, now.amount))
    )


def settle(plan: Plan, state: Literal["done", "dropped"], desk: Desk) -> None:
    """The plan waits no more."""
    plan.state, plan.settled_at, plan.settled_by = state, desk.at, desk.operator or None
