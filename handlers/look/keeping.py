"""Logos that are kept with the versions of campaigns: written at publication, and read by whoever shows them."""

from datetime import datetime
from functools import lru_cache

from sqlalchemy.orm import Session, sessionmaker

from core import bulk
from core.campaign.findings import remedy
from core.campaign.reader import BadCampaign
from core.database import read_only
from core.mechanics import Publishing
from core.models.base import table_of
from handlers.look.picture import Picture, redrawn
from handlers.look.rules import LookRules
from handlers.look.tables import Logo

_AT_HAND = 32


def keep_logo(session: Session, publishing: Publishing) -> None:
    """Keep the logo that a version names, where it is new. Raises BadCampaign for one that nobody has."""
    look = publishing.rules.section(LookRules)
    if look is None or (digest := look.kept) is None:
        return
    if (content := publishing.file.attached.get(digest)) is not None:
        _keep(session, digest, content, publishing.now)
    elif session.get(Logo, digest) is None:
        why = remedy("no logo with this sha256 was ever published here; name a file that lies beside this one")
        raise BadCampaign([publishing.file.violation(("look", "logo"), why)])


def _keep(session: Session, digest: str, content: bytes, at: datetime) -> None:
    table, drawn = table_of(Logo), redrawn(content)
    bulk.claim(session, table, [{"hash": digest, **drawn._asdict(), "kept_at": at}], table.c.hash)


class Logos:
    """Logos by hash, for the threads of a process: the last ones are at hand, as none ever changes."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions
        self._found = lru_cache(_AT_HAND)(self._read)

    def find(self, digest: str) -> Picture | None:
        """The logo; None where there is none."""
        try:
            return self._found(digest)
        except LookupError:
            return None

    def _read(self, digest: str) -> Picture:
        with read_only(self._sessions) as session:
            found = session.get(Logo, digest)
            if found is None:
                raise LookupError  # is not kept in mind: it may be published in a moment
            return Picture(found.png, found.width, found.height, found.on_dark)
