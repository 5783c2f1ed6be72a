"""Issue codes for a printer: random, stored as hashes, written to a file that is the only place with plain codes."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.alphabet import code_maker, grouped
from core.campaign.grammar import Section
from core.campaign.rules import Rules
from core.models import Batch
from core.randomness import Randomness
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
from handlers.codes.rules import CodeRules

CLASHES_TOLERATED = 5
_PRINTED_AT_ONCE = 1_000
MOST_ON_SHEETS = 10_000
"""Cards of one PDF, which is whole in memory until it is written. More are a matter for a printer, and for the list."""


class Output(Protocol):
    """Where the printer's file goes."""

    def write(self, raw: bytes, /) -> object:
        """Take ``raw``."""
        ...


class Cards(Protocol):
    """What the printer gets: a file that grows with the codes."""

    def add(self, first: int, codes: Sequence[str]) -> None:
        """Take the codes of the cards with the serial numbers from ``first`` on."""
        ...

    def end(self) -> str:
        """Finish the file; its SHA-256 in hex."""
        ...


class CardList:
    """A list: a line a card with its serial number, its code and, where links have a beginning, its link."""

    def __init__(self, out: Output, links_begin: str | None = None) -> None:
        self._out, self._links_begin, self._hash = out, links_begin, hashlib.sha256()
        self._write("serial,code,link\r\n" if links_begin else "serial,code\r\n")

    def add(self, first: int, codes: Sequence[str]) -> None:
        """One line each."""
        numbered = enumerate(codes, start=first)
        if self._links_begin is None:
            self._write("".join(f"{serial},{grouped(code)}\r\n" for serial, code in numbered))
        else:
            begins = self._links_begin
            self._write("".join(f"{serial},{grouped(code)},{begins}{code}\r\n" for serial, code in numbered))

    def end(self) -> str:
        """There is nothing to finish."""
        return self._hash.hexdigest()

    def _write(self, lines: str) -> None:
        raw = lines.encode()
        self._hash.update(raw)
        self._out.write(raw)


def card_links(public_url: str, campaign_id: int) -> str:
    """What the links of a campaign's cards begin with; the code follows, and its page opens a chat with it.

    The campaign's number is all that tells the page whose chats to name: it looks no code up.
    """
    return f"{public_url}/c/{campaign_id}/"


@dataclass(frozen=True, slots=True)
class CardPrinting:
    """A setting of an installation: what lays cards out on sheets, as a file that a printer takes."""

    sheets: Callable[[Output, Rules, str | None, int], Cards]
    """Takes where the file goes, the campaign's rules, what links begin with, and how many cards there will be."""


def begin(session: Session, campaign_name: str, count: int, kinds: tuple[type[Section], ...], now: datetime) -> Batch:
    """Add an inert batch that will hold ``count`` codes, whose room nobody else gets from now on.

    Raises BatchRefused when the code space, the budget or the planned number would be exceeded.
    """
    campaign, rules = campaign_and_rules(session, campaign_name, kinds)
    refuse_issue(session, campaign.id, rules, count)
    return new_batch(session, campaign, rules.section(CodeRules).length, now, checked=True, count=count)


def refuse_issue(session: Session, campaign_id: int, rules: Rules, count: int) -> None:
    """Raise BatchRefused where ``count`` more codes cannot be issued under ``rules``."""
    length = rules.section(CodeRules).length
    refuse_mixed(session, length, checked=True)
    refuse_unsafe(session, campaign_id, rules, count, length)


def issue(session: Session, campaign_name: str, count: int, cards: Cards, how: Issue) -> Issued:
    """Make ``count`` random codes for a campaign, store their hashes and put them on ``cards``: one transaction.

    The caller commits after the file of ``cards`` is safe: codes in a lost file are codes that nobody has. Raises
    BatchRefused as :func:`begin` does.
    """
    batch = begin(session, campaign_name, count, how.kinds, how.now)
    maker = code_maker(batch.code_length, count)
    for first in range(0, count, CHUNK):
        codes = _store_fresh(session, batch.id, min(CHUNK, count - first), how, maker)
        print_cards(cards, first, codes)
    return finish(session, batch, count, cards.end())


def print_cards(cards: Cards, first: int, codes: Sequence[str]) -> None:
    """Put ``codes`` on ``cards``, of which there are ``first`` before them, a part at a time."""
    for start in range(0, len(codes), _PRINTED_AT_ONCE):
        cards.add(first + start + 1, codes[start : start + _PRINTED_AT_ONCE])


def _store_fresh(
    session: Session, batch_id: int, count: int, how: Issue, maker: tuple[int, Callable[[int], str]]
) -> list[str]:
    """Store ``count`` codes that did not exist; a clash (one in thousands of batches) makes the chunk anew."""
    for _ in range(CLASHES_TOLERATED):
        codes = made(how.randomness, count, maker)
        try:
            with session.begin_nested():
                store(session, batch_id, [how.keys.code_hash(code) for code in codes])
        except IntegrityError:
            continue
        return codes
    raise too_full()


def too_many_for_sheets() -> BatchRefused:
    """What is refused where more cards were to be laid out on sheets than a file of them holds."""
    return BatchRefused("a PDF holds at most {most} cards; give the printer the list, a CSV", most=MOST_ON_SHEETS)


def too_full() -> BatchRefused:
    """What is refused where codes clash and clash."""
    return BatchRefused("random codes clash again and again; the code space is too full, use longer codes")


def made(randomness: Randomness, count: int, maker: tuple[int, Callable[[int], str]]) -> list[str]:
    """``count`` random codes."""
    codes: list[str] = []
    while len(codes) < count:
        codes += _made(randomness, count - len(codes), maker)
    return codes


def _made(randomness: Randomness, count: int, maker: tuple[int, Callable[[int], str]]) -> list[str]:
    """``count`` random codes but those of letters alone, which nothing tells from words: one in some fifty."""
    bits, make = maker
    size = (bits + 7) // 8
    raw = randomness.take(size * count)
    codes = (make(int.from_bytes(raw[start : start + size], "big")) for start in range(0, len(raw), size))
    return [code for code in codes if not code.isalpha()]
