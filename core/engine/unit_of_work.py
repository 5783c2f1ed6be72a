"""A unit of work: what verbs of operators and clocks use instead of a turn. Lock, load, act, save: one transaction."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy.orm import Session

from core.context import TurnRows
from core.engine.flush import save
from core.engine.locks import lock_addresses, lock_people, lock_players
from core.engine.runtime import Runtime
from core.models import Player
from core.times import hour_number


@contextmanager
def unit_of_work(runtime: Runtime, at: datetime) -> Iterator["UnitOfWork"]:
    """One transaction at ``at``: whatever is decided on its rows is saved and committed where the ``with`` ends.

    An exception rolls all of it back. Raises Moved when somebody was linked while it waited for a lock: whoever began
    it takes it again.
    """
    with runtime.sessions.begin() as session:
        work = UnitOfWork(runtime, session)
        yield work
        work.save(at)


class UnitOfWork:
    """An open transaction and its rows."""

    def __init__(self, runtime: Runtime, session: Session) -> None:
        self.session = session
        self._world = runtime
        self._rows: TurnRows | None = None

    @property
    def rows(self) -> TurnRows:
        """What is loaded and decided: the campaigns, read when it is first asked for, and nothing else yet."""
        if self._rows is None:
            self._rows = self._world.rows(self.session)
        return self._rows

    def lock_people(self, player_ids: Iterable[int]) -> Mapping[int, Player]:
        """Lock these players (or whom they have become) with an address of each; returns them by the id asked for."""
        return lock_people(self.session, self.rows, player_ids)

    def lock_address(self, key: bytes) -> None:
        """Lock the address ``key``, where it exists, and all players for whom it speaks."""
        lock_addresses(self.session, self.rows, [key])
        lock_players(self.session, self.rows)

    def save(self, at: datetime) -> None:
        """Write all that was decided so far. What is changed on mapped objects after that is not written."""
        if self._rows is not None:
            save(self.session, self._rows, hour_number(at))
