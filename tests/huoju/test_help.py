"""What the command line tells of itself: help in both languages, what may have been meant, and completion."""

import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.shell_completion import BashComplete
from rich.cells import cell_len

from huoju.cli import cli
from huoju.cli.commands import COMMANDS
from huoju.cli.help import filled, spoken, width_of
from huoju.phrases import phrases
from tests.command_line import CommandLine
from tests.repository import ROOT

pytestmark = pytest.mark.reading


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    return CommandLine(monkeypatch, capsys)


def _each(name: str = "huoju", command: click.Command = cli) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for word in command.list_commands(context):
            found = command.get_command(context, word)
            assert found is not None
            yield from _each(f"{name} {word}", found)


def _said(command: click.Command) -> Iterator[str]:
    yield from inspect.cleandoc(command.help or "").split("\n\n")
    yield from (one.help or "" for one in command.params if not getattr(one, "hidden", False))


def test_all_help_is_said_in_chinese_and_every_command_has_a_language() -> None:
    found = dict(_each())
    assert len(found) > 100
    told = {" ".join(text.split()): name for name, command in found.items() for text in _said(command)}
    assert sorted(name for text, name in told.items() if text and spoken(text, "zh") == text) == []
    lacking = [name for name, one in found.items() if not {"--language", "--in-language"} & _options(one)]
    assert lacking == []


def _options(command: click.Command) -> set[str]:
    return {name for one in command.params for name in one.opts}


def test_help_fits_a_narrow_terminal_in_chinese(say: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    for words in ((), ("codes", "issue"), ("purchases", "import"), ("keys",), ("simulate",)):
        printed = say(*words, "--help", "--language", "zh").out
        assert printed.startswith("用法：huoju")
        assert not {"Usage", "Options", "Commands"} & set(printed.replace(":", " ").split())
        assert max(map(width_of, printed.splitlines())) <= 60
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert "换新密钥" in say("keys", "--help").out
    assert say("keys", "--help", "--language=en").out.startswith("Usage: huoju keys")


def test_lines_break_between_chinese_signs_and_never_before_a_stop() -> None:
    text = "写进 FOLDER（var/backups），玩家照常玩。"
    assert filled(text, 20) == ["写进 FOLDER", "（var/backups），玩", "家照常玩。"]
    assert filled("", 20) == []
    for text in ("马克杯", "👨‍👩‍👧", "👍🏽", "🇨🇳", "❤️"):  # what a table of rich counts by
        assert cell_len(text) == (6 if text == "马克杯" else 2), text


MEANT = [
    (("campaing", "list"), "huoju campaign"),
    (("db", "upgrad"), "huoju db upgrade"),
    (("keys", "rotat"), "huoju keys rotate"),
    (("wechat", "menue"), "huoju wechat menu"),
    (("telegram", "setpu"), "huoju telegram setup"),
    (("accounts", "lst"), "huoju accounts list"),
    (("codes", "isue"), "huoju codes issue snack"),
    (("codes", "issue", "snack", "--coutn", "3"), "--count"),
    (("keys", "status", "--jsn"), "--json"),
]


def test_what_may_have_been_meant_is_asked_in_both_languages(say: CommandLine) -> None:
    for words, meant in MEANT:
        for language, begins in (("en", "there is no"), ("zh", "没有")):
            told = say(*words, "--language", language, fails=2).err
            assert begins in told, words
            assert meant in told, words
    assert "huoju db --help lists all" in say("db", "xyzzy", fails=2).err
    assert "缺少选项 '--count'；请这样写：huoju codes issue" in say("codes", "issue", "x", "--language=zh", fails=2).err
    assert "请写 1 到 65535 之间的整数" in say("run", "--port", "0", "--language=zh", fails=2).err


def test_the_list_of_commands_says_in_chinese_what_the_phrasebook_does() -> None:
    differing = {
        name: told.chinese
        for name, told in COMMANDS.items()
        if not phrases().lacks(told.says) and phrases().say(told.says, "zh") != told.chinese
    }
    assert differing == {}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_commands_and_nothing_is_imported_for_that(say: CommandLine, shell: str) -> None:
    assert "_HUOJU_COMPLETE" in say("completion", shell).out
    look = "import sys; from huoju.cli import main\ntry: main()\nfinally: print(*sys.modules, file=sys.stderr)"
    words = {"COMP_WORDS": "huoju ca", "COMP_CWORD": "ca" if shell == "fish" else "1"}
    env = {"_HUOJU_COMPLETE": f"{shell}_complete", **words, "PATH": ""}
    run = [sys.executable, "-c", f"import sys; sys.argv = ['huoju']; {look}"]
    done = subprocess.run(run, capture_output=True, text=True, check=False, env=env)
    assert "campaign" in done.stdout
    assert "sqlalchemy" not in done.stderr.split()


def test_words_of_a_group_and_options_are_completed() -> None:
    complete = BashComplete(cli, {}, "huoju", "_HUOJU_COMPLETE")
    assert "issue" in {one.value for one in complete.get_completions(["codes"], "i")}
    assert "--count" in {one.value for one in complete.get_completions(["codes", "issue"], "--")}


def test_an_editor_names_each_way_of_saying_an_instant() -> None:
    schema = json.loads((ROOT / "examples" / "campaign.schema.json").read_text("utf-8"))
    opens = schema["properties"]["opens"]
    assert len({each["title"] for each in opens["anyOf"]}) == len(opens["anyOf"]) == 3


def test_refusals_of_files_and_settings_are_said_in_chinese(
    say: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    Path("huoju.toml").write_text("[telegram.bot]\nreceive = 'polling'\ntokn = 'x'\n", encoding="utf-8")
    told = say("accounts", fails=1).err
    assert "telegram.bot.tokn：这里不认识这一项（您是不是要写 token？）；请改正拼写，或删掉它" in told
    assert "telegram.bot.token：请设置 HUOJU_TELEGRAM_BOT_TOKEN" in told
    Path("huoju.toml").unlink()
    Path("old.huoju").write_bytes(b"no backup")
    assert "old.huoju 不完整或被改动过，什么也没恢复" in say("restore", "old.huoju", fails=1).err
