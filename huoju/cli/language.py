"""In which language the command line answers: as it is asked to, else as the terminal does."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import click
from click.core import ParameterSource

SPOKEN = ("zh", "en")
IN_LANGUAGE = "in_language"
_WORDS = "huoju.words"
_SAID, _SAID_WHERE_TAKEN = "--language", "--in-language"


def remember_words(ctx: click.Context, words: Sequence[str]) -> None:
    """Let whatever tells of a command know all ``words`` that were typed, whether or not they can be read."""
    ctx.meta[_WORDS] = tuple(words)


def words_typed(ctx: click.Context) -> Sequence[str]:
    """All that was typed behind `huoju`."""
    words: Sequence[str] = ctx.meta.get(_WORDS, ())
    return words


def language_of(ctx: click.Context) -> str:
    """The language of whoever called: asked for anywhere among the words, else the terminal's; English for others."""
    return language_typed(words_typed(ctx), taken=_is_taken(ctx.command))


def language_typed(words: Sequence[str], *, taken: bool = False) -> str:
    """The same of ``words``, of a command to which ``--language`` means another one where that is ``taken``."""
    named = {_SAID_WHERE_TAKEN} if taken else {_SAID, _SAID_WHERE_TAKEN}
    said = [rest for name, equals, rest in (word.partition("=") for word in words) if equals and name in named]
    said += [after for word, after in pairwise(words) if word in named]
    option = language_option()
    return _spoken(said[0] if said else None) or _spoken(option.resolve_envvar_value(_NOBODY)) or "en"


_NOBODY = click.Context(click.Command("huoju"))


def _spoken(said: str | None) -> str | None:
    begins = (said or "").lower()[:2]
    return begins if begins in SPOKEN else None


def _is_taken(command: click.Command) -> bool:
    return any(_SAID_WHERE_TAKEN in one.opts for one in command.params)


def _language(ctx: click.Context, option: click.Parameter, said: str | None) -> str:
    """A language that is spoken; English for a terminal of another. Raises BadParameter for one that was typed."""
    if option.name is not None and ctx.get_parameter_source(option.name) is ParameterSource.COMMANDLINE:
        if (found := _spoken(said)) is None:
            raise click.BadParameter("write zh or en")
        return found
    return language_of(ctx)


def language_option(name: str = IN_LANGUAGE, *, hidden: bool = False, kept: bool = True) -> click.Option:
    """``--language``, of which the terminal's is the usual one; ``hidden`` where a command means another by that.

    What is said is handed to the command where it is ``kept``.
    """
    return click.Option(
        [_SAID_WHERE_TAKEN if hidden else _SAID, name],
        envvar=["LC_ALL", "LC_MESSAGES", "LANG"],
        callback=_language,
        metavar="[zh|en]",
        help="The language to answer in; as your terminal's where not given.",
        hidden=hidden,
        expose_value=kept,
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
