"""Issue codes for a printer: random, stored as hashes, written to a file that is the only place with plain codes."""

import hashlib
from collections.abc import Callable
from typing import Protocol

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.codes.alphabet import code_maker, grouped
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

_CLASHES_TOLERATED = 5


class Output(Protocol):
    """Where the printer's lines go."""

    def write(self, raw: bytes, /) -> object:
        """Take ``raw``."""
        ...


def issue(session: Session, campaign_name: str, count: int, out: Output, how: Issue) -> Issued:
    """Make ``count`` random codes for a campaign, store their hashes and write ``serial,code`` lines to ``out``.

    The caller commits after ``out`` is safe: codes in a lost file are codes that nobody has. Raises BatchRefused
    when the code space, the budget or the planned number would be exceeded.
    """
    campaign, rules = campaign_and_rules(session, campaign_name)
    length = rules.codes.length
    refuse_mixed(session, length, checked=True)
    refuse_unsafe(session, campaign.id, rules, count, length)
    batch = new_batch(session, campaign, length, how.now, checked=True)
    file_hash = hashlib.sha256()

    def write(lines: str) -> None:
        raw = lines.encode()
        file_hash.update(raw)
        out.write(raw)

    write("serial,code\r\n")
    maker = code_maker(length, count)
    done = 0
    while done < count:
        codes = _store_fresh(session, batch.id, min(CHUNK, count - done), how, maker)
        write("".join(f"{serial},{grouped(code)}\r\n" for serial, code in enumerate(codes, start=done + 1)))
        done += len(codes)
        how.progress(len(codes))
    return finish(session, batch, done, file_hash.hexdigest())


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
                store(session, batch_id, [how.keys.code_hash(code) for code in codes])
        except IntegrityError:
            continue
        return codes
    raise BatchRefused("random codes clash again and again; the code space is too full, use longer codes")
