"""The check of ciphertext: every sealed text opens with the keyring, in the place where it stands."""

from collections.abc import Iterator

from sqlalchemy import select

from core.audit.faults import Books, Check, Fault
from core.engine.deduplication import ATTACHMENTS_COLUMN, TEXT_COLUMN, row_key
from core.models import Address, Inbox, Outbox
from core.models.players import USER_COLUMN
from core.outbox import REPLY_COLUMN, RICH_COLUMN, reply_row

_STREAMED = {"yield_per": 5_000}


def _sealed(books: Books) -> Iterator[Fault]:
    yield from _users(books)
    yield from _messages(books)
    yield from _replies(books)


_USERS = select(Address.key, Address.channel, Address.account, Address.user_sealed)


def _users(books: Books) -> Iterator[Fault]:
    for key, channel, account, sealed in books.session.execute(_USERS, execution_options=_STREAMED):
        user = books.opened(USER_COLUMN, key, sealed)
        if user is None or books.keys.address_key(channel, account, user) != key:
            yield Fault(f"address {key.hex()}", "its user does not open, or is another one")


_MESSAGES = select(Inbox.address_key, Inbox.external_id, Inbox.body_mac, Inbox.text_sealed, Inbox.attachments_sealed)


def _messages(books: Books) -> Iterator[Fault]:
    found = books.session.execute(_MESSAGES, execution_options=_STREAMED)
    for address_key, external_id, body_mac, sealed, attached in found:
        name = row_key((address_key, external_id))
        text = books.opened(TEXT_COLUMN, name, sealed)
        if attached is not None and books.opened(ATTACHMENTS_COLUMN, name, attached) is None:
            yield Fault(f"inbox {address_key.hex()} {external_id}", "what came along with it does not open")
        if text is None or books.keys.body_mac(text) != body_mac:
            yield Fault(f"inbox {address_key.hex()} {external_id}", "its text does not open, or is another one")


_REPLIES = select(Outbox.address_key, Outbox.ref, Outbox.part, Outbox.text_sealed, Outbox.rich_sealed)


def _replies(books: Books) -> Iterator[Fault]:
    for address_key, ref, part, sealed, rich in books.session.execute(_REPLIES, execution_options=_STREAMED):
        row = reply_row(address_key, ref, part)
        plain = books.opened(REPLY_COLUMN, row, sealed)
        if plain is None or (rich is not None and books.opened(RICH_COLUMN, row, rich) is None):
            yield Fault(f"outbox {address_key.hex()} {ref} {part}", "its text does not open")


CHECKS = (Check("every sealed text opens in its own place", _sealed),)
