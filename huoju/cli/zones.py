"""In which zone a terminal shows instants, and reads them: that of the campaign spoken of, where it is one."""

from collections.abc import Mapping
from datetime import UTC, tzinfo
from typing import Any

from core.answers import Answer, ColumnFormat
from core.arguments import ArgumentKind, instant_named
from core.database import read_only
from core.engine.runtime import Runtime
from core.verbs import Verb

_INSTANTS = {ColumnFormat.MINUTE, ColumnFormat.SECOND}


def zone_of(runtime: Runtime, answer: Answer, given: Mapping[str, object]) -> tzinfo:
    """In which zone ``answer`` shows its instants. Nothing is read for one whose tables have none."""
    if not any(column.shown in _INSTANTS for table in answer.tables() for column in table.columns):
        return UTC
    return _zone(runtime, given)


def in_utc(runtime: Runtime, verb: Verb[Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """``given``, its instants read in the zone in which answers show theirs; what is none of any day stays as it is."""
    typed = {
        one.name: given[one.name]
        for one in verb.takes.each()
        if one.kind is ArgumentKind.INSTANT and isinstance(given.get(one.name), str)
    }
    if not typed:
        return dict(given)
    zone = _zone(runtime, given)
    return {**given, **{name: instant_named(text, zone) or text for name, text in typed.items()}}


def _zone(runtime: Runtime, given: Mapping[str, object]) -> tzinfo:
    """The zone of the campaign that was ``given``, else the one that all campaigns share; UTC where they share none."""
    with read_only(runtime.sessions) as session:
        zones = {live.rules.name: live.rules.zone for live in runtime.shelf.look(session).values()}
    named = {zones[name] for name in given.values() if isinstance(name, str) and name in zones}
    shared = named or set(zones.values())
    return shared.pop() if len(shared) == 1 else UTC
