"""In which language the command line answers: as it is asked to, else as the terminal does."""

from typing import Any

import click
from click.core import ParameterSource

from core.answers import ArgumentName, Value
from handlers.operators.say import Teller
from huoju.phrases import phrases

_SPOKEN = ("zh", "en")
IN_LANGUAGE = "in_language"


def _language(ctx: click.Context, option: click.Parameter, said: str | None) -> str:
    """A language that is spoken; English for a terminal of another. Raises BadParameter for one that was typed."""
    begins = (said or "").lower()[:2]
    if begins in _SPOKEN:
        return begins
    if option.name is not None and ctx.get_parameter_source(option.name) is ParameterSource.COMMANDLINE:
        raise click.BadParameter("write zh or en")
    return "en"


def language_option(name: str = IN_LANGUAGE, *, hidden: bool = False) -> click.Option:
    """``--language``, of which the terminal's is the usual one; ``hidden`` where a command means another by that."""
    return click.Option(
        ["--in-language" if hidden else "--language", name],
        envvar=["LC_ALL", "LC_MESSAGES", "LANG"],
        callback=_language,
        metavar="[zh|en]",
        help="The language to answer in; as your terminal's where not given.",
        hidden=hidden,
    )


def in_language(command: Any) -> Any:
    """Let ``command`` have ``--language``, as ``language``."""
    return with_option(command, language_option("language"))


def with_option(command: Any, option: click.Option) -> Any:
    """``command``, or the function that becomes one, with one ``option`` more."""
    if isinstance(command, click.Command):
        command.params.append(option)
    else:
        command.__click_params__ = [*getattr(command, "__click_params__", ()), option]  # as click.option does
    return command


class _AtTerminal(Teller):
    """Names verbs and arguments as a shell knows them."""

    def told(self, value: Value) -> Value:
        """An argument as an option, and the rest as everywhere."""
        return f"{value}" if isinstance(value, ArgumentName) else super().told(value)


def teller(language: str) -> Teller:
    """Says sentences in ``language`` as a terminal shows them."""
    return _AtTerminal(phrases(), language)
