"""The command line: `huoju …`. Every refusal is one clear sentence; a trace goes to a file, never to the screen.

A command is imported when it is called: nobody waits for the libraries of all channels to read a list of commands.
"""

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from itertools import takewhile
from typing import NamedTuple

import click

from bots import CHANNELS
from core.spelling import nearest
from huoju import __version__
from huoju.gc_tuning import end_at_once


class _Command(NamedTuple):
    """Where a command stands, and the first sentence of its help."""

    module: str
    says: str


COMMANDS: Mapping[str, _Command] = {
    "init": _Command(
        "init",
        "Begin: ask five questions, and fill a new FOLDER with huoju.toml, settings, keys, a campaign and units.",
    ),
    "run": _Command(
        "run",
        "Run Huoju: web, links, sender and clock together, creating key file and database where they are missing.",
    ),
    "web": _Command("run", "Run web processes only; the database must exist."),
    "sender": _Command("run", "Run a sender only; any number of them may run at once."),
    "clock": _Command("run", "Run a clock only; any number of them may run at once."),
    "chat": _Command("run", "Chat with the engine as a player, line by line; Ctrl-D ends it."),
    "doctor": _Command(
        "doctor",
        "Look at this installation and all accounts (or one) and say what to do; exit 1 when something is not well.",
    ),
    "accounts": _Command(
        "accounts",
        "All accounts in huoju.toml: kind, the address that the platform calls, secrets; exit 1 when some are wrong.",
    ),
    "campaign": _Command("campaign", "Check, publish and steer campaigns."),
    "codes": _Command("codes", "Issue codes for a printer, import, activate and void them."),
    "draws": _Command("verbs", "Reveal seeds, verify and export draws."),
    "player": _Command("verbs", "Find a player, look at one, block one, say something to one."),
    "rights": _Command("verbs", "What a person may have: their data, and that it is erased."),
    "points": _Command("verbs", "Look at points, correct them by transfer, expire them."),
    "claims": _Command(
        "claims",
        "Bring prizes and gifts to their players: approve, export for the warehouse, ship, hand over, cancel.",
    ),
    "vouchers": _Command(
        "vouchers",
        "Take in the vouchers that prizes and gifts are handed out by, and see how many are left.",
    ),
    "purchases": _Command("purchases", "Take receipts of a till in, look at what players bought, note refunds."),
    "invites": _Command("verbs", "Review invites that look made up: release what is held, or take it back."),
    "relay": _Command("verbs", "Look at a torch relay, check a perk, remove an abusive name."),
    "names": _Command(
        "verbs", "Look at the names that players chose: let those that wait be shown, or take a name away."
    ),
    "simulate": _Command(
        "simulate",
        "Play the campaign FILE with a crowd that does not exist, through the very engine, and audit what came out.",
    ),
    "stats": _Command("verbs", "Show what a campaign came to, beside the week before."),
    "report": _Command("verbs", "Which reports come every morning, what became of the last ones, and what one says."),
    "measures": _Command("verbs", "Look at what each number counts, and count days anew."),
    "segment": _Command("verbs", "Count whom a segment means, and who of them can be told something now."),
    "segments": _Command("verbs", "See why somebody is in a segment, list segments and words, export one."),
    "operator": _Command("verbs", "Who may say verbs, and what they are trusted with."),
    "console": _Command(
        "verbs", "A link to the live console of a campaign, for a screen and the phone: twelve hours, numbers only."
    ),
    "inbox": _Command("verbs", "Look at failed messages and replay them."),
    "outbox": _Command(
        "outbox",
        "Look after what is to be delivered: how much waits, is late (is a sender running?), unknown or given up.",
    ),
    "timers": _Command(
        "verbs",
        "Look after what is due at an instant: how many wait, are late (is a clock running?) or have failed.",
    ),
    "announcements": _Command(
        "verbs", "Show how far each announcement came: what was planted, and what became of it, adds up."
    ),
    "broadcast": _Command(
        "verbs",
        "List what was said once to all players of a segment; its other verbs write, send, stop and report that.",
    ),
    "health": _Command(
        "verbs",
        "Whether a clock and a sender run, how much waits and is late, what failed, how large the database is.",
    ),
    "backup": _Command(
        "backup",
        "Write the whole database into one new FILE, or into FOLDER (var/backups), while everybody plays on.",
    ),
    "restore": _Command(
        "backup",
        "Fill the empty database of the settings with the backup FILE; then no account sends before you let it.",
    ),
    "retention": _Command(
        "verbs", "How long rows are kept, which is the oldest, how many went, and when they were looked for last."
    ),
    "keys": _Command("keys", "Look after the key file: make a newer key, see what each seals, retire an old one."),
    "audit": _Command("maintenance", "Whether every guarantee holds: each row at fault is shown."),
    "db": _Command("maintenance", "Create and migrate the database."),
    "texts": _Command("texts", "All texts that players read, by key; with a campaign FILE in its words and languages."),
    **{listed.name: _Command("channels", listed.command) for listed in CHANNELS if listed.command is not None},
}
"""All commands, by name."""

_BEGIN = (
    ("huoju init", "a folder of your own: five questions 回答五个问题"),
    ("huoju campaign new", "templates of campaign files 活动文件模板"),
    ("huoju campaign check FILE", "what is wrong in one 检查活动文件"),
    ("huoju run --playground", "everything, with phones to try it 带试玩手机运行"),
    ("huoju doctor", "what is not well, and what to do 哪里不妥、怎么办"),
)
"""The way of a newcomer."""


class _Later(click.Group):
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
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is meant. Raises UsageError for none, with the one that may have been."""
        if args and args[0] not in COMMANDS and (near := nearest(args[0], COMMANDS)) is not None:
            raise click.UsageError(f"there is no huoju {args[0]}; do you mean huoju {near}?", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name].says) for name in self.list_commands(ctx)])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("To begin"):
            formatter.write_dl(_BEGIN)
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text("huoju COMMAND --help tells of one of them. 中文说明：docs/README.zh.md")


@click.group(cls=_Later, context_settings={"help_option_names": ["-h", "--help"]})
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
            error.show()
            raise SystemExit(error.exit_code) from None
        raise SystemExit(import_module("huoju.cli.errors").report(error, scripted)) from None


def _scripted(words: Sequence[str]) -> str | None:
    """Which command a script said that wants JSON; None where nobody wants any."""
    if "--json" not in words[: words.index("--") if "--" in words else None]:
        return None
    names = list(takewhile(lambda word: not word.startswith("-"), words))[:2]
    command = cli.get_command(click.Context(cli), names[0]) if names else None
    inner = isinstance(command, click.Group) and len(names) > 1 and names[1] in command.commands
    return " ".join(names if inner else names[:1])
