"""What was said wrong on the command line: in the language of whoever said it, and what would be right."""

from importlib import import_module

import click
from click.exceptions import BadParameter, MissingParameter, NoArgsIsHelpError, NoSuchOption

from core.answers import Line, Verbatim, line
from core.spelling import nearest
from huoju.cli.language import language_of


class Misspelt(click.UsageError):
    """Something was said wrong; ``told`` says what, and perhaps how it is said."""

    def __init__(self, told: Line, ctx: click.Context | None = None) -> None:
        super().__init__(told.text, ctx)
        self.told = told


def no_command(ctx: click.Context, said: str, near: str | None) -> Misspelt:
    """There is no command ``said`` in a group; ``near`` may be meant."""
    command = Verbatim(f"{ctx.command_path} {said}")
    if near is None:
        help_words = Verbatim(f"{ctx.command_path} --help")
        return Misspelt(line("there is no {command}; {verb} lists all", command=command, verb=help_words), ctx)
    meant = Verbatim(f"{ctx.command_path} {near}")
    return Misspelt(line("there is no {command} (do you mean {meant}?)", command=command, meant=meant), ctx)


def told_of(error: click.ClickException) -> Line:
    """What ``error`` says, without a full stop."""
    match error:
        case Misspelt():
            return error.told
        case NoSuchOption():
            return _no_option(error)
        case MissingParameter(param=click.Parameter() as param):
            kind = "argument" if isinstance(param, click.Argument) else "option"
            return line(_MISSING[kind], name=Verbatim(_hint(error)))
        case BadParameter():
            wrong, hint = _wrong_value(error), _hint(error)
            if not hint:
                return line("Invalid value: {why}", why=wrong)
            return line("Invalid value for {argument}: {why}", argument=Verbatim(hint), why=wrong)
    return line(" ".join(error.format_message().split()).rstrip("."))


_MISSING = {"argument": "Missing argument {name}", "option": "Missing option {name}"}


def _no_option(error: NoSuchOption) -> Line:
    ctx = error.ctx
    known = [] if ctx is None else [name for one in ctx.command.get_params(ctx) for name in one.opts]
    near = nearest(error.option_name, [name for name in known if name.startswith("--")])
    said = Verbatim(error.option_name)
    if near is None:
        return line("there is no option {option}", option=said)
    return line("there is no option {option} (do you mean {meant}?)", option=said, meant=Verbatim(near))


def _hint(error: BadParameter) -> str:
    hint = error.param_hint
    if hint is None and error.param is not None:
        hint = error.param.get_error_hint(error.ctx)
    return hint if isinstance(hint, str) else " / ".join(map(repr, hint or ()))


def _wrong_value(error: BadParameter) -> Line:
    kind = error.param.type if error.param is not None else None
    match kind:
        case click.Choice():
            return line("write one of: {expected}", expected=Verbatim(", ".join(map(str, kind.choices))))
        case click.IntRange(min=least, max=most) if least is not None and most is not None:
            return line("write a whole number from {least} to {most}", least=least, most=most)
        case click.IntRange(min=least) if least is not None:
            return line("write a whole number of {least} or more", least=least)
        case click.Path():
            return line("there is no such file, or it cannot be read: {why}", why=Verbatim(error.message.rstrip(".")))
    return line(error.message.rstrip("."))


def show(error: click.ClickException) -> None:
    """Print how the command is said, and what was wrong, to standard error."""
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    if ctx is None or isinstance(error, NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return
    more = line("{command} tells more.", command=Verbatim(f"{ctx.command_path} --help"))
    click.echo(f"{ctx.get_usage()}\n{_said(more, ctx)}\n\nhuoju: {_said(told_of(error), ctx)}", err=True)


def _said(told: Line, ctx: click.Context) -> str:
    """Nothing is imported for English."""
    if (language := language_of(ctx)) == "en":
        return told.text
    return str(import_module("huoju.cli.wording").teller(language).line(told))
