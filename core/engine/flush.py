"""Flush: what changed goes in one flush, what is new in one bulk insert a table."""

from functools import cache
from typing import Any

import structlog
from sqlalchemy import literal_column, tuple_, update
from sqlalchemy.orm import Session

from core import bulk, lists, notices
from core.context import TurnRows
from core.guesses import save_guesses
from core.models import Base, Inbox, Join, NoticeRight, OutboundJob, Player
from core.models.base import table_of
from core.scenes import write_scenes
from core.sending.jobs import write_carried
from core.sending.spend_limits import write_sums

log = structlog.get_logger()


@cache
def _places() -> dict[type[Any], int]:
    """The place of each table in the order of insertion: parents before children, the same for everybody."""
    order = {table: place for place, table in enumerate(Base.metadata.sorted_tables)}
    return {each.class_: order[table_of(each.class_)] for each in Base.registry.mappers}


# Spelt out, for the index that holds only these.
_RELEASE = (
    update(table_of(OutboundJob))
    .where(lists.among(OutboundJob.address_key, "keys"), OutboundJob.state == literal_column("'held'"))
    .values(state="due", by_right=None)
)
_RELEASE_AND_TELL = notices.telling(_RELEASE.returning(notices.OF[OutboundJob]))


def save(session: Session, rows: TurnRows, hour: int) -> None:
    """Write everything that the turn decided; the caller commits."""
    bulk.write_changes(session)
    for model in sorted(rows.new.keys() | rows.appended.keys(), key=_places().__getitem__):
        bulk.add(session, rows.new.pop(model, ()))
        bulk.append(session, table_of(model), rows.appended.pop(model, ()), notices.OF.get(model))
    for gone, into in rows.merged.items():
        session.execute(update(Join).where(Join.player_id == gone).values(player_id=into))
        session.execute(update(Player).where(Player.merged_into == gone).values(merged_into=into))
    _save_reach(session, rows)
    if rows.withheld:
        mine = tuple_(Inbox.address_key, Inbox.external_id).in_(sorted(rows.withheld))
        session.execute(update(table_of(Inbox)).where(mine).values(withheld=True))
        log.info("answers.withheld", messages=len(rows.withheld))
    write_sums(session, rows.spent)
    save_guesses(session, rows, hour)
    if rows.scenes:
        write_scenes(session, rows.scenes)


def _save_reach(session: Session, rows: TurnRows) -> None:
    """Let what was held for those who spoke go, but for what they were told, and count what they agreed to."""
    write_carried(session, rows.held.carried)
    if rows.released:
        release = _RELEASE_AND_TELL if session.get_bind().dialect.name == "postgresql" else _RELEASE
        session.connection().execute(release, {"keys": sorted(rows.released)})
    if rows.agreed:
        agreed = [{"address_key": key, "template": name, "left": n} for (key, name), n in sorted(rows.agreed.items())]
        bulk.add_up(session, table_of(NoticeRight), agreed, "left")
