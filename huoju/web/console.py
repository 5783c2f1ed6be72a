"""What the console is handed: the numbers of a campaign, shared by all screens that show it, and who may see them."""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from core.audit.audit import snapshot
from core.campaign.live import CampaignShelf, LiveCampaign
from core.database import read_only, sessions
from handlers import MECHANICS
from handlers.operators.console import claimed_by, open_links
from handlers.operators.log import BEGINNING, end_of, verify
from handlers.operators.tables import LogHead
from huoju.bootstrap import Installation
from huoju.metrics import counter_sums, metrics_files
from huoju.web.cached import Shared, told_as_unavailable
from huoju.web.numbers import MessageRate, failures, figures, goods, measured, money, outbox, torches
from pages.console.serve import ConsolePages
from pages.console.view import ConsoleView, Proof, Screen, State

EVERY_S = 2.0
"""How often the numbers are counted anew, at most, however many screens look at them."""
VERIFIED_EVERY_S = 300.0
"""How often the whole log of operators is verified, at most."""
WHOLE_EVERY_S = 3600.0
"""So often it is read from its beginning; else only what was written since."""
_STATES: dict[str | None, State] = {
    None: "live",
    "campaign.paused": "paused",
    "campaign.over": "over",
    "campaign.not_open": "not_open",
}


class _Shown(NamedTuple):
    screen: Screen
    links: frozenset[int]
    """Those that show it."""


def console_pages(installation: Installation, seconds: Callable[[], float] = time.monotonic) -> ConsolePages:
    """What the doors under /console are handed. Nothing is asked of the database for a request.

    By ``seconds``, a clock that nobody sets, it is known when to count anew.
    """
    rooms, lock, counting = dict[int, Shared[_Shown | None]](), threading.Lock(), _Counting(installation, seconds)

    def room(campaign_id: int) -> Shared[_Shown | None]:
        with lock:
            if campaign_id not in rooms:
                rooms[campaign_id] = Shared(lambda: counting.shown(campaign_id), EVERY_S, seconds)
            return rooms[campaign_id]

    def find(token: str) -> Screen | None:
        claimed = claimed_by(installation.keys, token, installation.clock())
        shown = None if claimed is None else room(claimed.campaign_id).value()
        return shown.screen if shown is not None and claimed is not None and claimed.link_id in shown.links else None

    return ConsolePages(find, installation.clock)


class _Counting:
    """Counts what the screens of one process show."""

    def __init__(self, installation: Installation, seconds: Callable[[], float]) -> None:
        self._here = installation
        self._sessions = sessions(installation.database)
        self._shelf = CampaignShelf(installation.keys, MECHANICS.texts, MECHANICS.sections)
        rate = MessageRate(self._messages_so_far)
        self._messages = Shared(lambda: rate.per_minute(installation.clock()), EVERY_S, seconds)
        self._log, self._is_first = Shared(self._verified, VERIFIED_EVERY_S, seconds), True
        self._mark, self._seconds, self._whole_at_s = BEGINNING, seconds, -WHOLE_EVERY_S

    def _messages_so_far(self) -> int | None:
        """What all processes of this machine have dealt with; None where none counts."""
        found = list(metrics_files(self._here.settings.metrics_folder))
        return sum(counter_sums(found, "huoju_messages", "channel").values()) if found else None

    def _verified(self) -> tuple[bool, datetime]:
        """Whether the log is whole: what came since the last look, and seldom all of it. Whole again after a fault."""
        now_s = self._seconds()
        if now_s - self._whole_at_s >= WHOLE_EVERY_S:
            self._mark = BEGINNING
        with told_as_unavailable(), snapshot(self._here.database) as connection, Session(connection) as session:
            is_whole = next(verify(session, self._here.keys, self._mark), None) is None
            if self._mark == BEGINNING:
                self._whole_at_s = now_s
            self._mark = end_of(session) if is_whole else BEGINNING
            return is_whole, self._here.clock()

    def shown(self, campaign_id: int) -> _Shown | None:
        """The campaign as it is now, and the links that are good now; None where there is no such campaign."""
        now = self._here.clock()
        with told_as_unavailable(), read_only(self._sessions) as session:
            campaign = self._shelf.look(session).all().get(campaign_id)
            if campaign is None:
                return None
            return _Shown(Screen.of(self._view(session, campaign, now), now), open_links(session, campaign_id, now))

    def _view(self, session: Session, campaign: LiveCampaign, now: datetime) -> ConsoleView:
        rules, found = campaign.rules, measured(session, campaign, now)
        return ConsoleView(
            title=rules.title.model_dump(),
            state=_STATES[campaign.why_closed(now)],
            zone=rules.zone.key,
            language=rules.language,
            figures=figures(found, self._messages.value()),
            prizes=goods(session, campaign, now),
            torches=torches(session, campaign, found),
            outbox=outbox(session, campaign, now),
            failures=failures(session, campaign, found),
            money=money(rules, found),
            proof=self._proof(session, campaign),
        )

    def _proof(self, session: Session, campaign: LiveCampaign) -> Proof:
        """The log is verified when the numbers are counted for the second time: no screen waits for that."""
        head, verified = session.get(LogHead, 1), (None, None) if self._is_first else self._log.value()
        self._is_first = False
        number, digest = (0, None) if head is None else (head.number, head.digest.hex())
        return Proof(campaign.published.seed_commitment, digest, number, *verified)
