"""Alerts: tell owners and operators something that none of them asked for, each once, in the chat that has the role."""

from datetime import datetime

from sqlalchemy import select

from core.answers import Line
from core.database import read_only
from core.engine.replies import State, language_for, say
from core.engine.runtime import Runtime
from core.engine.unit_of_work import unit_of_work
from core.messages import Reply
from core.models import Outbox
from core.operators import Role
from core.verbs import patiently
from handlers.operators.access import speaker_at
from handlers.operators.say import Teller
from handlers.operators.tables import Operator

FOR = Role.OPERATOR
"""The least role whose holders are told."""
_REF = "notice:alert:"


def alert(runtime: Runtime, ref: str, told: Line, at: datetime) -> int:
    """Put ``told`` into the outbox of each, once for each ``ref``; returns how many were told now."""
    with read_only(runtime.sessions) as session:
        active = select(Operator.address_key).where(Operator.removed_at.is_(None)).order_by(Operator.address_key)
        keys = session.scalars(active).all()
    return sum(patiently(lambda key=key: _told(runtime, key, f"{_REF}{ref}", told, at)) for key in keys)  # type: ignore[misc]


def _told(runtime: Runtime, key: bytes, ref: str, told: Line, at: datetime) -> bool:
    with unit_of_work(runtime, at) as work:
        work.lock_address(key)
        address = work.rows.addresses[key]
        speaker = speaker_at(work.session, key, address.place, at)
        if speaker is None or not speaker.role.covers(FOR):
            return False
        mine = (Outbox.address_key == key) & (Outbox.ref == ref)
        if work.session.scalar(select(Outbox.sequence).where(mine).limit(1)) is not None:
            return False
        mechanics = runtime.mechanics
        teller = Teller(mechanics.phrases(), language_for(address, None), runtime.public_url, mechanics.verbs)
        reply = Reply("verb.says", {"text": teller.line(told)})
        say(work.rows, address, None, [reply], ref=ref, state=State.QUEUED, at=at)
    return True
