"""What a new version of a campaign changes: what matters in words, and the whole of it place by place."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from core.answers import AnswerPart, Column, ColumnFormat, Line, Table, Verbatim, line
from core.campaign.checks import liability
from core.campaign.grammar import Section
from core.campaign.published import read_rules
from core.campaign.rules import Rules

_MOST_CHANGES = 30
_LONGEST_SHOWN = 60
_COLUMNS = (Column("where"), Column("before", ColumnFormat.QUOTED), Column("after", ColumnFormat.QUOTED))


def changes_told(before: str, after: str, kinds: tuple[type[Section], ...]) -> Iterator[AnswerPart]:
    """All that is different between the published rules of two versions, what players and the budget feel first."""
    yield from _in_words(read_rules(before, kinds), read_rules(after, kinds))
    changed = list(_changed(before, after))
    yield Table("changes", _COLUMNS, changed[:_MOST_CHANGES], title="What changes:")
    if len(changed) > _MOST_CHANGES:
        yield line("… and {count} more", count=len(changed) - _MOST_CHANGES)


def _in_words(before: Rules, after: Rules) -> Iterator[Line]:
    for kind in _kinds(after):
        old, new = before.section(kind), after.section(kind)
        if old is not None and new is not None and old != new:
            yield from new.changes(old)
    yield from _stock(before, after)
    yield from _money(before, after)
    yield from _when(before, after)
    yield from _where(before, after)
    yield from _what(before, after)


def _stock(before: Rules, after: Rules) -> Iterator[Line]:
    old, new = ({item.name: item.stock for _, item in rules.goods()} for rules in (before, after))
    for name in dict.fromkeys((*new, *old)):
        had, has = old.get(name, 0), new.get(name, 0)
        if had != has:
            yield line("Stock of {item}: {before} → {after}.", item=name, before=had, after=has)


def _money(before: Rules, after: Rules) -> Iterator[Line]:
    if before.budget != after.budget:
        told = "The budget: {before} → {after}."
        yield line(told, **_both(before.budget, after.budget))
    if before.currency is None or after.currency is None:
        return
    owed = liability(before, before.planned_codes), liability(after, after.planned_codes)
    if owed[0] != owed[1]:
        yield line("What it can cost at most: {before} → {after}.", **_both(*owed))
    if before.planned_codes != after.planned_codes:
        told = "Planned codes: {before} → {after}."
        yield line(told, before=before.planned_codes, after=after.planned_codes)
    if not after.wins and before.earned() != after.earned():
        yield line("Points for a code: {before} → {after}.", before=before.earned(), after=after.earned())
    if before.points.expire != after.points.expire:
        told = "Points expire after days: {before} → {after}."
        yield line(told, before=before.points.expire, after=after.points.expire)


def _when(before: Rules, after: Rules) -> Iterator[Line]:
    for told, old, new in (
        ("It opens: {before} → {after}.", before.opens, after.opens),
        ("It closes: {before} → {after}.", before.closes, after.closes),
    ):
        if old != new:
            yield line(told, **_both(old, new))


def _where(before: Rules, after: Rules) -> Iterator[Line]:
    if added := [name for name in after.channels if name not in before.channels]:
        yield line("Newly played at: {places}.", places=Verbatim(", ".join(added)))
    if gone := [name for name in before.channels if name not in after.channels]:
        yield line("No longer played at: {places}.", places=Verbatim(", ".join(gone)))


def _what(before: Rules, after: Rules) -> Iterator[Line]:
    old, new = ({kind.key: rules.says(kind) for kind in _kinds(rules)} for rules in (before, after))
    if added := [key for key, said in new.items() if said and not old.get(key)]:
        yield line("New in it: {keys}.", keys=Verbatim(", ".join(added)))
    if gone := [key for key, said in old.items() if said and not new.get(key)]:
        yield line("Not in it any more: {keys}.", keys=Verbatim(", ".join(gone)))


def _kinds(rules: Rules) -> list[type[Section]]:
    return [type(section) for section in rules.each()]


def _both(before: object, after: object) -> dict[str, Verbatim | None]:
    """Two values of a file as it says them."""
    return {"before": _written(before), "after": _written(after)}


def _written(value: object) -> Verbatim:
    return Verbatim("–" if value is None else value)


def _changed(before: str, after: str) -> Iterator[tuple[str, str | None, str | None]]:
    """What is different between the rules of two versions, by place; None for what is not there."""
    old, new = dict(_flat(json.loads(before))), dict(_flat(json.loads(after)))
    places = sorted(old.keys() | new.keys())
    return ((place, old.get(place), new.get(place)) for place in places if old.get(place) != new.get(place))


def _flat(node: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Each value with its place; what stands in a list by its name, where it has one."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _flat(value, f"{place}.{key}" if place else key)
    elif isinstance(node, list):
        for number, value in enumerate(node, 1):
            key = value.get("name", number) if isinstance(value, Mapping) else number
            yield from _flat(value, f"{place}.{key}")
    elif node is not None:
        text = str(node)
        yield place, text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
