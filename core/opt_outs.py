"""Opt-outs: somebody stops, starts again, leaves or becomes one with another address, within a turn."""

from typing import Literal

from core.consent import Event, How, Linking, SuppressionList, Wish, played
from core.context import TurnRows
from core.messages import InboundMessage
from core.models import Address, Consent, Link
from core.sending.messaging_window import lose_rights


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
    persons = [frozenset(rows.persons.get(rows.addresses[key].person or b"", (key,))) for key in sides]
    concerned = frozenset[bytes]().union(*persons)
    known = rows.wishes.keys() & concerned
    for key in known:
        rows.wishes[key].add(event)
    if known:
        suppressed = played(set().union(*(rows.wishes[key] for key in known)))
    else:
        out = {key: since for key in concerned if (since := rows.addresses[key].opted_out_at) is not None}
        suppressed = SuppressionList(out, {key: person for person in persons for key in person})
        suppressed.heed(event)
    for key in concerned:
        one = rows.addresses[key]
        one.opted_out_at = suppressed.out.get(key)
        one.wished_at = max(event.at, one.wished_at or event.at)
