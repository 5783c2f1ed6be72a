"""In which zone a terminal shows instants: that of the campaign which is spoken of, where it is one."""

from collections.abc import Mapping
from datetime import UTC, tzinfo

from core.answers import Answer, ColumnFormat
from core.database import read_only
from core.engine.runtime import Runtime

_INSTANTS = {ColumnFormat.MINUTE, ColumnFormat.SECOND}


def zone_of(runtime: Runtime, answer: Answer, given: Mapping[str, object]) -> tzinfo:
    """The zone of the campaign that was ``given``, else the one that all campaigns share; UTC where they share none.

    Nothing is read for an answer whose tables have no instants.
    """
    if not any(column.shown in _INSTANTS for table in answer.tables() for column in table.columns):
        return UTC
    with read_only(runtime.sessions) as session:
        zones = {live.rules.name: live.rules.zone for live in runtime.shelf.look(session).values()}
    named = {zones[name] for name in given.values() if isinstance(name, str) and name in zones}
    shared = named or set(zones.values())
    return shared.pop() if len(shared) == 1 else UTC
