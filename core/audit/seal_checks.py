"""The check of ciphertext: every sealed text opens with the keyring, in the place where it stands."""

from collections.abc import Iterator

from sqlalchemy import select

from core.audit.faults import Books, Check, Fault
from core.claims.details import DETAILS_COLUMN, claim_row
from core.claims.handing import VOUCHER_COLUMN
from core.engine.claiming import TEXT_COLUMN, row_key
from core.keys import KeysUnusable
from core.models import Address, Claim, Inbox, Outbox, Player, Voucher
from core.models.players import USER_COLUMN
from core.outbox import REPLY_COLUMN, RICH_COLUMN, reply_row
from core.relay.names import NAME_COLUMN, WAITING_COLUMN, name_row
from core.words import Mark, row_number

_STREAMED = {"yield_per": 5_000}


def _sealed(books: Books) -> Iterator[Fault]:
    yield from _users(books)
    yield from _messages(books)
    yield from _replies(books)
    yield from _goods(books)
    yield from _names(books)


_USERS = select(Address.key, Address.channel, Address.account, Address.user_sealed)


def _users(books: Books) -> Iterator[Fault]:
    for key, channel, account, sealed in books.session.execute(_USERS, execution_options=_STREAMED):
        user = _opened(books, USER_COLUMN, key, sealed)
        if user is None or books.keys.address_key(channel, account, user) != key:
            yield Fault(f"address {key.hex()}", "its user does not open, or is another one")


_MESSAGES = select(Inbox.address_key, Inbox.external_id, Inbox.body_mac, Inbox.text_sealed)


def _messages(books: Books) -> Iterator[Fault]:
    for address_key, external_id, body_mac, sealed in books.session.execute(_MESSAGES, execution_options=_STREAMED):
        text = _opened(books, TEXT_COLUMN, row_key((address_key, external_id)), sealed)
        if text is None or books.keys.body_mac(text) != body_mac:
            yield Fault(f"inbox {address_key.hex()} {external_id}", "its text does not open, or is another one")


_REPLIES = select(Outbox.address_key, Outbox.ref, Outbox.part, Outbox.text_sealed, Outbox.rich_sealed)


def _replies(books: Books) -> Iterator[Fault]:
    for address_key, ref, part, sealed, rich in books.session.execute(_REPLIES, execution_options=_STREAMED):
        row = reply_row(address_key, ref, part)
        plain = _opened(books, REPLY_COLUMN, row, sealed)
        if plain is None or (rich is not None and _opened(books, RICH_COLUMN, row, rich) is None):
            yield Fault(f"outbox {address_key.hex()} {ref} {part}", "its text does not open")


_DETAILED = select(Claim).where(Claim.details_sealed.is_not(None))
_VOUCHERS = select(Voucher)


def _goods(books: Books) -> Iterator[Fault]:
    for claim in books.session.scalars(_DETAILED, execution_options=_STREAMED):
        if _opened(books, DETAILS_COLUMN, claim_row(claim), claim.details_sealed or b"") is None:
            yield Fault(f"claim {row_number(Mark.CLAIM, claim.id)}", "its details do not open")
    for voucher in books.session.scalars(_VOUCHERS, execution_options=_STREAMED):
        if _opened(books, VOUCHER_COLUMN, voucher.hash, voucher.code_sealed) is None:
            yield Fault(f"voucher {voucher.hash.hex()}", "its code does not open")


_NAMED = select(Player.id, Player.name_sealed, Player.name_waiting_sealed).where(
    Player.name_sealed.is_not(None) | Player.name_waiting_sealed.is_not(None)
)


def _names(books: Books) -> Iterator[Fault]:
    for player_id, *both in books.session.execute(_NAMED, execution_options=_STREAMED):
        for where, sealed in zip((NAME_COLUMN, WAITING_COLUMN), both, strict=True):
            if sealed is not None and _opened(books, where, name_row(player_id), sealed) is None:
                yield Fault(f"player {player_id}", "has a name that does not open")


_WAITING = select(Player.id).where(
    Player.name_waiting_sealed.is_not(None) & (Player.name_waiting_at.is_(None) | Player.merged_into.is_not(None))
    | Player.name_waiting_sealed.is_(None) & Player.name_waiting_at.is_not(None)
)


def _waiting(books: Books) -> Iterator[Fault]:
    for player_id in books.session.scalars(_WAITING):
        yield Fault(f"player {player_id}", "has a name that nobody would ever look at")


def _opened(books: Books, where: str, row: bytes, sealed: bytes) -> str | None:
    try:
        return books.keys.unseal(where, row, sealed)
    except (KeysUnusable, ValueError):  # ValueError: too short to hold a nonce
        return None


CHECKS = (
    Check("every sealed text opens in its own place", _sealed),
    Check("every name that waits is on the list of those that do", _waiting),
)
