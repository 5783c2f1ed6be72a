"""Reaching: by which right a text may go, where the platform counts what it lets us send.

The cheapest one that is legal: a message while the player's turning to us still gives one, a notice that the player
agreed to get, a notice by a template; marketing never by a template. When there is none, the text is held until the
player speaks. What is less urgent leaves their rights to the others that wait.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import database
from core.campaign.platforms import rights
from core.models import Address, Dispatch, NoticeRight
from core.reach import give_back_right, rights_left, take_right, welcome
from core.sending.jobs import DUE, Key, Taken, mark_held, note_rights
from core.sending.outbound import Category, Outlet, Way


class Reaching:
    """The rights of those to whom some texts go, locked where they are counted.

    ``keys`` are the texts that may be looked at: somebody who is speaking at this moment is left alone.
    """

    def __init__(self, session: Session, outlet: Outlet, at: datetime, first: Sequence[Key]) -> None:
        self.keys = list(first)
        self._session, self._outlet, self._at = session, outlet, at
        self._held: list[Key] = []
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
            mine = Dispatch.address_key.in_(sorted(self._addresses)) & (Dispatch.state == DUE)
            group = (Dispatch.address_key, Dispatch.category)
            for key, category, count in self._session.execute(
                select(*group, func.count()).where(mine).group_by(*group)
            ):
                self._waiting[key][category] = count
        if self._addresses and self._outlet.templates:
            mine = NoticeRight.address_key.in_(sorted(self._addresses)) & (NoticeRight.left > 0)
            usable = select(NoticeRight).where(mine, NoticeRight.template.in_(sorted(self._outlet.templates)))
            for right in self._session.scalars(database.locked(usable, NoticeRight.address_key, NoticeRight)):
                self._agreed.setdefault(right.address_key, []).append(right)

    def by_some_way(self, taken: Taken) -> Taken | None:
        """``taken`` by the way on which it may go, and was not refused before; None when it is held."""
        if not self._counted:
            return taken
        address = self._addresses[taken.address_key]
        self._waiting[address.key][taken.category] -= 1  # whatever becomes of it, no right is kept for it any more
        if taken.category.unasked and not welcome(address):
            return taken  # to be dropped
        found = self._some_way(address, taken) if address.gone_at is None else None
        if found is None:
            self._held.append(taken.key)
        return found

    def _some_way(self, address: Address, taken: Taken) -> Taken | None:
        urgent = sum(n for category, n in self._waiting[address.key].items() if category < taken.category)
        spare = not urgent or rights_left(address, self._at) > urgent
        if taken.refused is None and spare and (right := take_right(address, self._at)) is not None:
            return taken._replace(right=right)
        if taken.category in {Category.ANSWER, Category.MARKETING} or taken.cut or taken.refused == "template":
            return None
        agreed = next((right for right in self._agreed.get(taken.address_key, ()) if right.left), None)
        if agreed is not None and taken.refused != "consent":
            agreed.left -= 1
            return taken._replace(way=Way.CONSENT, template=agreed.template, right="consent")
        if self._outlet.template is not None:
            return taken._replace(way=Way.TEMPLATE, template=self._outlet.template, right="template")
        return None

    def write(self, going: Sequence[Taken], dropped: Sequence[Taken]) -> None:
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
