"""What the relay has sealed: the names that players chose."""

from core.models import Player
from core.sealed import Sealed
from handlers.relay.names import NAME_COLUMN, WAITING_COLUMN, name_row

SEALED = (
    Sealed(column=Player.name_sealed, where=NAME_COLUMN, named_by=(Player.id,), row=name_row),
    Sealed(column=Player.name_waiting_sealed, where=WAITING_COLUMN, named_by=(Player.id,), row=name_row),
)
