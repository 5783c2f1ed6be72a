"""Offers: who was asked whether they mean a word, and agrees, has said that word.

It is read before anything is recognised and locked, so that what the word needs is loaded as if it had been typed.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import lists
from core.engine.claiming import Delivery
from core.engine.routes import Recognised
from core.models import Address

PATIENCE = timedelta(minutes=30)

_OFFERED = select(Address.key, Address.offered, Address.heard_at).where(
    lists.among(Address.key, "keys"), Address.offered.is_not(None)
)


def heed_offers(session: Session, taken: Sequence[tuple[Delivery, Recognised]]) -> list[Delivery]:
    """The deliveries of ``taken``, in place of a typed yes or number the word that was offered to its sender.

    The first text of each sender is the answer; what comes behind it is none.
    """
    keys = {each.key[0] for each, found in taken if found.intent.needs.offered and each.message.typed}
    offers = {key: (words, at) for key, words, at in session.execute(_OFFERED, {"keys": sorted(keys)})}
    return [_agreed(each, found.intent.needs.offered, *offers.pop(each.key[0], ("", None))) for each, found in taken]


def _agreed(each: Delivery, number: int, offered: str, at: datetime | None) -> Delivery:
    words, message = offered.split(), each.message
    if not (at and number and message.typed) or number > len(words) or message.received_at > at + PATIENCE:
        return each
    return replace(each, message=replace(message, text=words[number - 1]))
