"""Import codes that were printed elsewhere: any letters and digits, without a check symbol, all of one length."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.codes.alphabet import imported_bits, normalise
from core.codes.batches import (
    CHUNK,
    Issue,
    Issued,
    campaign_and_rules,
    finish,
    new_batch,
    store,
)
from core.codes.limits import BatchRefused, refuse_mixed, refuse_unsafe
from core.keys import Keyring
from core.models import Batch, Code

_SHORTEST, _LONGEST = 6, 32
_HEADINGS = {normalise(word) for word in ("code", "codes", "抽奖码", "兑换码")}


def import_codes(session: Session, campaign_name: str, source: BinaryIO, how: Issue) -> Issued:
    """Store codes that were printed elsewhere: UTF-8, one a line, or the last field of a CSV line; all of one length.

    Raises BatchRefused, naming the line, for a code that is no code, of another length, or known already.
    """
    campaign, rules = campaign_and_rules(session, campaign_name)
    file_hash, done = hashlib.sha256(), 0
    batch: Batch | None = None
    symbols: list[set[str]] = []
    numbered = _read_codes(source, file_hash.update)
    while chunk := list(islice(numbered, CHUNK)):
        if batch is None:
            refuse_mixed(session, len(chunk[0][1]), checked=False)
            batch = new_batch(session, campaign, len(chunk[0][1]), how.now, checked=False)
            symbols = [set() for _ in range(batch.code_length)]
        _store_imported(session, batch, chunk, how.keys)
        for place, seen in enumerate(symbols):
            seen.update(code[place] for _, code in chunk)
        done += len(chunk)
        how.progress(len(chunk))
    if batch is None:
        raise BatchRefused("the file holds no codes; give one code a line")
    batch.space_bits = imported_bits(symbols, done)
    issued = finish(session, batch, done, file_hash.hexdigest())
    refuse_unsafe(session, campaign.id, rules)
    return issued


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
    store(session, batch.id, line_of)
