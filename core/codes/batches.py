"""Batches: issue codes for a printer, import codes printed elsewhere, activate, void, count."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import BinaryIO, Protocol

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import database
from core.campaign.checks import liability, most_codes
from core.campaign.publishing import CampaignRefused, get_campaign
from core.campaign.rules import Rules
from core.codes.alphabet import code_maker, grouped, normalise
from core.keys import Keyring
from core.models import Batch, Campaign, CampaignVersion, Code, Redemption
from core.models.base import table_of
from core.randomness import Randomness

CHUNK = 20_000
"""Codes that are made, stored and written together: memory stays the same for a thousand and for ten million."""

_CLASHES_TOLERATED = 5
_SHORTEST, _LONGEST = 6, 32
_HEADINGS = {normalise(word) for word in ("code", "codes", "抽奖码", "兑换码")}
Progress = Callable[[int], None]
"""Told how many more codes are done."""


class Output(Protocol):
    """Where the printer's lines go."""

    def write(self, raw: bytes, /) -> object:
        """Take ``raw``."""
        ...


class BatchRefused(Exception):
    """What was asked cannot be done with these codes; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A batch that was stored, inert: its number, how many codes, and the SHA-256 of the file's bytes."""

    batch_id: int
    codes_count: int
    file_sha256: str


@dataclass(frozen=True, slots=True)
class Issue:
    """How codes are issued: the keyring that hashes them, where randomness comes from, who is told of progress."""

    keys: Keyring
    randomness: Randomness
    now: datetime
    progress: Progress = lambda _done: None


def issue(session: Session, campaign_name: str, count: int, out: Output, how: Issue) -> Issued:
    """Make ``count`` random codes for a campaign, store their hashes and write ``serial,code`` lines to ``out``.

    The caller commits after ``out`` is safe: codes in a lost file are codes that nobody has. Raises BatchRefused
    when the code space, the budget or the planned number would be exceeded.
    """
    campaign, rules = _campaign_and_rules(session, campaign_name)
    length = rules.codes.length
    _refuse_too_many(session, campaign, rules, count, length, checked=True)
    batch = _new_batch(session, campaign, length, how.now, checked=True)
    file_hash = hashlib.sha256()

    def write(lines: str) -> None:
        raw = lines.encode()
        file_hash.update(raw)
        out.write(raw)

    write("serial,code\r\n")
    maker = code_maker(length)
    done = 0
    while done < count:
        codes = _store_fresh(session, batch.id, min(CHUNK, count - done), how, maker)
        write("".join(f"{serial},{grouped(code)}\r\n" for serial, code in enumerate(codes, start=done + 1)))
        done += len(codes)
        how.progress(len(codes))
    return _finish(session, batch, done, file_hash.hexdigest())


def _store_fresh(
    session: Session, batch_id: int, count: int, how: Issue, maker: tuple[int, Callable[[int], str]]
) -> list[str]:
    """Store ``count`` codes that did not exist; a clash (one in thousands of batches) makes the chunk anew."""
    bits, make = maker
    size = (bits + 7) // 8
    for _ in range(_CLASHES_TOLERATED):
        raw = how.randomness.take(size * count)
        numbers = (int.from_bytes(raw[start : start + size], "big") for start in range(0, len(raw), size))
        codes = [make(number) for number in numbers]
        try:
            with session.begin_nested():
                _store(session, batch_id, [how.keys.code_hash(code) for code in codes])
        except IntegrityError:
            continue
        return codes
    raise BatchRefused("random codes clash again and again; the code space is too full, use longer codes")


def _store(session: Session, batch_id: int, hashes: Iterable[bytes]) -> None:
    """Insert code rows, in the order of the index that they go into."""
    database.bulk_load(session, table_of(Code), ("hash", "batch_id"), [(h, batch_id) for h in sorted(hashes)])


def import_codes(session: Session, campaign_name: str, source: BinaryIO, how: Issue) -> Issued:
    """Store codes that were printed elsewhere: UTF-8, one a line, or the last field of a CSV line; all of one length.

    Raises BatchRefused, naming the line, for a code that is no code, of another length, or known already.
    """
    campaign, rules = _campaign_and_rules(session, campaign_name)
    file_hash, done = hashlib.sha256(), 0
    batch: Batch | None = None
    numbered = _read_codes(source, file_hash.update)
    while chunk := list(islice(numbered, CHUNK)):
        if batch is None:
            batch = _new_batch(session, campaign, len(chunk[0][1]), how.now, checked=False)
        _store_imported(session, batch, chunk, how.keys)
        done += len(chunk)
        how.progress(len(chunk))
    if batch is None:
        raise BatchRefused("the file holds no codes; give one code a line")
    _refuse_too_many(session, campaign, rules, done, batch.code_length, checked=False)
    return _finish(session, batch, done, file_hash.hexdigest())


