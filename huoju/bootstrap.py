"""The composition root: builds the world that everything else is handed."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine as DatabaseEngine

from core import schema
from core.brake import Brake
from core.campaign.live import CampaignShelf
from core.campaign.rules import Rules
from core.database import open_database, sessions
from core.engine.runtime import Runtime
from core.keys import Keyring, create_key_file, open_key_file
from core.randomness import Randomness, SystemRandomness
from core.sending.outbound import Limits, SendingAccount
from core.times import Clock, system_clock
from core.verbs import JobFiles, Outlets, Platforms
from handlers import MECHANICS
from handlers.codes.issuance import CardPrinting, Cards, Output
from handlers.purchases.receipts import ReceiptTable, ReceiptTables
from handlers.relay.moderation import compiled
from handlers.rights.erase import Grace
from huoju import logs
from huoju.phrases import phrases
from huoju.sending_status import platform_reason
from huoju.settings import Settings

_EVERYTHING = replace(MECHANICS, phrases=phrases)
"""All mechanics, with what is told of this installation and of platforms among their phrases."""


class FolderUnusable(Exception):
    """A folder or file of the installation cannot be made or used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Installation:
    """One opened installation: its database, keyring, clock, randomness and settings."""

    settings: Settings
    database: DatabaseEngine
    keys: Keyring
    clock: Clock
    randomness: Randomness

    def runtime(
        self,
        limits: Mapping[tuple[str, str], Limits] | None = None,
        blocked: Sequence[str] | None = None,
        outlets: Callable[[], Sequence[SendingAccount]] | None = None,
        more: Sequence[object] = (),
    ) -> Runtime:
        """What turns need. ``limits`` say what texts cost and what may be spent, by channel and account.

        ``blocked`` are the installation's own words that no name holds, and ``outlets`` reads which accounts send;
        ``more`` are further settings of mechanics.
        """
        return Runtime(
            sessions(self.database),
            self.keys,
            self.randomness,
            _EVERYTHING,
            CampaignShelf(self.keys, MECHANICS.texts, MECHANICS.sections),
            self.settings.wrong_tries_per_hour,
            self.clock,
            self.settings.links_begin_with,
            limits or {},
            Brake(self.settings.helpless_answers_per_hour, self.settings.answers_per_hour),
            (
                Platforms(platform_reason),
                CardPrinting(self._sheets),
                ReceiptTables(_receipts),
                JobFiles(self.settings.files_folder, timedelta(hours=self.settings.files_kept_hours)),
                Grace(timedelta(days=self.settings.erase_after_days)),
                *(() if blocked is None else (compiled(blocked),)),
                *(() if outlets is None else (Outlets(outlets),)),
                *more,
            ),
        )

    def _sheets(self, out: Output, rules: Rules, links_begin: str | None, count: int) -> Cards:
        from huoju.cards import CardSheets  # noqa: PLC0415  # a large library that nothing else needs
        from pages.pictures.fonts import find_fonts  # noqa: PLC0415  # the same

        return CardSheets(out, rules, links_begin, find_fonts(self.settings.font_file), count)


def _receipts(path: Path, sheet: str | None) -> ReceiptTable:
    from huoju.tables.receipts import open_receipts  # noqa: PLC0415  # nothing else needs it

    return open_receipts(path, sheet)


def open_installation(settings: Settings, *, create: bool = False) -> Installation:
    """Open the installation that ``settings`` name; with ``create`` make key file and schema where they are missing.

    A schema that is older is brought forward by nobody but `huoju db upgrade`.

    Raises KeysUnusable, DatabaseUnusable or FolderUnusable, each saying what to do.
    """
    logs.configure(settings.log_level)
    randomness = SystemRandomness()
    try:
        database = open_database(settings.database_url, connections=settings.database_connections)
        try:
            keys = _matching_keys(settings, database, randomness, create=create)
        except Exception:
            database.dispose()
            raise
    except OSError as error:
        raise FolderUnusable(f"{error.filename} cannot be used: {error.strerror}") from None
    return Installation(settings, database, keys, system_clock, randomness)


def _matching_keys(settings: Settings, database: DatabaseEngine, randomness: Randomness, *, create: bool) -> Keyring:
    """The keyring of ``database``; a new key file is made only for a database that is not set up."""
    if create and not settings.keys_file.exists() and not schema.is_set_up(database):
        with contextlib.suppress(FileExistsError):  # another process has just made it
            create_key_file(settings.keys_file, randomness, system_clock())
    keys = open_key_file(settings.keys_file, randomness)
    if create and not schema.is_set_up(database):
        schema.upgrade(database, keys)
    else:
        schema.check_keys(database, keys)
    return keys
