"""How a command that broke off ends: one sentence and an exit code, and a trace in a file where it is our fault."""

import errno
from pathlib import Path
from typing import NamedTuple

from click.exceptions import Abort, ClickException, NoArgsIsHelpError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bots.base import CommandRefused
from core.answers import Line, Verbatim, line, listing
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
from huoju.cli.misspoken import show, told_of
from huoju.cli.wording import teller
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
    why: Line


def ending_of(error: Exception | KeyboardInterrupt) -> Ending:
    """What ``error`` means."""
    match error:
        case ClickException():
            ending = Ending(error.exit_code, "misspoken", told_of(error))
        case Interrupted():
            ending = Ending(130, "stopped", line("stopped; {stands}", stands=error.stands))
        case Abort() | KeyboardInterrupt():
            ending = Ending(130, "stopped", line("stopped"))
        case VerbRefused():
            ending = Ending(1, "refused", error.line)
        case AccountsRefused():
            ending = Ending(1, "refused", listing([one.line for one in error.violations], "\n"))
        case _ if isinstance(error, REFUSALS):
            ending = Ending(1, "refused", line("{why}", why=Verbatim(error)))
        case _ if is_worlds(error):
            ending = Ending(1, "refused", database_error(error))
        case _:
            wrong = "something went wrong here ({kind}); the details {where}"
            kind = Verbatim(type(error).__name__)
            ending = Ending(70, "failed", line(wrong, kind=kind, where=_keep_trace(error)))
    return ending


def report(error: Exception | KeyboardInterrupt, command: str | None, language: str) -> int:
    """Print to standard error what ``error`` means, and for a script that said ``command`` as JSON; the exit code."""
    ending = ending_of(error)
    why = teller(language).line(ending.why)
    if command is not None and not isinstance(error, NoArgsIsHelpError):
        print_document(command, {"ending": ending.name, "why": why, "exit": ending.code})
    if isinstance(error, ClickException):
        show(error)
    else:
        complain(why)
    return ending.code


def database_error(error: BaseException) -> Line:
    """One sentence about ``error``, of the database or the disk: what happened, what it left, what to do.

    Only a connection that was lost may have lost the news of a commit with it.
    """
    match error:
        case MemoryError():
            return line("there is not enough memory; nothing was changed, make room and try again")
        case PoolTimeout():
            return line("all connections of this program are in use; nothing was changed, try again")
        case OSError():
            advice = "make room" if error.errno in _NO_ROOM else "look after it"
            told = "{what} cannot be used ({why}); {advice}"
            what = Verbatim(error.filename) if error.filename else "a file or connection"
            return line(told, what=what, why=Verbatim(error.strerror or error), advice=advice)
    orig = error.orig if isinstance(error, DBAPIError) else error
    reason = Verbatim((str(orig).strip().splitlines() or ["no reason given"])[0])
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        lost = (
            "the connection to the database was lost ({reason}); the change may or may not be stored, look before you"
            " try again"
        )
        return line(lost, reason=reason)
    how, advice = condition(error)
    told = "the database {how} ({reason}); nothing was changed, {advice}"
    return line(told, how=how, reason=reason, advice=advice)


def _keep_trace(error: Exception) -> Line:
    """Append the kind of ``error`` and the places it came through, never its text; returns where they are, or why not.

    The text of an exception may quote a player or a row.
    """
    lines = [f"{system_clock():%Y-%m-%dT%H:%M:%SZ} {type(error).__name__}", *(f"  {place}" for place in places(error))]
    try:
        TRACE_FILE.parent.mkdir(exist_ok=True)
        with TRACE_FILE.open("a", encoding="utf-8") as file:
            file.writelines(f"{one}\n" for one in lines)
    except OSError as trouble:
        return line("could not be written to {file} ({why})", file=str(TRACE_FILE), why=Verbatim(trouble.strerror))
    return line("are in {file}", file=str(TRACE_FILE))
