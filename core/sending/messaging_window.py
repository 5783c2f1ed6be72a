"""Messaging window: what turning to us lets us send, and by which right a text may go, where the platform counts it.

An address has two rights, one for having written and one for having tapped, each a number of texts until an instant.
They are taken up by the sender, under the address's lock.

A text goes by the cheapest right that is legal: a message while the player's turning to us still gives one, a notice
that the player agreed to get, a notice by a template; marketing never by a template. When there is none, the text is
held until the player speaks. What is less urgent leaves their rights to the others that wait.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import database
from core.campaign.platforms import rights
from core.consent import welcome
from core.messages import InboundKind, InboundMessage
from core.models import Address, NoticeRight, OutboundJob
from core.sending.jobs import DUE, ClaimedJob, JobKey, mark_held, note_rights
from core.sending.outbound import Category, SendingAccount, SendMode

Turned = Literal["typed", "tapped"]
"""How somebody turned to us who may be sent something for it."""
_WROTE = frozenset(
    {InboundKind.TYPED, InboundKind.SHOWED, InboundKind.OWN_NUMBER, InboundKind.CONTACT, InboundKind.LOCATED}
)
_TAPPED = frozenset(
    {
        InboundKind.TAPPED,
        InboundKind.OPENED,
        InboundKind.CAME,
        InboundKind.STARTED,
        InboundKind.SCENE,
        InboundKind.FOLLOWED,
        InboundKind.KEY,
    }
)


def hear(address: Address, message: InboundMessage) -> bool:
    """Note that ``address`` turned to us: it is reachable again, and where rights are counted it gives new ones.

    A message that is dealt with late, or replayed, takes nothing away that a later one gave. Returns whether what was
    held until they speak may be sent again.
    """
    if message.kind is InboundKind.LEFT:
        return False
    address.heard_at = max(address.heard_at, message.received_at)
    if message.language is not None and message.language != address.app_language:
        address.app_language = message.language
    if address.gone_at is not None and address.gone_at < message.received_at:
        address.gone_at = None
    counted = rights(address.channel)
    if counted is None:
        return False
    if message.kind in _WROTE:
        until = message.received_at + counted.typed.lasts
        if address.typed_until is None or address.typed_until <= until:
            address.typed_left, address.typed_until = counted.typed.texts, until
    elif message.kind in _TAPPED:
        until = message.received_at + counted.tapped.lasts
        if address.tapped_until is None or address.tapped_until <= until:
            address.tapped_left, address.tapped_until = counted.tapped.texts, until
    elif message.kind not in {InboundKind.AGREED, InboundKind.BACK}:
        return False
    return True


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


class SendingRights:
    """The rights of those to whom some texts go, locked where they are counted.

    ``keys`` are the texts that may be looked at: somebody who is speaking at this moment is left alone.
    """

    def __init__(self, session: Session, outlet: SendingAccount, at: datetime, first: Sequence[JobKey]) -> None:
        self.keys = list(first)
        self._session, self._outlet, self._at = session, outlet, at
        self._held: list[JobKey] = []
        self._counted = rights(outlet.channel) is not None
        self._addresses: dict[bytes, Address] = {}
        self._agreed: dict[bytes, list[NoticeRight]] = {}
        self._waiting: dict[bytes, Counter[int]] = defaultdict(Counter)
        if self._counted:
            self._lock()

    def _lock(self) -> None:
        wanted = select(Address).where(Address.key.in_(sorted({key for key, _ in self.keys})))
        found = self._session.scalars(database.taken(wanted, Address.key, Address))
        self._addresses = {address.key: address for address in found}
        self.keys = [key for key in self.keys if key[0] in self._addresses]
        if self._addresses:
            mine = OutboundJob.address_key.in_(sorted(self._addresses)) & (OutboundJob.state == DUE)
            group = (OutboundJob.address_key, OutboundJob.category)
            for key, category, count in self._session.execute(
                select(*group, func.count()).where(mine).group_by(*group)
            ):
                self._waiting[key][category] = count
        if self._addresses and self._outlet.templates:
            mine = NoticeRight.address_key.in_(sorted(self._addresses)) & (NoticeRight.left > 0)
            usable = select(NoticeRight).where(mine, NoticeRight.template.in_(sorted(self._outlet.templates)))
            for right in self._session.scalars(database.locked(usable, NoticeRight.address_key, NoticeRight)):
                self._agreed.setdefault(right.address_key, []).append(right)

    def by_some_right(self, taken: ClaimedJob) -> ClaimedJob | None:
        """``taken`` by a right on which it may go, and was not refused before; None when it is held."""
        if not self._counted:
            return taken
        address = self._addresses[taken.address_key]
        self._waiting[address.key][taken.category] -= 1  # whatever becomes of it, no right is kept for it any more
        if taken.category.unasked and not welcome(address):
            return taken  # to be dropped
        found = self._some_right(address, taken) if address.gone_at is None else None
        if found is None:
            self._held.append(taken.key)
        return found

    def _some_right(self, address: Address, taken: ClaimedJob) -> ClaimedJob | None:
        urgent = sum(n for category, n in self._waiting[address.key].items() if category < taken.category)
        spare = not urgent or rights_left(address, self._at) > urgent
        if taken.refused is None and spare and (right := take_right(address, self._at)) is not None:
            return taken._replace(right=right)
        if taken.category in {Category.ANSWER, Category.MARKETING} or taken.cut or taken.refused == "template":
            return None
        agreed = next((right for right in self._agreed.get(taken.address_key, ()) if right.left), None)
        if agreed is not None and taken.refused != "consent":
            agreed.left -= 1
            return taken._replace(mode=SendMode.CONSENT, template=agreed.template, right="consent")
        if self._outlet.template is not None:
            return taken._replace(mode=SendMode.TEMPLATE, template=self._outlet.template, right="template")
        return None

    def write(self, going: Sequence[ClaimedJob], dropped: Sequence[ClaimedJob]) -> None:
        """Mark what is held, and by which right the others go; the rights themselves are flushed with the session."""
        for each in dropped:
            if each.right == "consent":
                agreed = next(one for one in self._agreed[each.address_key] if one.template == each.template)
                agreed.left += 1
            elif each.right is not None:
                give_back_right(self._addresses[each.address_key], each.right)
        mark_held(self._session, self._held)
        if self._counted:
            note_rights(self._session, going)