def _read_codes(source: BinaryIO, seen: Callable[[bytes], None]) -> Iterator[tuple[int, str]]:
    for number, raw in enumerate(source, start=1):
        seen(raw)
        try:
            line = raw.decode("utf-8-sig").strip()
        except UnicodeDecodeError:
            raise BatchRefused(f"line {number} is not UTF-8 text; save the file as UTF-8") from None
        code = normalise(line.rsplit(",", 1)[-1].strip('"'))
        if not line or (number == 1 and code in _HEADINGS):
            continue
        if not (code.isascii() and code.isalnum() and _SHORTEST <= len(code) <= _LONGEST):
            raise BatchRefused(f"line {number} is no code; codes have {_SHORTEST} to {_LONGEST} letters and digits")
        yield number, code


def _store_imported(session: Session, batch: Batch, chunk: Sequence[tuple[int, str]], keys: Keyring) -> None:
    line_of: dict[bytes, int] = {}
    for number, code in chunk:
        if len(code) != batch.code_length:
            raise BatchRefused(
                f"line {number} has {len(code)} symbols, the first code has {batch.code_length};"
                " import codes of different lengths as different files"
            )
        if (earlier := line_of.setdefault(keys.code_hash(code), number)) != number:
            raise BatchRefused(f"line {number} is the same code as line {earlier} (O is read as 0, I and L as 1)")
    known = select(Code.hash).where(Code.hash.in_(sorted(line_of))).limit(1)
    if (clash := session.scalar(known)) is not None:
        raise BatchRefused(f"the code on line {line_of[clash]} is known already; each code can exist once")
    _store(session, batch.id, line_of)


def _campaign_and_rules(session: Session, name: str) -> tuple[Campaign, Rules]:
    campaign = get_campaign(session, name)
    if campaign.state == "ended":
        raise CampaignRefused(f"{name} has ended; it takes no more codes")
    version = session.get_one(CampaignVersion, (campaign.id, campaign.version))
    return campaign, Rules.model_validate_json(version.rules)


def _refuse_too_many(
    session: Session, campaign: Campaign, rules: Rules, adding: int, length: int, *, checked: bool
) -> None:
    """Raise BatchRefused when with ``adding`` more codes guessing, the plan or the budget would be at risk."""
    live = select(func.coalesce(func.sum(Batch.codes_count), 0)).where(Batch.state != "void")
    alike = session.scalar(live.where(Batch.code_length == length)) or 0
    most = most_codes(rules, length, checked=checked)
    if alike + adding > most:
        raise BatchRefused(f"of {length} symbols at most {most} codes can live safely, {alike} do; use longer codes")
    total = (session.scalar(live.where(Batch.campaign_id == campaign.id)) or 0) + adding
    if rules.codes.planned and total > rules.codes.planned:
        raise BatchRefused(f"{rules.codes.planned} codes are planned, with these there would be {total}")
    if rules.budget and liability(rules, total).cents > rules.budget.cents:
        owed = liability(rules, total)
        raise BatchRefused(f"{total} codes can cost {owed}, more than the budget of {rules.budget}")


def _new_batch(session: Session, campaign: Campaign, length: int, now: datetime, *, checked: bool) -> Batch:
    batch = Batch(
        campaign_id=campaign.id,
        state="inert",
        codes_count=0,
        code_length=length,
        checked=checked,
        file_sha256="",
        created_at=now,
        activated_at=None,
        voided_at=None,
    )
    session.add(batch)
    session.flush()
    return batch


def _finish(session: Session, batch: Batch, count: int, file_sha256: str) -> Issued:
    batch.codes_count, batch.file_sha256 = count, file_sha256
    session.flush()
    return Issued(batch.id, count, file_sha256)


def activate(session: Session, batch_id: int, now: datetime, file_sha256: str | None = None) -> Batch:
    """Let the codes of an inert batch be redeemed; with ``file_sha256`` only if it was issued into that very file."""
    batch = get_batch(session, batch_id)
    if batch.state != "inert":
        raise BatchRefused(f"batch {batch_id} is {batch.state}; only an inert batch can be activated")
    if file_sha256 is not None and file_sha256 != batch.file_sha256:
        raise BatchRefused(f"this is not the file of batch {batch_id}: its SHA-256 should be {batch.file_sha256}")
    batch.state, batch.activated_at = "active", now
    return batch


def void(session: Session, batch_id: int, now: datetime) -> Batch:
    """Make all codes of a batch that are not yet redeemed worthless, for good."""
    batch = get_batch(session, batch_id)
    if batch.state == "void":
        raise BatchRefused(f"batch {batch_id} is void already")
    batch.state, batch.voided_at = "void", now
    return batch


def get_batch(session: Session, batch_id: int) -> Batch:
    """One batch, locked. Raises BatchRefused when there is none."""
    statement = select(Batch).where(Batch.id == batch_id)
    batch = session.scalars(database.locked(statement, Batch.id, Batch)).one_or_none()
    if batch is None:
        raise BatchRefused(f"there is no batch {batch_id}; `huoju codes status` lists them")
    return batch


def redeemed_counts(session: Session) -> dict[int, int]:
    """How many codes of each batch were redeemed, by batch number."""
    counted = (
        select(Code.batch_id, func.count()).join(Redemption, Redemption.code_hash == Code.hash).group_by(Code.batch_id)
    )
    return dict(session.execute(counted).tuples().all())
