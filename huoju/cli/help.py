"""The help of commands in the language of whoever asks, and groups of commands that know what may have been meant.

Nothing is imported for English, and for the list of all commands in no language: what that says stands here.
"""

import inspect
import re
import unicodedata
from collections.abc import Iterable
from importlib import import_module

import click

from core.spelling import nearest
from huoju.cli.commands import COMMANDS
from huoju.cli.language import SPOKEN, language_of, language_option, remember_words
from huoju.cli.misspoken import no_command

_CHINESE = {
    "Usage: ": "用法：",
    "Options": "选项",
    "Commands": "命令",
    "Positional arguments": "参数",
    "To begin": "从这里开始",
    "[OPTIONS]": "[选项]",
    "COMMAND": "命令",
    "[COMMAND]": "[命令]",
    "[ARGS]...": "[参数]...",
    "required": "必填",
    "default": "默认",
    "Show this message and exit.": "显示这段说明。",
    "Show the version and exit.": "显示版本。",
    "The language to answer in; as your terminal's where not given.": "用哪种语言回答；不写就随终端。",
    "Huoju (火炬) runs interactive campaigns inside chat apps.": "火炬（Huoju）在聊天软件里运行互动活动。",
    "Settings come from the environment (HUOJU_…) or a .env file; docs/settings.md lists them.": (
        "设置取自环境变量（HUOJU_…）或 .env 文件；docs/settings.zh.md 列出了全部设置。"
    ),
    "huoju COMMAND --help tells of one of them.": "huoju 命令 --help 说明其中一个。中文文档：docs/README.zh.md",
    "a folder of your own: five questions": "回答五个问题，建好自己的文件夹",
    "templates of campaign files": "活动文件的模板",
    "what is wrong in one": "检查活动文件",
    "everything, with phones to try it": "全部一起运行，附带可以试玩的手机",
    "what is not well, and what to do": "哪里不妥、怎么办",
}
"""What click itself says, and the list of all commands."""
_KNOWN = {**_CHINESE, **{one.says: one.chinese for one in COMMANDS.values()}}
_EXTRA = re.compile(r"(?P<told>.*?)(?:  )?(?:\[(?P<extra>[^\[\]]*)\])?", re.DOTALL)
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f"
_PIECES = re.compile(
    rf"\s+|[（「『“《【]*(?:[^\s{_WIDE}]+|[{_WIDE}])[，。、；：？！）」』”》】…]*",
)


def first_paragraph(text: str | None) -> str:
    """What stands first in the help of a command: one sentence."""
    return " ".join(inspect.cleandoc(text or "").split("\n\n", maxsplit=1)[0].split())


def spoken(sentence: str, language: str) -> str:
    """``sentence`` of a help in ``language``; in English where nobody has said it otherwise."""
    if language == SPOKEN[-1] or not sentence:
        return sentence
    if (told := _KNOWN.get(sentence)) is not None:
        return told
    return str(import_module("huoju.phrases").phrases().say(sentence, language))


def width_of(text: str) -> int:
    """How many columns of a terminal ``text`` takes."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def filled(text: str, width: int) -> list[str]:
    """``text`` in lines of ``width`` columns at the most, broken between Chinese signs, and never before a stop."""
    lines, now = list[str](), ""
    for piece in _PIECES.findall(" ".join(text.split())):
        if now and width_of(now + piece.rstrip()) > width:
            lines.append(now.rstrip())
            now = piece.lstrip()
        else:
            now += piece
    return [*lines, now.rstrip()] if now.strip() else lines


class _Help(click.HelpFormatter):
    """Writes help in Chinese: each text that click hands over is the key of a sentence."""

    def _said(self, text: str) -> str:
        match = _EXTRA.fullmatch(text)
        assert match is not None
        told = spoken(" ".join(match["told"].split()), "zh")
        if not match["extra"]:
            return told
        words = (one.partition(": ") for one in match["extra"].split("; "))
        extra = "；".join(f"{spoken(name, 'zh')}{'：' if of else ''}{value}" for name, of, value in words)
        return f"{told}［{extra}］"

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """How it is said."""
        words = " ".join(_CHINESE.get(one, one) for one in args.split())
        super().write_usage(prog, words, _CHINESE["Usage: "] if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        """The name of a list."""
        self.write(f"{'':>{self.current_indent}}{spoken(heading, 'zh')}：\n")

    def write_text(self, text: str) -> None:
        """Paragraphs."""
        indent = " " * self.current_indent
        told = (filled(self._said(one), self.width - self.current_indent) for one in text.split("\n\n"))
        self.write("\n\n".join("\n".join(indent + line for line in lines) for lines in told) + "\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """A list of terms, and what each is."""
        rows = list(rows)
        column = min(max(width_of(first) for first, _ in rows), col_max) + col_spacing
        for first, second in rows:
            head = f"{'':>{self.current_indent}}{first}"
            lines = filled(self._said(second), max(self.width - self.current_indent - column, 10))
            if width_of(first) > column - col_spacing:
                self.write(f"{head}\n")
                head = ""
            for line in lines or [""]:
                pad = self.current_indent + column - width_of(head)
                self.write(f"{head}{'':>{pad}}{line}".rstrip() + "\n")
                head = ""


class SpokenContext(click.Context):
    """A command that is being said; its help is in the language of whoever says it."""

    def make_formatter(self) -> click.HelpFormatter:
        """What writes the help."""
        made = _Help if language_of(self) == "zh" else click.HelpFormatter
        return made(width=self.terminal_width, max_width=self.max_content_width)


def let_speak(command: click.Command) -> click.Command:
    """``command`` and all in it have ``--language``, and their help is in the language of whoever asks."""
    command.context_class = SpokenContext
    if not any({"--language", "--in-language"} & {*one.opts} for one in command.params):
        command.params.append(language_option(kept=False))
    for one in command.commands.values() if isinstance(command, click.Group) else ():
        let_speak(one)
    return command


class Group(click.Group):
    """Commands that are listed by a whole sentence each; who misspells one is asked whether they mean it."""

    def says(self, ctx: click.Context, name: str) -> str:
        """What the command ``name`` does, in one sentence."""
        command = self.get_command(ctx, name)
        return "" if command is None else first_paragraph(command.help)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List all commands."""
        if rows := [(name, self.says(ctx, name)) for name in self.list_commands(ctx)]:
            with formatter.section("Commands"):
                formatter.write_dl(rows)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is meant. Raises UsageError for none, with the one that may have been."""
        known = self.list_commands(ctx)
        if args and args[0] not in known:
            raise self.unknown(ctx, args)
        return super().resolve_command(ctx, args)

    def unknown(self, ctx: click.Context, args: list[str]) -> click.UsageError:
        """Why ``args`` name no command."""
        return no_command(ctx, args[0], nearest(args[0], self.list_commands(ctx)))


class Root(Group):
    """The group of all commands: remembers what was typed."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read what was typed."""
        remember_words(ctx, args)
        return super().parse_args(ctx, args)
