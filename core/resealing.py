"""Sealing anew: after a rotation every value of an older key is sealed with the newest one, while everybody plays on.

A pass goes through a column by the primary key, some rows a transaction, and notes where it is in the transaction that
writes them. So any number of clocks may do it at once, each killed at any point. Values are sealed before the
transaction; within it a row is written only if it holds the same value still and nobody else has it in hand. What was
left, and what a process wrote that did not know of the newer key yet, the next pass finds: they go on until one finds
nothing old.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog
from sqlalchemy import ColumnElement, LargeBinary, case, func, literal, select, tuple_
from sqlalchemy.orm import Session

from core import bulk, database
from core.answers import Line, VerbName, line
from core.database import read_only
from core.engine.runtime import Runtime
from core.keys import Keyring, KeysUnusable
from core.lists import among_rows
from core.models import Resealing
from core.models.base import table_of
from core.pace import SHARE_S, Pace
from core.sealed import Sealed

log = structlog.get_logger()

STANDS_STILL = timedelta(minutes=10)
"""A pass that has not come forward for so long wants somebody to look."""
_REST_S = 10.0
_EACH = 4
"""So many rows a later pass looks at for one that may be written: it finds few."""
Key = tuple[Any, ...]


class Outcome(NamedTuple):
    """What became of some rows of a column."""

    sealed: int
    ended: bool
    """Nothing old is left."""
    elsewhere: bool = False
    """Another clock is at it."""


class OldSeals:
    """Seals old values anew, at each act for a twentieth of a second; rests while nothing is old."""

    def __init__(self, runtime: Runtime, running_s: Callable[[], float] = time.monotonic) -> None:
        self._world, self._running_s, self._rests_until_s = runtime, running_s, 0.0
        self._paces = {one.name: pace_for(runtime, one, running_s) for one in runtime.mechanics.sealed}

    def act(self, at: datetime) -> int:
        """Go on with the columns that are not done at ``at``; returns how many values were sealed anew."""
        began_s, total = self._running_s(), 0
        if began_s < self._rests_until_s or len(self._world.keys.fingerprints) == 1:
            return 0
        newest = self._world.keys.newest
        with read_only(self._world.sessions) as session:
            over = {one.what for one in progress(session) if one.ended_at and one.key_number == newest}
        for one in (one for one in self._world.mechanics.sealed if one.name not in over):
            ended = not begin(self._world, one, at)
            while not ended:
                outcome = go_on(self._world, one, at, self._paces[one.name])
                total, ended = total + outcome.sealed, outcome.ended or outcome.elsewhere
                if self._running_s() - began_s >= SHARE_S:
                    return total
        self._rests_until_s = self._running_s() + _REST_S
        return total


def pace_for(runtime: Runtime, one: Sealed, running_s: Callable[[], float] = time.monotonic) -> Pace:
    """The pace at which values of a column are sealed anew on the database of ``runtime``."""
    with runtime.sessions() as session:
        return Pace(session.get_bind().dialect.name, running_s, wanted=one.locked)


def reseal(runtime: Runtime, at: datetime) -> int:
    """Seal all anew that an older key sealed, or until other clocks are at it; returns how many values were."""
    total = 0
    for one in runtime.mechanics.sealed:
        pace, ended = pace_for(runtime, one), not begin(runtime, one, at)
        while not ended:
            outcome = go_on(runtime, one, at, pace)
            total, ended = total + outcome.sealed, outcome.ended or outcome.elsewhere
    return total


def begin(runtime: Runtime, one: Sealed, at: datetime) -> bool:
    """Begin with a column if a newer key was made; whether there is a pass to go on with."""
    newest = runtime.keys.newest
    with read_only(runtime.sessions) as session:
        known = session.get(Resealing, one.name)
        if known is not None and known.key_number >= newest:
            return known.key_number == newest and known.ended_at is None
        total = session.scalar(select(func.count()).select_from(one.table)) or 0
    new = {"what": one.name, "key_number": newest, "pass_number": 1, "reached": None, "total": total}
    new |= {"seen": 0, "old": 0, "unreadable": 0, "anew": 0, "began_at": at, "moved_at": at, "ended_at": None}
    with runtime.sessions.begin() as session:
        if bulk.claim(session, (table := table_of(Resealing)), [new], table.c.what):
            return True
        if (mine := _mine(session, one)) is None or mine.key_number >= newest:
            return False
        for name, value in new.items():
            setattr(mine, name, value)
        session.flush()
    return True


def go_on(runtime: Runtime, one: Sealed, at: datetime, pace: Pace) -> Outcome:
    """Look at the next rows of a pass, about as many as ``pace`` says."""
    keys = runtime.keys
    with read_only(runtime.sessions) as session:
        passed = session.get_one(Resealing, one.name)
        if passed.ended_at is not None:
            return Outcome(0, ended=True)
        found = _next_rows(session, one, passed, pace.rows)
    if passed.key_number != keys.newest:
        return Outcome(0, ended=False, elsewhere=True)
    anew, unreadable = _sealed_anew(keys, one, found.old)
    with runtime.sessions.begin() as session:
        mine = _mine(session, one)
        pace.begin()
        if mine is None or _place(mine) != _place(passed):
            return Outcome(0, ended=False, elsewhere=True)
        written = _written(session, one, anew) if anew else 0
        mine.seen, mine.old = mine.seen + found.seen, mine.old + len(anew)
        mine.unreadable, mine.anew, mine.moved_at = mine.unreadable + unreadable, mine.anew + written, at
        mine.reached = found.reached
        if found.reached is None:
            _end(one, mine, at)
        session.flush()
        ended = mine.ended_at is not None
    pace.end()
    if unreadable:
        log.warning("seals.unreadable", column=one.name, count=unreadable)
    return Outcome(written, ended)


def _place(passed: Resealing) -> tuple[object, ...]:
    return passed.key_number, passed.pass_number, passed.reached, passed.ended_at, passed.began_at


def _end(one: Sealed, mine: Resealing, at: datetime) -> None:
    """A pass is over: it was the last one if it found nothing old, else the next one begins."""
    if not mine.old:
        mine.ended_at = at
        log.info("seals.anew", column=one.name, key=mine.key_number, sealed=mine.anew, unreadable=mine.unreadable)
        return
    mine.pass_number += 1
    mine.seen = mine.old = mine.unreadable = 0


def _mine(session: Session, one: Sealed) -> Resealing | None:
    """The row of the column, unless another clock has it in hand."""
    found = select(Resealing).where(Resealing.what == one.name).execution_options(populate_existing=True)
    return session.scalars(database.taken(found, Resealing.what, Resealing)).one_or_none()


class _Old(NamedTuple):
    """A value that another key sealed."""

    key: Key
    named: Key
    value: bytes


class _Found(NamedTuple):
    seen: int
    old: list[_Old]
    reached: str | None
    """Where the pass is after them; None at its end."""


def first_byte(one: Sealed) -> ColumnElement[bytes]:
    """The number of the key by which a value was sealed."""
    return func.substr(one.column, 1, 1, type_=LargeBinary())


def _next_rows(session: Session, one: Sealed, passed: Resealing, most: int) -> _Found:
    """The next rows of a pass: ``most`` old ones at most."""
    wide = most if passed.pass_number == 1 else most * _EACH
    sought = case((first_byte(one) != bytes([passed.key_number]), one.column), else_=None)
    columns = (*one.key, *(each.label(None) for each in one.named_by), sought.label(None))
    rows = select(*columns).order_by(*one.key).limit(wide)
    if passed.reached is not None:
        rows = rows.where(_after(one, _read(one, passed.reached)))
    seen, old, last = 0, list[_Old](), None
    width = len(one.key)
    found = session.execute(rows).all()
    for row in found:
        seen, last = seen + 1, tuple(row[:width])
        if row[-1] is not None:
            old.append(_Old(last, tuple(row[width:-1]), row[-1]))
            if len(old) == most:
                break
    at_end = seen == len(found) < wide
    return _Found(seen, old, None if at_end or last is None else _kept(last))


def _after(one: Sealed, key: Key) -> ColumnElement[bool]:
    values = [literal(value, column.type) for value, column in zip(key, one.key, strict=True)]
    return tuple_(*one.key) > tuple_(*values) if len(values) > 1 else one.key[0] > values[0]


def _kept(key: Key) -> str:
    return json.dumps([each.hex() if isinstance(each, bytes) else each for each in key], ensure_ascii=False)


def _read(one: Sealed, kept: str) -> Key:
    values = zip(json.loads(kept), one.key, strict=True)
    return tuple(bytes.fromhex(value) if isinstance(column.type, LargeBinary) else value for value, column in values)


def _sealed_anew(keys: Keyring, one: Sealed, old: Sequence[_Old]) -> tuple[dict[Key, tuple[bytes, bytes]], int]:
    """By primary key: the value and the one that takes its place; and how many do not open."""
    anew, unreadable = dict[Key, tuple[bytes, bytes]](), 0
    for each in old:
        try:
            text = one.open(keys, each.named, each.value)
        except (KeysUnusable, ValueError):
            unreadable += 1
        else:
            anew[each.key] = each.value, keys.seal(one.where, one.row(*each.named), text)
    return anew, unreadable


def _written(session: Session, one: Sealed, anew: dict[Key, tuple[bytes, bytes]]) -> int:
    """Write what was sealed anew where the old value stands still and nobody has the row; returns how many rows."""
    table, name = table_of(one.table), one.column.key
    wanted = select(*one.key, one.column.label(None)).where(among_rows(one.key, "keys"))
    rows = session.execute(database.taken(wanted, one.key[0], one.table), {"keys": sorted(anew)}).all()
    names = [column.key for column in table.primary_key.columns]
    same = [key for row in rows if anew[key := tuple(row[:-1])][0] == row[-1]]
    bulk.change(session, table, [{**dict(zip(names, key, strict=True)), name: anew[key][1]} for key in same])
    return len(same)


def values_by_key(
    session: Session, columns: Sequence[Sealed], told: Callable[[int, int], object] = lambda _done, _of: None
) -> dict[int, dict[str, int]]:
    """How many values each key sealed, by its number and the name of the column. Reads all of them.

    ``told`` hears how many columns are read, and of how many.
    """
    found: dict[int, dict[str, int]] = {}
    for done, one in enumerate(columns, 1):
        number = first_byte(one)
        counts = select(number, func.count()).where(one.column.is_not(None)).group_by(number)
        for first, count in session.execute(counts):
            found.setdefault(first[0] if first else 0, {})[one.name] = count
        told(done, len(columns))
    return found


def look_again(session: Session, names: Sequence[str]) -> None:
    """Let another pass go through columns that were done, in which something old was found."""
    for one in session.scalars(select(Resealing).where(Resealing.what.in_(names)).order_by(Resealing.what)):
        if one.ended_at is not None:
            one.ended_at, one.pass_number, one.reached = None, one.pass_number + 1, None
            one.seen = one.old = one.unreadable = 0
    session.flush()


def progress(session: Session) -> Sequence[Resealing]:
    """How far each column has come, by its name. One query."""
    return session.scalars(select(Resealing).order_by(Resealing.what)).all()


def left_of(one: Resealing) -> int:
    """How many rows of a column nobody has looked at; what a later pass looks at once more does not count."""
    return 0 if one.ended_at or one.pass_number > 1 else max(one.total - one.seen, 0)


def percent(rows: Sequence[Resealing]) -> int:
    """How far a rotation is, rounded down: 100 when it is over."""
    if all(one.ended_at for one in rows):
        return 100
    total = max(sum(one.total for one in rows), 1)
    return min(99, 100 * (total - sum(map(left_of, rows))) // total)


def told(session: Session, keys: Keyring) -> Iterator[Line]:
    """What health says of a rotation; nothing where there was none. One query."""
    if not (rows := _under(session, keys)) and len(keys.fingerprints) == 1:
        return
    values = {"key": keys.newest, "sealed": sum(one.anew for one in rows)}
    if rows and all(one.ended_at for one in rows):
        yield line("Keys: everything is sealed with key {key}; {sealed} values were sealed anew.", **values)
        return
    under_way = "Keys: {percent}% is sealed with key {key}; {sealed} values were sealed anew so far."
    yield line(under_way, percent=percent(rows) if rows else 0, **values)


def wrong(session: Session, keys: Keyring, at: datetime) -> Iterator[Line]:
    """What is wrong with a rotation: it stands still, or values do not open. One query."""
    rows = _under(session, keys)
    if (since := stands_still_since(rows, keys, at)) is not None:
        yield line("sealing anew stands still since {at:%Y-%m-%d %H:%M} UTC: does a clock run?", at=since)
    for one in rows:
        if one.unreadable:
            told = "{count} values of {column} do not open by the key file; {verb} tells which"
            yield line(told, count=one.unreadable, column=one.what, verb=VerbName("audit"))


def stands_still_since(rows: Sequence[Resealing], keys: Keyring, at: datetime) -> datetime | None:
    """When a rotation that is not over came forward last, if that is long ago; ``rows`` are of the newest key."""
    if len(keys.fingerprints) == 1 or (rows and all(one.ended_at for one in rows)):
        return None
    since = max((one.moved_at for one in rows), default=keys.made_at)
    return since if since is not None and since < at - STANDS_STILL else None


def _under(session: Session, keys: Keyring) -> list[Resealing]:
    newest = keys.newest
    return [one for one in progress(session) if one.key_number == newest]
