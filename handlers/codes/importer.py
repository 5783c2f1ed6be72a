"""Import codes that were printed elsewhere: any letters and digits, without a check symbol, all of one length."""

from collections.abc import Iterable, Sequence
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.alphabet import imported_bits
from core.keys import Keyring
from core.models import Batch
from handlers.codes.batches import (
    CHUNK,
    Issue,
    Issued,
    campaign_and_rules,
    finish,
    new_batch,
    store,
)
from handlers.codes.limits import BatchRefused, refuse_mixed, refuse_unsafe
from handlers.codes.tables import Code

SHORTEST, LONGEST = 6, 32
_NAMED = 5


def import_codes(
    session: Session, campaign_name: str, codes: Iterable[tuple[int, str]], file_sha256: str, how: Issue
) -> Issued:
    """Store ``codes``, (row, code in its normal form), of the file with that hash; all of one length.

    ``codes`` is iterated over again when a row is to be named. Raises BatchRefused, naming the row, for a code of
    another length, one that is there twice, or one that is known already.
    """
    campaign, rules = campaign_and_rules(session, campaign_name, how.kinds)
    done, batch = 0, None
    symbols: list[set[str]] = []
    given = iter(codes)
    while chunk := list(islice(given, CHUNK)):
        if batch is None:
            refuse_mixed(session, len(chunk[0][1]), checked=False)
            batch = new_batch(session, campaign, len(chunk[0][1]), how.now, checked=False)
            symbols = [set() for _ in range(batch.code_length)]
        _store_imported(session, batch, chunk, how.keys, codes)
        for place, seen in enumerate(symbols):
            seen.update(code[place] for _, code in chunk)
        done += len(chunk)
        how.progress(len(chunk))
    if batch is None:
        raise BatchRefused("the file holds no codes; give one code a row")
    batch.space_bits = imported_bits(symbols, done)
    issued = finish(session, batch, done, file_sha256)
    refuse_unsafe(session, campaign.id, rules)
    return issued


def _store_imported(
    session: Session,
    batch: Batch,
    chunk: Sequence[tuple[int, str]],
    keys: Keyring,
    codes: Iterable[tuple[int, str]],
) -> None:
    row_of: dict[bytes, int] = {}
    for row, code in chunk:
        if len(code) != batch.code_length:
            raise _other_length(row, code, batch.code_length)
        if (earlier := row_of.setdefault(keys.code_hash(code), row)) != row:
            raise _twice(row, earlier)
    known = select(Code.hash, Code.batch_id).where(Code.hash.in_(sorted(row_of)))
    clashes = {row_of[code_hash]: (code_hash, batch_id) for code_hash, batch_id in session.execute(known)}
    for row, (code_hash, batch_id) in sorted(clashes.items()):
        if batch_id == batch.id:  # it came in an earlier chunk
            raise _twice(row, next(r for r, code in codes if keys.code_hash(code) == code_hash))
    if clashes:
        named = ", ".join(map(str, sorted(clashes)[:_NAMED]))
        if (more := len(clashes) - _NAMED) > 0:
            told = "known already: the codes in row {rows} and {more} more; each code can exist once"
            raise BatchRefused(told, rows=named, more=more)
        raise BatchRefused("known already: the codes in row {rows}; each code can exist once", rows=named)
    store(session, batch.id, row_of)


_OTHER_LENGTH = (
    "row {row} has {count} symbols, the first code has {length}; import codes of different lengths as different files"
)
_ZEROS_GONE = (
    "row {row} has {count} symbols, the first code has {length} (a spreadsheet takes zeros off the front of numbers);"
    " import codes of different lengths as different files"
)


def _other_length(row: int, code: str, length: int) -> BatchRefused:
    told = _ZEROS_GONE if code.isdigit() and len(code) < length else _OTHER_LENGTH
    return BatchRefused(told, row=row, count=len(code), length=length)


def _twice(row: int, earlier: int) -> BatchRefused:
    told = "row {row} is the same code as row {earlier} (O is read as 0, I and L as 1); delete one of both"
    return BatchRefused(told, row=row, earlier=earlier)
