"""Menus of operators: each sees the verbs of their role where a platform has a menu for one person.

A menu is a courtesy and no right: it is looked at again and again beside the turns, and what fails is tried later.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence

import structlog

from bots.base import PersonalMenus
from core.database import read_only
from core.engine.runtime import Runtime
from core.menu import MenuItem, menu_at
from core.operators import Role
from core.places import Place
from handlers.operators.access import Seat, seats
from handlers.operators.menu import menu_of

log = structlog.get_logger()

EVERY_S = 10.0
SHOWN_S = 3600.0
"""A menu is set again after so long: somebody else may have set another one."""
MOST = 100
"""Entries that a menu of any platform holds."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 30.0, 3600.0

_Person = tuple[Place, str]


class OperatorMenus:
    """Keeps the menus of operators as their roles are; ``menus`` are those of our accounts, by place."""

    def __init__(
        self, runtime: Runtime, menus: Mapping[Place, PersonalMenus], clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._world, self._menus, self._clock_s = runtime, menus, clock_s
        self._shown: dict[_Person, tuple[Sequence[MenuItem], float]] = {}
        self._failed: dict[_Person, tuple[float, float]] = {}

    def run(self, stopping: threading.Event) -> None:
        """Look again and again, until ``stopping``."""
        while not stopping.is_set():
            self.refresh()
            stopping.wait(EVERY_S)

    def refresh(self) -> None:
        """Show each operator the menu of the role, and whoever is none any more that of everybody."""
        words = {place: self._words(place) for place in self._menus}
        for seat in seats(self._world, list(self._menus), self._world.clock()):
            person, now_s = (seat.place, seat.user), self._clock_s()
            wanted = self._wanted(words[seat.place], seat)
            shown, at_s = self._shown.get(person, (None, 0.0))
            if (shown == wanted and now_s - at_s < SHOWN_S) or now_s < self._failed.get(person, (0.0, 0.0))[0]:
                continue
            if self._show(person, wanted):
                self._shown[person] = wanted, now_s
                self._failed.pop(person, None)
            else:
                pause_s = min(self._failed.get(person, (0.0, FIRST_PAUSE_S / 2))[1] * 2, LONGEST_PAUSE_S)
                self._failed[person] = now_s + pause_s, pause_s

    def _words(self, place: Place) -> Sequence[MenuItem]:
        """What players can say there now."""
        with read_only(self._world.sessions) as session:
            campaigns = self._world.shelf.look(session).values()
        return menu_at(self._world.mechanics.menu, campaigns, place, self._world.mechanics.texts())

    def _wanted(self, words: Sequence[MenuItem], seat: Seat) -> Sequence[MenuItem]:
        """The verbs of the role, as many as fit, and behind them what players say; nothing for whoever has none."""
        if seat.role is None:
            return ()
        return (*menu_of(self._world.mechanics, Role(seat.role))[: MOST - len(words)], *words)

    def _show(self, person: _Person, wanted: Sequence[MenuItem]) -> bool:
        place, user = person
        try:
            why = self._menus[place].show(user, wanted)
        except Exception as error:  # noqa: BLE001  # a menu is a courtesy, whatever goes wrong
            why = type(error).__name__
        if why is not None:
            log.warning("operators.menu", place=str(place), why=why)
        return why is None
