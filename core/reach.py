"""Reach: whether an address may be spoken to unasked, whether anything arrives there, and what may still be sent.

Where a platform counts what it lets us send, an address has two rights, one for having written and one for having
tapped, each a number of texts until an instant. They are taken up by the sender, under the address's lock.
"""

from datetime import datetime
from typing import Literal

from core.campaign.platforms import rights
from core.context import TurnRows
from core.messages import InboundMessage, Manner
from core.models import Address, Consent, Link
from core.wishes import Event, How, Linking, Standing, Wish, played

Turned = Literal["typed", "tapped"]
"""How somebody turned to us who may be sent something for it."""
_WROTE = frozenset({Manner.TYPED, Manner.SHOWED, Manner.OWN_NUMBER, Manner.CONTACT, Manner.LOCATED})
_TAPPED = frozenset(
    {Manner.TAPPED, Manner.OPENED, Manner.CAME, Manner.STARTED, Manner.SCENE, Manner.FOLLOWED, Manner.KEY}
)


def hear(rows: TurnRows, address: Address, message: InboundMessage) -> None:
    """Note that ``address`` turned to us: it is reachable again, and where rights are counted it gives new ones.

    A message that is dealt with late, or replayed, takes nothing away that a later one gave.
    """
    if message.manner is Manner.LEFT:
        return
    address.heard_at = max(address.heard_at, message.received_at)
    if message.language is not None and message.language != address.app_language:
        address.app_language = message.language
    if address.gone_at is not None and address.gone_at < message.received_at:
        address.gone_at = None
    counted = rights(address.channel)
    if counted is None:
        return
    if message.manner in _WROTE:
        until = message.received_at + counted.typed.lasts
        if address.typed_until is None or address.typed_until <= until:
            address.typed_left, address.typed_until = counted.typed.texts, until
    elif message.manner in _TAPPED:
        until = message.received_at + counted.tapped.lasts
        if address.tapped_until is None or address.tapped_until <= until:
            address.tapped_left, address.tapped_until = counted.tapped.texts, until
    elif message.manner not in {Manner.AGREED, Manner.BACK}:
        return
    rows.released.add(address.key)


def rights_left(address: Address, at: datetime) -> int:
    """How many texts may still be sent to ``address``."""
    tapped = address.tapped_left if address.tapped_until is not None and address.tapped_until > at else 0
    typed = address.typed_left if address.typed_until is not None and address.typed_until > at else 0
    return tapped + typed


def take_right(address: Address, at: datetime) -> Turned | None:
    """Take up one right of ``address``, the one that ends first, and return which; None when there is none."""
    if address.tapped_left > 0 and address.tapped_until is not None and address.tapped_until > at:
        address.tapped_left -= 1
        return "tapped"
    if address.typed_left > 0 and address.typed_until is not None and address.typed_until > at:
        address.typed_left -= 1
        return "typed"
    return None


def give_back_right(address: Address, right: str) -> None:
    """Give back the very right that was taken up for a text which the platform did not take; never above its count."""
    counted = rights(address.channel)
    if counted is None:
        return
    if right == "tapped":
        address.tapped_left = min(address.tapped_left + 1, counted.tapped.texts)
    elif right == "typed":
        address.typed_left = min(address.typed_left + 1, counted.typed.texts)


def lose_rights(address: Address) -> None:
    """The platform says that nothing is left."""
    address.tapped_left = address.typed_left = 0


def opt_out(rows: TurnRows, address: Address, message: InboundMessage, how: How) -> bool:
    """Say nothing unasked to anybody linked to ``address``. The wish is kept either way.

    False when ``address`` had opted out already, or a later wish says otherwise.
    """
    was_welcome = address.opted_out_at is None
    _wish(rows, address, message, "out", how)
    return was_welcome and address.opted_out_at is not None


def opt_in(rows: TurnRows, address: Address, message: InboundMessage, how: How = "word") -> bool:
    """Let ``address`` hear what is said unasked; False when that was so already, or a later wish says otherwise.

    The wish is kept either way: a STOP that was said before it and comes after it shall not undo it.
    """
    had_opted_out = address.opted_out_at is not None
    _wish(rows, address, message, "in", how)
    return had_opted_out and address.opted_out_at is None


def leave(rows: TurnRows, address: Address, message: InboundMessage) -> None:
    """Nothing arrives at ``address`` any more; that counts as opting out there."""
    opt_out(rows, address, message, "left")
    if message.received_at >= address.heard_at:  # else they were back before we heard of it
        address.gone_at = max(message.received_at, address.gone_at or message.received_at)
        lose_rights(address)


def become_one(rows: TurnRows, address: Address, message: InboundMessage, other: Address) -> None:
    """``address`` and ``other`` are one person from ``message`` on, and hear nothing when one of them wants that.

    Call it before the rows say that they are one.
    """
    rows.append(
        Link,
        address_key=address.key,
        external_id=message.external_id,
        other_key=other.key,
        at=message.received_at,
    )
    _heed(rows, Linking(address.key, message.external_id, message.received_at, other.key))


def welcome(address: Address) -> bool:
    """Whether what nobody asked for is welcome at ``address``, and arrives there."""
    return address.opted_out_at is None and address.gone_at is None


def _wish(rows: TurnRows, address: Address, message: InboundMessage, what: Literal["out", "in"], how: How) -> None:
    """Keep what somebody wishes, and heed it."""
    rows.append(
        Consent,
        address_key=address.key,
        external_id=message.external_id,
        what=what,
        how=how,
        at=message.received_at,
    )
    _heed(rows, Wish(address.key, message.external_id, message.received_at, what, how))


def _heed(rows: TurnRows, event: Event) -> None:
    """Let all addresses that it concerns be as the last wish in time says.

    What came before is played again where it was loaded, as something is not in its order; else the rows say it.
    """
    sides = [event.address, event.other] if isinstance(event, Linking) else [event.address]
    persons = [frozenset(rows.circles.persons.get(rows.addresses[key].person or b"", (key,))) for key in sides]
    concerned = frozenset[bytes]().union(*persons)
    known = rows.circles.wishes.keys() & concerned
    for key in known:
        rows.circles.wishes[key].add(event)
    if known:
        standing = played(set().union(*(rows.circles.wishes[key] for key in known)))
    else:
        out = {key: since for key in concerned if (since := rows.addresses[key].opted_out_at) is not None}
        standing = Standing(out, {key: person for person in persons for key in person})
        standing.heed(event)
    for key in concerned:
        one = rows.addresses[key]
        one.opted_out_at = standing.out.get(key)
        one.wished_at = max(event.at, one.wished_at or event.at)
