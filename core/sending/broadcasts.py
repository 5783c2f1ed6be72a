"""What platforms say later of a broadcast's texts, in the rows of its members."""

from collections.abc import Collection, Mapping

from sqlalchemy import bindparam, literal, update
from sqlalchemy.orm import Session

from core import lists
from core.models import BroadcastMember
from core.models.base import table_of
from core.sending.jobs import JobKey

_MEMBERS = table_of(BroadcastMember)
_MINE = lists.among_rows((_MEMBERS.c.address_key, _MEMBERS.c.sequence), "keys") & _MEMBERS.c.sequence.is_not(None)
_DELIVERED = (
    update(_MEMBERS)
    .where(_MINE, _MEMBERS.c.state.in_(("queued", "sent", "unknown")))
    .values(state=literal("delivered"), reason=None)
)
_FAILED = update(_MEMBERS).where(_MINE).values(state=literal("failed"), reason=bindparam("why"))
_LONGEST = 80


def note_reports(session: Session, arrived: Collection[JobKey], failed: Mapping[JobKey, str | None]) -> None:
    """Note of those that are texts of broadcasts that they ``arrived``, or ``failed`` with these codes.

    One statement, and one for each code. What failed stays so, as a part of it did not arrive.
    """
    if arrived:
        session.connection().execute(_DELIVERED, {"keys": sorted(arrived)})
    codes: dict[str, list[JobKey]] = {}
    for key, code in failed.items():
        codes.setdefault((code or "failed")[:_LONGEST], []).append(key)
    for code, keys in sorted(codes.items()):
        session.connection().execute(_FAILED, {"keys": sorted(keys), "why": code})
