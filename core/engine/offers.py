"""Offers: who was asked whether they mean a word, and agrees, has said that word.

It is read before anything is recognised and locked, so that what the word needs is loaded as if it had been typed. Who
agrees in the very turn in which it is asked has what the word would need loaded as well.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import lists
from core.engine.delivery import Delivery
from core.engine.routes import Recognised
from core.inbound_kinds import ASIDE
from core.messages import InboundMessage
from core.models import Address

Heard = tuple[Delivery, Recognised]
"""A message and what it means."""
Meaning = Callable[[InboundMessage], Recognised]
Near = Callable[[InboundMessage], Sequence[str]]
"""The words that a message may be asked about."""

PATIENCE = timedelta(minutes=30)

_OFFERED = select(Address.key, Address.offered, Address.heard_at).where(
    lists.among(Address.key, "keys"), Address.offered.is_not(None)
)


def heed_offers(session: Session, taken: Sequence[Heard]) -> list[Delivery]:
    """The deliveries of ``taken``, in place of a typed yes or number the word that was offered to its sender.

    The first text of each sender is the answer, whatever comes aside before it; what comes behind it is none.
    """
    keys = {each.key[0] for each, found in taken if found.requires.offered and each.message.typed}
    offers = {key: (words, at) for key, words, at in session.execute(_OFFERED, {"keys": sorted(keys)})}
    none = "", None
    return [
        _agreed(each, found.requires.offered, *(none if each.message.kind in ASIDE else offers.pop(each.key[0], none)))
        for each, found in taken
    ]


def foresee(taken: Sequence[Heard], meaning: Meaning, near: Near) -> list[Heard]:
    """What the yes or number means that comes right behind a text of the same sender that may be asked about."""
    found, before = list[Heard](), dict[bytes, Heard]()
    for each, heard in taken:
        if each.message.kind in ASIDE:
            continue
        last, before[each.key[0]] = before.get(each.key[0]), (each, heard)
        if last is not None and heard.requires.offered and last[0].message.typed:
            words = " ".join(near(last[0].message) if last[1].route.offers else ())
            said = _agreed(each, heard.requires.offered, words, each.message.received_at)
            if said is not each:
                found.append((said, meaning(said.message)))
    return found


def heed_meanwhile(offered: str | None, heard: Heard, foreseen: Sequence[Heard], meaning: Meaning) -> Heard:
    """``heard``, or the word that it agrees to, where that was ``offered`` in this turn and all it needs is loaded."""
    said = _agreed(heard[0], heard[1].requires.offered, offered or "", heard[0].message.received_at)
    if said is heard[0]:
        return heard
    if (known := next((each for each in foreseen if each[0] == said), None)) is not None:
        return known
    found = meaning(said.message)
    return (said, found) if found.requires.is_nothing else heard


def _agreed(each: Delivery, number: int, offered: str, at: datetime | None) -> Delivery:
    words, message = offered.split(), each.message
    if not (at and number and message.typed) or number > len(words) or message.received_at > at + PATIENCE:
        return each
    return replace(each, message=replace(message, text=words[number - 1]))
