"""What a turn loads of erasures: the one that waits, of senders who name it."""

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.context import TurnRows
from core.engine.routes import AllWanted, Requirement, Requires
from core.models import Address
from core.permissions import person_of
from handlers.rights.tables import Erasure


@dataclass(slots=True)
class ErasureRows:
    """The erasures that wait, of a turn's senders."""

    waiting: list[Erasure] = field(default_factory=list)

    def all_of(self, rows: TurnRows, address: Address) -> list[Erasure]:
        """Those of the person at ``address``: each chat may have asked before they were linked."""
        keys = person_of(rows, address)
        return [one for one in self.waiting if one.address_key in keys and one.state == "waiting"]

    def of(self, rows: TurnRows, address: Address) -> Erasure | None:
        """The first of them."""
        return next(iter(self.all_of(rows, address)), None)


@dataclass(frozen=True, slots=True)
class ErasureRequires(Requirement):
    """Whether the sender will be erased."""

    mine: bool = False


MINE = Requires((ErasureRequires(mine=True),))


def load(session: Session, rows: TurnRows, wanted: AllWanted) -> None:
    """Load what waits of the senders who name it, whose addresses are locked: so nothing of it changes meanwhile."""
    senders = {delivery.key[0] for delivery, needs in wanted.of(ErasureRequires) if needs.mine}
    if senders:
        keys = sorted({each for key in senders for each in person_of(rows, rows.addresses[key])})
        found = (
            select(Erasure).where(Erasure.address_key.in_(keys), Erasure.state == "waiting").order_by(Erasure.due_at)
        )
        rows.of(ErasureRows).waiting += session.scalars(found)
