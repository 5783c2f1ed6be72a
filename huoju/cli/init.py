"""`huoju init`: five questions, and a folder in which everything stands that a new installation needs."""

import getpass
import os
import re
import shlex
from collections.abc import Callable, Mapping
from typing import TypeVar

import click

from bots.base import Beginner, FirstAccount
from core.answers import Verbatim
from core.operators import VerbRefused
from core.randomness import SystemRandomness
from handlers.operators.say import Teller
from huoju import new_installation
from huoju.cli.console import Telling, err, json_option
from huoju.cli.language import in_language
from huoju.new_installation import EXAMPLE, NewInstallation, Unfitting, first_account, first_channels

_Read = TypeVar("_Read")
_ROOT = 0
_BRACKETS = re.compile(r" ?[(（].*")


@click.command()
@click.argument("folder", required=False)
@click.option("--database", metavar="ADDRESS", help="sqlite, or postgresql://user:password@host/name.")
@click.option("--public-url", metavar="ADDRESS", help="Where players and platforms reach us; empty for nowhere.")
@click.option("--channel", metavar="CHANNEL", help="Where it begins; the question lists them.")
@click.option("--brand", metavar="NAME", help="What players know you by.")
@click.option("--yes", is_flag=True, help="Ask nothing: what is not said here is as it is proposed.")
@json_option
@in_language
def init(
    folder: str | None,
    database: str | None,
    public_url: str | None,
    channel: str | None,
    brand: str | None,
    *,
    yes: bool,
    as_json: bool,
    language: str,
) -> None:
    """Begin: ask five questions, and fill a new FOLDER with huoju.toml, settings, keys, a campaign and units.

    Nothing that exists is overwritten, and no database is touched.
    """
    channels = first_channels()
    told = Telling(language, as_json=as_json)
    ask = _Questions(told.says, yes=yes)
    wanted = NewInstallation(
        folder=ask("In which folder", "huoju", folder, new_installation.read_folder),
        database_url=ask(
            "Database (sqlite, or postgresql://user:password@host/name)",
            "sqlite",
            database,
            new_installation.read_database,
        ),
        public_url=ask(
            "Public address, such as https://play.example (empty: nobody but this machine)",
            "",
            public_url,
            new_installation.read_public_url,
        ),
        channel=ask(
            "First channel ({channels})",
            channels[0],
            channel,
            new_installation.read_channel,
            channels=", ".join(channels),
        ),
        brand=ask("Name of your brand", "Huoju", brand, new_installation.read_brand),
    )
    is_root = os.geteuid() == _ROOT
    user = "huoju" if is_root else getpass.getuser()
    for path in new_installation.write(wanted, SystemRandomness(), user):
        told("  {file}", file=str(path))
    told("Written. Keep var/huoju.keys somewhere else, too: without it no code and no name can ever be read.")
    first = first_account(wanted.channel, Beginner(wanted.brand, wanted.public_url, ""))
    assert first is not None
    _tell_what_to_fill_in(told, first)
    if is_root:
        told("You are root, and Huoju shall not be: make a user for it, and let the folder be theirs.")
        told("  useradd --system huoju; chown -R huoju: {folder}", folder=Verbatim(shlex.quote(str(wanted.folder))))
    told("Next:")
    told("  cd {folder} && huoju db upgrade", folder=Verbatim(shlex.quote(str(wanted.folder))))
    told("  huoju campaign publish {file}", file=EXAMPLE)
    told("  huoju run {options}", options=Verbatim(" ".join(first.options)))
    told.end()


def _tell_what_to_fill_in(told: Telling, first: FirstAccount) -> None:
    if first.table:
        told("Then fill in what is empty in .env and yours in huoju.toml; huoju accounts says what is missing.")
    told("The units of systemd are in systemd/: copy them to /etc/systemd/system when it shall begin by itself.")


class _Questions:
    """Asks in the language of the terminal, or takes what was said before."""

    def __init__(self, says: Teller, *, yes: bool) -> None:
        self._says, self._yes = says, yes

    def __call__(
        self, question: str, proposed: str, said: str | None, read: Callable[[str], _Read], **told: str
    ) -> _Read:
        """What was ``said``, or is answered; asked again until it can be ``read``. Raises VerbRefused."""
        asks = said is None and not self._yes
        while True:
            text = self._answer(question, proposed, told) if asks else proposed if said is None else said
            try:
                return read(text.strip())
            except Unfitting as error:
                if not asks:
                    asked = _BRACKETS.sub("", self._says.word(question))
                    raise VerbRefused("{question}: {why}", question=Verbatim(asked), why=str(error)) from None
                err.print(f"  {self._says.word(str(error))}")

    def _answer(self, question: str, proposed: str, told: Mapping[str, str]) -> str:
        asked = self._says.sentence(question, **{name: Verbatim(value) for name, value in told.items()})
        answer: str = click.prompt(asked, default=proposed, show_default=bool(proposed), err=True)
        return answer
