"""`huoju accounts`: which accounts there are, where platforms call us, and what is still missing."""

import click
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core.answers import Answer, AnswerPart, Column, Line, Table, line
from core.database import DatabaseUnusable, open_database
from core.times import system_clock
from huoju.account_registry import AccountRegistry, look_at_registry
from huoju.accounts import Account, secret_fields
from huoju.cli.console import json_option, tell
from huoju.cli.help import Group
from huoju.cli.verbs import group_of
from huoju.doctor import exists
from huoju.sending_status import account_statuses
from huoju.settings import Settings, read_settings

_COLUMNS = [Column(name) for name in ("account", "kind", "secrets", "called at")]


@click.group(cls=Group, invoke_without_command=True)
@json_option
def accounts(*, as_json: bool) -> None:
    """All accounts in huoju.toml: kind, the address that the platform calls, secrets; exit 1 when some are wrong."""
    if click.get_current_context().invoked_subcommand is None:
        _look(as_json=as_json)


for _name, _command in group_of("accounts").commands.items():
    accounts.add_command(_command, _name)


def _look(*, as_json: bool) -> None:
    settings = read_settings()
    found = look_at_registry(settings)
    registry = AccountRegistry(found.complete)
    begin = settings.links_begin_with or "(HUOJU_PUBLIC_URL)"
    rows = [
        (str(one), getattr(one.table, "kind", None), _secrets(one), f"{begin}{path}" if path else None)
        for one in registry.accounts
        for path in (registry.webhook_paths()[str(one)],)
    ]
    rows += [
        (name, None, "see below", None) for name in sorted({one.account for one in found.violations if one.account})
    ]
    none = line("There are no accounts: describe them in {file}.", file=str(settings.config_file))
    parts: list[AnswerPart] = [Table("accounts", _COLUMNS, rows, empty=none)]
    parts += _not_sending(settings)
    tell(Answer(parts, wrong=[one.line for one in found.violations]), as_json=as_json)


def _not_sending(settings: Settings) -> list[Line]:
    """Why some may not send now; nothing where the database is not there yet, or not well: the doctor tells of that."""
    if not exists(settings.database_url):
        return []
    try:
        database = open_database(settings.database_url, connections=1)
    except (DatabaseUnusable, OSError):
        return []
    try:
        with Session(database) as session:
            return [each for _, why_not in account_statuses(session, system_clock()) for each in why_not]
    except DBAPIError:
        return []
    finally:
        database.dispose()


def _secrets(account: Account) -> str:
    """Which of its secrets are given; the needed ones are, or it would be no account."""
    model = type(account.table)
    names = secret_fields(model)
    given = [name for name in names if getattr(account.table, name) is not None]
    return ", ".join(f"{name} {'yes' if name in given else 'no'}" for name in names) or "-"
