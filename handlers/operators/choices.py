"""Choices below what a verb answers: to confirm what was planned, and to go on reading.

Where there are no buttons a number stands for one, as long as its answer is the last text that was said there.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.campaign.platforms import has_buttons, may_be_forged
from core.messages import Choice, InboundMessage, Reply
from core.models import Address, Outbox
from core.outbox import answer_ref
from handlers.operators.tables import LogEntry, Operator, Plan

CONFIRM, MORE = "confirm", "more"
"""The verbs that can be chosen."""
LASTS = timedelta(minutes=30)
"""So long a number stands for a choice."""
_NUMBER = re.compile(r"\s*([12])\s*[.。、)]?\s*", re.ASCII)


class Offer(NamedTuple):
    """One choice: what it says, behind a slash, and the text that names it."""

    says: str
    text: str


def number_in(message: InboundMessage) -> int | None:
    """Which choice ``message`` may mean by its number; None for whatever else it is. Pure."""
    if has_buttons(message.channel) or not message.first_hand:
        return None
    found = _NUMBER.fullmatch(unicodedata.normalize("NFKC", message.text))
    return int(found[1]) if found else None


def offers(operator: Operator, plan: Plan | None, channel: str, at: datetime) -> Sequence[Offer]:
    """What can be chosen at an operator's address where ``plan`` was shown last.

    A number is no proof of who writes: where a sender may be forged, a plan is confirmed by its word alone.
    """
    offered = []
    by_word = may_be_forged(channel) and not has_buttons(channel)
    waits = plan is not None and plan.state == "waiting" and at < plan.expires_at
    if plan is not None and waits and plan.needs != "second" and not by_word:
        offered.append(Offer(f"{CONFIRM} {plan.word}", "verb.confirm"))
    if operator.rest_sealed is not None:
        offered.append(Offer(MORE, "verb.more"))
    return offered


def shown(offered: Sequence[Offer], channel: str) -> tuple[Choice, ...]:
    """``offered`` as buttons, or as numbers where there are none."""
    if has_buttons(channel):
        return tuple(Choice(f"/{one.says}", Reply(one.text), listed=one.says != MORE) for one in offered)
    return tuple(Choice(str(number), Reply(one.text)) for number, one in enumerate(offered, 1))


def plan_shown(session: Session, address_key: bytes) -> Plan | None:
    """The plan that was shown last at an address, whose pages may have been turned since."""
    mine = (LogEntry.address_key == address_key) & (LogEntry.verb != MORE)
    last = session.scalars(select(LogEntry).where(mine).order_by(LogEntry.number.desc()).limit(1)).first()
    if last is None or last.ending != "planned" or last.plan_id is None:
        return None
    return session.get(Plan, last.plan_id)


def chosen(session: Session, address_key: bytes, message: InboundMessage) -> str | None:
    """What the number of ``message`` says, where the last text at the address offered it; else it is a player's."""
    number, operator = number_in(message), session.get(Operator, address_key)
    answered = _last_answered(session, address_key)
    if number is None or operator is None or answered is None or message.received_at - answered.at > LASTS:
        return None
    offered = offers(operator, plan_shown(session, address_key), message.channel, answered.at)
    return offered[number - 1].says if number <= len(offered) else None


def _last_answered(session: Session, address_key: bytes) -> LogEntry | None:
    """The verb whose answer is the last text that was said to an address."""
    spoken = (Outbox.address_key == address_key) & (Outbox.sequence == Address.said_count)
    ref = session.scalar(select(Outbox.ref).join(Address, Address.key == Outbox.address_key).where(spoken))
    if ref is None or not ref.startswith(answer_ref("")):
        return None
    mine = (LogEntry.address_key == address_key) & (LogEntry.external_id == ref.removeprefix(answer_ref("")))
    return session.scalars(select(LogEntry).where(mine)).one_or_none()
