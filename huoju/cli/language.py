"""In which language the command line speaks of a campaign file: as it is asked to, else as the terminal does."""

from typing import Any

import click
from click.core import ParameterSource

from handlers import MECHANICS
from handlers.operators.say import Teller

_SPOKEN = ("zh", "en")


def _language(ctx: click.Context, option: click.Parameter, said: str | None) -> str:
    """A language that is spoken; English for a terminal of another. Raises BadParameter for one that was typed."""
    begins = (said or "").lower()[:2]
    if begins in _SPOKEN:
        return begins
    if option.name is not None and ctx.get_parameter_source(option.name) is ParameterSource.COMMANDLINE:
        raise click.BadParameter("write zh or en")
    return "en"


def in_language(command: Any) -> Any:
    """Let ``command`` have ``--language``, of which the terminal's is the usual one."""
    return click.option(
        "--language",
        envvar=["LC_ALL", "LC_MESSAGES", "LANG"],
        callback=_language,
        metavar="[zh|en]",
        help="The language to answer in; as your terminal's where not given.",
    )(command)


def teller(language: str) -> Teller:
    """Says sentences in ``language`` as a terminal shows them."""
    return Teller(MECHANICS.phrases(), language)
