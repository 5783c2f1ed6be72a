"""The command line: `huoju …`. Every refusal is one clear sentence; a trace goes to a file, never to the screen."""

import sys
from collections.abc import Sequence
from importlib import import_module
from itertools import takewhile

import click
from click.shell_completion import CompletionItem

from huoju import __version__
from huoju.cli.commands import COMMANDS
from huoju.cli.help import Root, let_speak, spoken
from huoju.cli.language import language_of, language_typed
from huoju.cli.misspoken import show
from huoju.gc_tuning import end_at_once

_BEGIN = (
    ("huoju init", "a folder of your own: five questions"),
    ("huoju campaign new", "templates of campaign files"),
    ("huoju campaign check FILE", "what is wrong in one"),
    ("huoju run --playground", "everything, with phones to try it"),
    ("huoju doctor", "what is not well, and what to do"),
)
"""The way of a newcomer."""


class _AllCommands(Root):
    """The group of all commands, none of them imported before it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # as click wants it
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"huoju.cli.{COMMANDS[cmd_name].module}")
        match COMMANDS[cmd_name].module:
            case "channels":
                found = module.command_of(cmd_name)
            case "verbs":
                found = module.group_of(cmd_name)
            case _:
                found = getattr(module, cmd_name)
        assert isinstance(found, click.Command)
        return let_speak(found)

    def says(self, ctx: click.Context, name: str) -> str:  # noqa: ARG002
        """What it does; nothing is imported for that."""
        return COMMANDS[name].says

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The names of all commands; nothing is imported for them."""
        names = [name for name in COMMANDS if name.startswith(incomplete)]
        options = super(click.Group, self).shell_complete(ctx, incomplete)
        return [
            *(CompletionItem(name, help=spoken(self.says(ctx, name), language_of(ctx))) for name in names),
            *options,
        ]

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("To begin"):
            formatter.write_dl(_BEGIN)
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text("huoju COMMAND --help tells of one of them.")


@click.group(cls=_AllCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """Huoju (火炬) runs interactive campaigns inside chat apps.

    Settings come from the environment (HUOJU_…) or a .env file; docs/settings.md lists them.
    """


def main() -> None:
    """Run the command line; a refusal is one sentence, with `--json` a document too, and an exit code."""
    end_at_once()
    try:
        cli(standalone_mode=False)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  # an operator never sees a trace
        scripted = _scripted(sys.argv[1:])
        if isinstance(error, click.ClickException) and scripted is None:
            show(error)
            raise SystemExit(error.exit_code) from None
        language = language_typed(sys.argv[1:])
        raise SystemExit(import_module("huoju.cli.errors").report(error, scripted, language)) from None


let_speak(cli)


def _scripted(words: Sequence[str]) -> str | None:
    """Which command a script said that wants JSON; None where nobody wants any."""
    if "--json" not in words[: words.index("--") if "--" in words else None]:
        return None
    names = list(takewhile(lambda word: not word.startswith("-"), words))[:2]
    command = cli.get_command(click.Context(cli), names[0]) if names else None
    inner = isinstance(command, click.Group) and len(names) > 1 and names[1] in command.commands
    return " ".join(names if inner else names[:1])
