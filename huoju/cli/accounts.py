"""`huoju accounts`: which accounts there are, where platforms call us, and what is still missing."""

import sys

import click
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core.database import DatabaseUnusable, open_database
from core.times import system_clock
from huoju.account_registry import AccountRegistry, look_at_registry
from huoju.accounts import Account, secret_fields
from huoju.cli.console import complain, out, table
from huoju.cli.verbs import group_of
from huoju.doctor import exists
from huoju.sending_status import account_statuses
from huoju.settings import Settings, read_settings


@click.group(invoke_without_command=True)
def accounts() -> None:
    """All accounts in huoju.toml: kind, the address that the platform calls, secrets; exit 1 when some are wrong."""
    if click.get_current_context().invoked_subcommand is None:
        _look()


for _name, _command in group_of("accounts").commands.items():
    accounts.add_command(_command, _name)


def _look() -> None:
    settings = read_settings()
    found = look_at_registry(settings)
    registry = AccountRegistry(found.complete)
    begin = settings.links_begin_with or "(HUOJU_PUBLIC_URL)"
    rows = table("account", "kind", "secrets", "called at")
    for one in registry.accounts:
        path = registry.webhook_paths()[str(one)]
        rows.add_row(str(one), getattr(one.table, "kind", "-"), _secrets(one), f"{begin}{path}" if path else "-")
    for name in sorted({one.account for one in found.violations if one.account}):
        rows.add_row(name, "-", "see below", "-")
    if rows.row_count:
        out.print(rows)
    else:
        out.print(f"There are no accounts: describe them in {settings.config_file}.")
    for why_not in _not_sending(settings):
        out.print(why_not)
    for violation in found.violations:
        complain(str(violation))
    sys.exit(1 if found.violations else 0)


def _not_sending(settings: Settings) -> list[str]:
    """Why some may not send now; nothing where the database is not there yet, or not well: the doctor tells of that."""
    if not exists(settings.database_url):
        return []
    try:
        database = open_database(settings.database_url, connections=1)
    except (DatabaseUnusable, OSError):
        return []
    try:
        with Session(database) as session:
            return [why_not for _, why_not in account_statuses(session, system_clock()) if why_not is not None]
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
