"""Linking: two addresses become one person, and two players one."""

from pathlib import Path

from core.mechanics import Mechanic
from core.menu import MenuWord
from core.messages import Keyword
from core.models import Link
from core.retention.keep import LINKS
from core.retention.kinds import Aged
from handlers.linking import audit, load, rights, say
from handlers.linking.tables import LinkWord

__all__ = ["MECHANIC"]

MECHANIC = Mechanic(
    name="linking",
    texts=Path(__file__).parent / "texts",
    tables=(Link, LinkWord),
    kept=rights.KEPT,
    forgets=rights.forget,
    ages=(Aged(table=LinkWord, keep=LINKS, at=LinkWord.expires_at),),
    routes=(say.ROUTE, say.USE_ROUTE),
    related=load.related,
    load=load.load,
    rank=1,
    checks=audit.CHECKS,
    transfers=audit.TRANSFERS,
    menu=(MenuWord(6, "link", Keyword(zh="绑定", en="Link"), mine=True),),
)
