"""What happens to a torch."""

from dataclasses import dataclass
from datetime import datetime

from handlers.relay.tables import Torch


@dataclass(frozen=True, slots=True)
class Lit:
    """A friend came in time; once for each torch."""

    torch: Torch
    at: datetime


@dataclass(frozen=True, slots=True)
class WentOut:
    """Nobody came in time."""

    torch: Torch
    at: datetime
