"""`huoju doctor`: look at this installation and at each account, and say what to do."""

import sys
from collections.abc import Iterator

import click
from rich.text import Text

from bots.base import Finding
from core.answers import Answer, Column, Table, line
from handlers.operators.say import Teller
from huoju.cli.console import err, json_option, out, tell
from huoju.cli.language import in_language
from huoju.cli.wording import teller
from huoju.doctor import looks, sections
from huoju.settings import read_settings

_LOOKS = [Column(name) for name in ("about", "what", "well", "remedy")]


@click.command()
@click.argument("account", metavar="[CHANNEL/ACCOUNT]", required=False)
@json_option
@in_language
def doctor(account: str | None, *, as_json: bool, language: str) -> None:
    """Look at this installation and all accounts (or one) and say what to do; exit 1 when something is not well.

    Platforms and the public address are asked, which takes some seconds each. Nothing is changed.
    """
    if as_json:
        found = [(one.about, one.what, one.well, one.remedy) for one in looks(read_settings(), account)]
        unwell = sum(not well for _, _, well, _ in found)
        wrong_ones = [line("{count} of these need you.", count=unwell)] if unwell else []
        tell(Answer([Table("looks", _LOOKS, found)], wrong=wrong_ones), as_json=True, language=language)
        return
    says = teller(language)
    wrong = sum(_tell(about, findings, says) for about, findings in sections(read_settings(), account))
    out.print(says.sentence("{count} of these need you.", count=wrong) if wrong else says.word("All is well."))
    sys.exit(1 if wrong else 0)


def _tell(about: str, findings: Iterator[Finding], says: Teller) -> int:
    """Print what is found, as it is found; returns how much of it is not well."""
    wrong = 0
    while True:
        with err.status(says.sentence("looking at {about} …", about=about)):
            one = next(findings, None)
        if one is None:
            return wrong
        sign = Text("ok", "green") if one.well else Text("!!", "red")
        out.print(sign, says.sentence("{where}: {what}", where=about, what=one.named), sep="  ")
        if not one.well:
            wrong += 1
            out.print(f"      {says.line(one.advised)}")
