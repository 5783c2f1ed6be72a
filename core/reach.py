"""Reach: whether an address may be spoken to unasked, whether anything arrives there, and what may still be sent.

Where a platform counts what it lets us send, an address has two rights, one for having written and one for having
tapped, each a number of texts until an instant. They are taken up by the sender, under the address's lock.
"""

import hashlib
from datetime import datetime
from typing import Literal

from core.campaign.platforms import rights
from core.context import TurnRows
from core.messages import InboundMessage, Manner
from core.models import Address, Consent

How = Literal["word", "sentence", "left", "linked"]
_WROTE = frozenset({Manner.TYPED, Manner.SHOWED})
_TAPPED = frozenset({Manner.TAPPED, Manner.CAME})


def hear(rows: TurnRows, address: Address, message: InboundMessage) -> None:
    """Note that ``address`` turned to us: it is reachable again, and where rights are counted it gives new ones.

    A message that is dealt with late, or replayed, takes nothing away that a later one gave.
    """
    if message.manner is Manner.LEFT:
        return
    address.heard_at = max(address.heard_at, message.received_at)
    if address.gone_at is not None and address.gone_at <= message.received_at:
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
    elif message.manner is not Manner.AGREED:
        return
    rows.released.add(address.key)


def rights_left(address: Address, at: datetime) -> int:
    """How many texts may still be sent to ``address``."""
    tapped = address.tapped_left if address.tapped_until is not None and address.tapped_until > at else 0
    typed = address.typed_left if address.typed_until is not None and address.typed_until > at else 0
    return tapped + typed


def take_right(address: Address, at: datetime) -> bool:
    """Take up one right of ``address``, the one that ends first; False when there is none."""
    if address.tapped_left > 0 and address.tapped_until is not None and address.tapped_until > at:
        address.tapped_left -= 1
    elif address.typed_left > 0 and address.typed_until is not None and address.typed_until > at:
        address.typed_left -= 1
    else:
        return False
    return True


def give_back_right(address: Address, at: datetime) -> None:
    """Give back a right that was taken up for a text which the platform did not take."""
    if address.tapped_until is not None and address.tapped_until > at:
        address.tapped_left += 1
    elif address.typed_until is not None and address.typed_until > at:
        address.typed_left += 1


def lose_rights(address: Address) -> None:
    """The platform says that nothing is left."""
    address.tapped_left = address.typed_left = 0


def opt_out(rows: TurnRows, address: Address, message: InboundMessage, how: How, *, by: Address | None = None) -> bool:
    """Say nothing unasked to ``address`` from now on; False when that was so already. The wish is kept either way.

    ``by`` is the address that said so, when it is another one of the same person.
    """
    _keep(rows, address, message, ("out", how), by)
    if address.opted_out_at is not None:
        return False
    address.opted_out_at = message.received_at
    return True


def opt_out_everywhere(rows: TurnRows, address: Address, message: InboundMessage, how: How) -> bool:
    """The same for all addresses that were linked to ``address``; False when that one had opted out already."""
    for other in list(rows.addresses.values()):
        if address.person is not None and other.person == address.person and other is not address:
            opt_out(rows, other, message, how, by=address)
    return opt_out(rows, address, message, how)


def opt_in(rows: TurnRows, address: Address, message: InboundMessage) -> bool:
    """Let ``address`` hear what is said unasked; False when that was so already, or a later wish says otherwise."""
    if address.opted_out_at is None or address.opted_out_at > message.received_at:
        return False
    _keep(rows, address, message, ("in", "word"))
    address.opted_out_at = None
    return True


def leave(rows: TurnRows, address: Address, message: InboundMessage) -> None:
    """Nothing arrives at ``address`` any more; that counts as opting out."""
    opt_out(rows, address, message, "left")
    if message.received_at >= address.heard_at:  # else they were back before we heard of it
        address.gone_at = message.received_at
        lose_rights(address)


def welcome(address: Address) -> bool:
    """Whether what nobody asked for is welcome at ``address``, and arrives there."""
    return address.opted_out_at is None and address.gone_at is None


def _keep(
    rows: TurnRows, address: Address, message: InboundMessage, wish: tuple[str, How], by: Address | None = None
) -> None:
    """Keep ``wish``: what, and how it was said."""
    said = message.external_id
    if by is not None and by is not address:  # its messages have ids of their own, which may be the same
        said = "by:" + hashlib.sha256(by.key + said.encode()).hexdigest()
    rows.append(
        Consent,
        address_key=address.key,
        external_id=said,
        what=wish[0],
        how=wish[1],
        at=message.received_at,
    )
