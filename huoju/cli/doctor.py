"""`huoju doctor`: look at this installation and at each account, and say what to do."""

import sys
from collections.abc import Iterator

import click
from rich.text import Text

from bots.base import ChannelDependencies, Finding
from core.randomness import SystemRandomness
from core.times import system_clock
from huoju import checking
from huoju.account_registry import AccountRegistry, known_places, look_at_registry
from huoju.accounts import Account, Found
from huoju.cli.console import Refused, err, out
from huoju.settings import read_settings


@click.command()
@click.argument("account", metavar="[CHANNEL/ACCOUNT]", required=False)
def doctor(account: str | None) -> None:
    """Look at this installation and all accounts (or one) and say what to do; exit 1 when something is not well.

    Platforms and the public address are asked, which takes some seconds each. Nothing is changed.
    """
    settings = read_settings()
    found = look_at_registry(settings)
    registry = AccountRegistry(found.complete)
    dependencies = ChannelDependencies(system_clock, SystemRandomness(), settings.links_begin_with)
    wrong = 0
    with dependencies.ends:
        if account is None:
            called, known = any(registry.webhook_paths().values()), known_places(settings)
            wrong += _tell("installation", checking.findings(settings, system_clock, called=called, known=known))
        wrong += _tell(str(settings.config_file), _complaints(found, account))
        for one in _chosen(registry, account, found):
            wrong += _tell(str(one), registry.findings(one, dependencies))
    out.print(f"{wrong} of these need you." if wrong else "All is well.")
    sys.exit(1 if wrong else 0)


def _complaints(found: Found, account: str | None) -> Iterator[Finding]:
    if found.blocked_words is not None and account is None:
        words = f"{len(found.blocked_words):,} words of its own that no name may hold, in place of the shipped list"
        yield Finding(words, True, "")
    for one in found.complaints:
        if account is None or one.account in {None, account}:
            yield Finding(one.place or "the file", False, one.remedy)


def _chosen(registry: AccountRegistry, account: str | None, found: Found) -> list[Account]:
    chosen = [one for one in registry.accounts if account in {None, str(one)}]
    if not chosen and account is not None and account not in {one.account for one in found.complaints}:
        known = ", ".join(map(str, registry.accounts)) or "there is none"
        raise Refused(f"{account} is no account of ours; these are: {known}")
    return chosen


def _tell(about: str, findings: Iterator[Finding]) -> int:
    """Print what is found, as it is found; returns how much of it is not well."""
    wrong = 0
    while True:
        try:
            with err.status(f"looking at {about} …"):
                one = next(findings, None)
        except Exception as error:  # noqa: BLE001  # the others have to be looked at, too
            one = Finding("it can be looked at", False, f"the look failed ({type(error).__name__}); tell the makers")
            findings = iter(())
        if one is None:
            return wrong
        out.print(
            Text("ok", "green") if one.well else Text("!!", "red"),
            f"{about}: {one.what.removeprefix(f'{about}: ')}",
            sep="  ",
        )
        if not one.well:
            wrong += 1
            out.print(f"      {one.remedy}")
