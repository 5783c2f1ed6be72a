"""How a command that broke off ends: one sentence and an exit code, and a trace in a file where it is our fault."""

import errno
from pathlib import Path
from typing import NamedTuple

from click.exceptions import Abort, ClickException, NoArgsIsHelpError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bots.base import CommandRefused
from core.blame import Unavailable, condition, is_worlds
from core.campaign.reader import BadCampaign
from core.database import DatabaseUnusable
from core.keys import KeysUnusable
from core.messages import NotAMessage
from core.operators import VerbRefused
from core.times import system_clock
from huoju.accounts import AccountsRefused
from huoju.backup.refusal import BackupRefused
from huoju.bootstrap import FolderUnusable
from huoju.cli.console import Interrupted, complain, print_document
from huoju.logs import places
from huoju.new_installation import FolderTaken
from huoju.settings import SettingsRefused
from huoju.simulation.play import SimulationRefused
from huoju.tables.table import TableRefused
from huoju.web.server import PlaygroundRefused, PortTaken
from pages.pictures.fonts import FontMissing

REFUSALS: tuple[type[Exception], ...] = (
    AccountsRefused,
    BackupRefused,
    BadCampaign,
    CommandRefused,
    DatabaseUnusable,
    FolderTaken,
    FolderUnusable,
    FontMissing,
    KeysUnusable,
    NotAMessage,
    PlaygroundRefused,
    PortTaken,
    VerbRefused,
    SettingsRefused,
    SimulationRefused,
    TableRefused,
    Unavailable,
)
"""Each says in one sentence what was refused, why, and what to do."""
TRACE_FILE = Path("var/huoju-error.log")
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


class Ending(NamedTuple):
    """How a command ended that was broken off; the table of exit codes is in docs/commands.md."""

    code: int
    name: str
    """As scripts read it."""
    why: str


def ending_of(error: Exception | KeyboardInterrupt) -> Ending:
    """What ``error`` means."""
    if isinstance(error, ClickException):
        return Ending(error.exit_code, "misspoken", error.format_message())
    if isinstance(error, Interrupted):
        return Ending(130, "stopped", f"stopped; {error.stands}")
    if isinstance(error, Abort | KeyboardInterrupt):
        return Ending(130, "stopped", "stopped")
    if isinstance(error, REFUSALS):
        return Ending(1, "refused", str(error))
    if is_worlds(error):
        return Ending(1, "refused", database_error(error))
    said = f"something went wrong here ({type(error).__name__}); the details {_keep_trace(error)}"
    return Ending(70, "failed", said)


def report(error: Exception | KeyboardInterrupt, command: str | None) -> int:
    """Print to standard error what ``error`` means, and for a script that said ``command`` as JSON; the exit code."""
    ending = ending_of(error)
    if command is not None and not isinstance(error, NoArgsIsHelpError):
        print_document(command, {"ending": ending.name, "why": ending.why, "exit": ending.code})
    if isinstance(error, ClickException):
        error.show()
    else:
        complain(ending.why)
    return ending.code


def database_error(error: BaseException) -> str:
    """One sentence about ``error``, of the database or the disk: what happened, what it left, what to do.

    Only a connection that was lost may have lost the news of a commit with it.
    """
    match error:
        case MemoryError():
            return "there is not enough memory; nothing was changed, make room and try again"
        case PoolTimeout():
            return "all connections of this program are in use; nothing was changed, try again"
        case OSError():
            advice = "make room" if error.errno in _NO_ROOM else "look after it"
            return f"{error.filename or 'a file or connection'} cannot be used ({error.strerror or error}); {advice}"
    orig = error.orig if isinstance(error, DBAPIError) else error
    reason = (str(orig).strip().splitlines() or ["no reason given"])[0]
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return (
            f"the connection to the database was lost ({reason}); the change may or may not be stored, look before you"
            " try again"
        )
    how, advice = condition(error)
    return f"the database {how} ({reason}); nothing was changed, {advice}"


def _keep_trace(error: Exception) -> str:
    """Append the kind of ``error`` and the places it came through, never its text; returns where they are, or why not.

    The text of an exception may quote a player or a row.
    """
    lines = [f"{system_clock():%Y-%m-%dT%H:%M:%SZ} {type(error).__name__}", *(f"  {place}" for place in places(error))]
    try:
        TRACE_FILE.parent.mkdir(exist_ok=True)
        with TRACE_FILE.open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
    except OSError as trouble:
        return f"could not be written to {TRACE_FILE} ({trouble.strerror})"
    return f"are in {TRACE_FILE}"
