"""The log of operators: what each said and what came of it, in rows that nobody changes or takes away unseen.

A row's digest is a keyed hash of the row and of what the head, which every writer locks, knew of the row before it.
Whoever has the database and not the key file can make no digest that fits.
"""

import hmac
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import bulk, database
from core.answers import Change
from core.keys import Keyring, KeysUnusable
from core.models.base import table_of
from handlers.operators.tables import CHANGES_COLUMN, WORDS_COLUMN, LogEntry, LogHead

Ending = Literal["done", "planned", "refused", "denied", "stranger"]
NO_DIGEST = bytes(32)
_SECRET = "operator log"  # noqa: S105  # what the secret is for
_CHUNK = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is written of one verb."""

    at: datetime
    operator: str | None
    role: str | None
    place: str
    address_key: bytes | None = None
    external_id: str | None = None
    verb: str
    words: str
    plan_id: int | None = None
    changes: Sequence[Change] = ()
    ending: Ending


def entry_row(number: int) -> bytes:
    """The row part of the associated data of what is sealed for a row of the log."""
    return number.to_bytes(8, "big")


def write(session: Session, keys: Keyring, said: Said) -> int:
    """Append ``said`` and return its number. Locks the end of the log until the transaction ends: call it last."""
    heads = table_of(LogHead)
    bulk.claim(session, heads, [{"id": 1, "number": 0, "digest": NO_DIGEST}], heads.c.id)
    head = session.execute(database.locked(select(LogHead), LogHead.id, LogHead)).scalar_one()
    number = head.number + 1
    row = entry_row(number)
    told = [list(one) for one in said.changes]
    changes = json.dumps(told, ensure_ascii=False, separators=(",", ":")) if told else None
    entry = LogEntry(
        number=number,
        at=said.at,
        operator=said.operator,
        role=said.role,
        place=said.place,
        address_key=said.address_key,
        external_id=said.external_id,
        verb=said.verb,
        words_sealed=keys.seal(WORDS_COLUMN, row, said.words),
        words_mac=keys.body_mac(said.words),
        plan_id=said.plan_id,
        changes_sealed=None if changes is None else keys.seal(CHANGES_COLUMN, row, changes),
        changes_mac=None if changes is None else keys.body_mac(changes),
        ending=said.ending,
        digest=NO_DIGEST,
    )
    entry.digest = _digest(keys, head.digest, entry)
    session.add(entry)
    head.number, head.digest = number, _end(keys, entry)
    session.flush()
    return number


def _end(keys: Keyring, last: LogEntry) -> bytes:
    """What the head keeps: no row shows it, so the end of the log cannot be moved back to an earlier row."""
    return hmac.digest(keys.secret_for(_SECRET), b"end" + last.digest, "sha256")


def _digest(keys: Keyring, before: bytes, entry: LogEntry) -> bytes:
    told = [
        entry.number,
        entry.at.astimezone(UTC).isoformat(),
        entry.operator,
        entry.role,
        entry.place,
        entry.address_key.hex() if entry.address_key else None,
        entry.external_id,
        entry.verb,
        entry.words_mac.hex(),
        entry.plan_id,
        entry.changes_mac.hex() if entry.changes_mac else None,
        entry.ending,
    ]
    row = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    return hmac.digest(keys.secret_for(_SECRET), before + row, "sha256")


@dataclass(frozen=True, slots=True)
class LogFault:
    """A row of the log that is not as it was written, or is gone."""

    number: int
    wrong: str


class LogMark(NamedTuple):
    """How far a log was verified: the number of the last row, and what the head knew of that."""

    number: int
    digest: bytes


BEGINNING = LogMark(0, NO_DIGEST)


def end_of(session: Session) -> LogMark:
    """Where the log ends, by its head."""
    head = session.get(LogHead, 1)
    return BEGINNING if head is None else LogMark(head.number, head.digest)


def verify(session: Session, keys: Keyring, since: LogMark = BEGINNING) -> Iterator[LogFault]:
    """The rows that were touched or are gone, by their numbers; nothing where the log is whole.

    With ``since``, the end of it in a snapshot in which it was whole, only what was written after that is read.
    """
    before, expected = since.digest, since.number + 1
    later = select(LogEntry).where(LogEntry.number > since.number)
    statement = later.order_by(LogEntry.number).execution_options(yield_per=_CHUNK)
    for entry in session.scalars(statement):
        for gone in range(expected, entry.number):
            yield LogFault(gone, "is gone")
        whole = expected == entry.number
        if whole and not hmac.compare_digest(entry.digest, _digest(keys, before, entry)):
            yield LogFault(entry.number, "was changed")
        elif not _opens(keys, entry):
            yield LogFault(entry.number, "was changed: its words are not those that were said")
        before, expected = _end(keys, entry), entry.number + 1
    head = session.get(LogHead, 1)
    last = head.number if head is not None else 0
    for gone in range(expected, last + 1):
        yield LogFault(gone, "is gone")
    if expected == last + 1 and head is not None and not hmac.compare_digest(head.digest, before):
        yield LogFault(last, "is not the one that the end of the log remembers")
    if expected > last + 1:
        yield LogFault(expected - 1, "was added behind the end of the log")


def _opens(keys: Keyring, entry: LogEntry) -> bool:
    row = entry_row(entry.number)
    for column, sealed, mac in (
        (WORDS_COLUMN, entry.words_sealed, entry.words_mac),
        (CHANGES_COLUMN, entry.changes_sealed, entry.changes_mac),
    ):
        if sealed is None:
            continue
        try:
            plain = keys.unseal(column, row, sealed)
        except (KeysUnusable, ValueError):
            return False
        if mac is None or not hmac.compare_digest(keys.body_mac(plain), mac):
            return False
    return True


def words_of(keys: Keyring, entry: LogEntry) -> str | None:
    """What was said; None where it was forgotten. Raises KeysUnusable."""
    row = entry_row(entry.number)
    return None if entry.words_sealed is None else keys.unseal(WORDS_COLUMN, row, entry.words_sealed)


def changes_of(keys: Keyring, entry: LogEntry) -> list[Change]:
    """What was changed. Raises KeysUnusable."""
    row = entry_row(entry.number)
    if entry.changes_sealed is None:
        return []
    return [Change(*one) for one in json.loads(keys.unseal(CHANGES_COLUMN, row, entry.changes_sealed))]


_FIELDS = ("number", "operator", "role", "place", "external_id", "verb", "plan_id", "ending")
_BYTES = ("address_key", "words_mac", "changes_mac", "digest")


def exported(session: Session, keys: Keyring) -> Iterator[str]:
    """The whole log, JSON by line: each row with its words and digest, and last how many there are and the head.

    Rows never change, so an older file is how a newer one begins, but for its last line. Words that were forgotten are
    null; rows that do not open say so.
    """
    count = 0
    statement = select(LogEntry).order_by(LogEntry.number).execution_options(yield_per=_CHUNK)
    for entry in session.scalars(statement):
        count += 1
        yield _line(_row(keys, entry))
    head = session.get(LogHead, 1)
    yield _line({"rows": count, "head": NO_DIGEST.hex() if head is None else head.digest.hex()})


def _row(keys: Keyring, entry: LogEntry) -> dict[str, object]:
    told: dict[str, object] = {name: getattr(entry, name) for name in _FIELDS}
    told |= {name: None if (raw := getattr(entry, name)) is None else raw.hex() for name in _BYTES}
    told["at"] = entry.at.astimezone(UTC).isoformat()
    try:
        return told | {"words": words_of(keys, entry), "changes": [list(one) for one in changes_of(keys, entry)]}
    except (KeysUnusable, ValueError):
        return told | {"unreadable": True}


def _line(told: object) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n"


def verify_file(lines: Iterable[str], keys: Keyring) -> Iterator[LogFault]:
    """What is wrong with a file of :func:`exported`, by its rows; nothing where it is whole. It asks no database."""
    before, expected, told = NO_DIGEST, 1, None
    for text in lines:
        told = _read(text)
        if told is None:
            yield LogFault(expected, "cannot be read")
            return
        if "head" in told:
            break
        entry = _entry(told)
        if entry is None:
            yield LogFault(expected, "cannot be read")
            return
        for gone in range(expected, entry.number):
            yield LogFault(gone, "is gone")
        whole = expected == entry.number
        if whole and not hmac.compare_digest(entry.digest, _digest(keys, before, entry)):
            yield LogFault(entry.number, "was changed")
        elif not _says(keys, entry, told):
            yield LogFault(entry.number, "was changed: its words are not those that were said")
        before, expected = _end(keys, entry), entry.number + 1
    if told is None or told.get("head") != before.hex():
        yield LogFault(expected - 1, "is not the one that the end of the log remembers")


def _read(text: str) -> dict[str, Any] | None:
    try:
        told = json.loads(text)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def _entry(told: dict[str, Any]) -> LogEntry | None:
    """The row that a line tells of, without its words; None for none."""
    try:
        values = {name: told[name] for name in _FIELDS}
        values |= {name: None if told[name] is None else bytes.fromhex(told[name]) for name in _BYTES}
        values["at"] = datetime.fromisoformat(told["at"])
    except (KeyError, TypeError, ValueError):
        return None
    is_row = isinstance(values["number"], int) and values["words_mac"] is not None and values["digest"] is not None
    return LogEntry(**values) if is_row else None


def _says(keys: Keyring, entry: LogEntry, told: dict[str, Any]) -> bool:
    """Whether its words and changes are those of the row; forgotten ones are none."""
    words, changes = told.get("words"), told.get("changes") or None
    if words is not None and not hmac.compare_digest(keys.body_mac(str(words)), entry.words_mac):
        return False
    if changes is None:
        return entry.changes_mac is None or "unreadable" in told
    written = json.dumps(changes, ensure_ascii=False, separators=(",", ":"))
    return entry.changes_mac is not None and hmac.compare_digest(keys.body_mac(written), entry.changes_mac)
