"""What the pages tell people to type works: commands are run or parsed, and files are read by their readers.

A fence that says ``run`` (`sh run`, `console run`) is carried out, all of a page in one folder and in order; of any
other the commands and their options exist. `yaml campaign NAME` is a whole file, other YAML a part of one, `toml` a
whole huoju.toml, `sh env` what stands in .env. In a console ``$`` begins a command, ``>`` what is typed into it, and
``…`` stands for anything.
"""

import csv
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from PIL import Image
from ruamel.yaml import YAML

from huoju.account_registry import MODELS
from huoju.accounts import look_at_accounts
from huoju.cli import cli
from huoju.settings import Settings
from tests.command_line import CommandLine
from tests.fakes.wechat import AES_KEY
from tests.office import write_keys
from tests.repository import ROOT

pytestmark = pytest.mark.reading

PAGES = [ROOT / "README.md", ROOT / "README.zh.md", *sorted((ROOT / "docs").glob("*.md"))]
BASES = [ROOT / "examples" / f"{name}.yaml" for name in ("snack", "torch-relay", "quiz")]
"""Files that a part may be of."""
MADE = {page for page in PAGES if page.name.split(".")[0] in {"campaign-file", "operators"}}
"""Written by programs that have tests of their own."""
WAITS = {"run", "web", "sender", "clock", "sms", "telegram"}
"""Commands that end when they are told to."""


@dataclass(frozen=True)
class Fence:
    page: Path
    line: int
    kind: str
    words: tuple[str, ...]
    body: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def _fences(page: Path) -> Iterator[Fence]:
    text = page.read_text(encoding="utf-8")
    for found in re.finditer(r"^```(\S+)([^\n]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield Fence(page, text[: found.start()].count("\n") + 1, found[1], tuple(found[2].split()), found[3])


FENCES = [fence for page in PAGES for fence in _fences(page)]
SPOKEN = [fence for fence in FENCES if fence.kind in {"sh", "console"} and "env" not in fence.words]
PLAYED = sorted({fence.page for fence in SPOKEN if "run" in fence.words})


def _lines(fence: Fence) -> list[str]:
    """The commands of a fence, as somebody types them."""
    joined = fence.body.replace("\\\n", " ").splitlines()
    typed = [line[2:] for line in joined if line.startswith("$ ")] if fence.kind == "console" else joined
    return [line for line in typed if line.strip() and not line.lstrip().startswith("#")]


def _calls(line: str) -> Iterator[list[str]]:
    """The calls of huoju in a line, without its name."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;()<>")
    lexer.whitespace_split = True
    words: list[str] | None = None
    for token in [*lexer, ";"]:
        if set(token) <= set("|&;()<>"):
            if words is not None:
                yield words
            words = None
        elif words is not None:
            words.append(token)
        elif Path(token).name == "huoju":
            words = []


def _resolve(words: list[str]) -> None:
    """Raises click.UsageError where the command, an option or a needed argument is not there."""
    command: click.Command = cli
    context = click.Context(cli, info_name="huoju")
    rest = list(words)
    while isinstance(command, click.Group):
        if not rest or rest[0].startswith("-"):
            break
        found = command.get_command(context, rest[0])
        if found is None:
            if command.invoke_without_command:
                break
            raise click.UsageError(f"no command {rest[0]}")
        command, context = found, click.Context(found, info_name=rest.pop(0), parent=context)
    given, _, order = command.make_parser(context).parse_args(list(rest))
    told = {parameter.name for parameter in order} if order else set()
    lacks = [each.name for each in command.get_params(context) if each.required and given.get(each.name or "") is None]
    if lacks:
        raise click.UsageError(f"missing {lacks}, given {sorted(filter(None, told))}")


@pytest.mark.parametrize("page", sorted({fence.page for fence in SPOKEN}), ids=lambda page: page.name)
def test_every_command_exists_with_its_options(page: Path) -> None:
    wrong = []
    for fence in (each for each in SPOKEN if each.page == page):
        for line in _lines(fence):
            for words in _calls(line):
                try:
                    _resolve(words)
                except click.UsageError as error:
                    wrong.append(f"{fence}: {line.strip()}: {error.format_message()}")
            if line.split()[0] == "make":
                makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
                wrong += [f"{fence}: {line}"] * (not re.search(rf"^{line.split()[1]}:", makefile, re.MULTILINE))
    assert wrong == []


def test_there_is_something_to_look_at() -> None:
    assert len(FENCES) > 60
    assert len(PLAYED) > 3


@pytest.fixture
def huoju(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run `huoju WORDS` in a fresh folder, with what is typed meanwhile; what it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    command_line = CommandLine(monkeypatch, capsys)
    return lambda words, typed=(): command_line(*words, typed=typed).out


def _shown(fence: Fence) -> Iterator[tuple[str, tuple[str, ...], list[str]]]:
    """(command, what is typed into it, the lines that it shows) of a console."""
    for block in re.split(r"^\$ ", fence.body, flags=re.MULTILINE)[1:]:
        command, *rest = block.splitlines()
        typed = tuple(line[2:] for line in rest if line.startswith("> "))
        yield command, typed, [line for line in rest if line and not line.startswith("> ")]


def _shows(printed: str, shown: list[str]) -> list[str]:
    """Which of the lines of a page are not printed, in their order; ``…`` is anything."""
    lines = iter([re.sub(r"\s+", " ", line.removeprefix("> ")).strip() for line in printed.splitlines()])
    lacking = []
    for line in shown:
        pattern = re.compile(".*".join(re.escape(part) for part in re.sub(r"\s+", " ", line).strip().split("…")))
        if not any(pattern.fullmatch(each) for each in lines):
            lacking.append(line)
    return lacking


def _first_code(folder: Path) -> str:
    with (folder / "cards.csv").open(encoding="utf-8-sig", newline="") as file:
        return next(csv.DictReader(file))["code"]


@pytest.mark.parametrize("page", PLAYED, ids=lambda page: page.name)
def test_what_a_page_tells_is_done(
    page: Path, huoju: Callable[..., str], tmp_path: Path, sqlite_template: Path
) -> None:
    (tmp_path / "var").mkdir()
    shutil.copy(sqlite_template, tmp_path / "var" / "huoju.db")
    write_keys(tmp_path / "var" / "huoju.keys")
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    for fence in _fences(page):
        if fence.kind == "yaml" and fence.words[:1] == ("campaign",):
            (tmp_path / fence.words[1]).write_text(fence.body, encoding="utf-8")
        if "run" not in fence.words:
            continue
        told = list(_shown(fence)) if fence.kind == "console" else [(line, (), []) for line in _lines(fence)]
        assert told
        for line, typed, shown in told:
            calls = list(_calls(line))
            if not calls:
                subprocess.run(["/bin/sh", "-ec", line], cwd=tmp_path, check=True)
            for words in calls:
                if words[0] in WAITS:
                    continue
                code = re.compile(r"[0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{4}")
                said = tuple(code.sub(lambda _: _first_code(tmp_path), each) for each in typed)
                assert _shows(huoju(words, said), shown) == [], f"{fence}: {line}"


@pytest.mark.parametrize("fence", [each for each in FENCES if each.kind == "yaml" and each.page not in MADE], ids=str)
def test_a_campaign_file_is_one(fence: Fence, huoju: Callable[..., str], tmp_path: Path) -> None:
    """A part is one of a shipped example."""
    if fence.words[:1] == ("campaign",):
        (tmp_path / "it.yaml").write_text(fence.body, encoding="utf-8")
        huoju(["campaign", "check", "it.yaml"])
        return
    reader, wrong = YAML(), []
    part = reader.load(fence.body)
    Image.new("RGB", (64, 64), "white").save(tmp_path / "logo.png")
    for base in BASES:
        with (tmp_path / "it.yaml").open("w", encoding="utf-8") as file:
            reader.dump(reader.load(base) | part, file)
        try:
            huoju(["campaign", "check", "it.yaml"])
        except AssertionError as error:
            wrong.append(str(error))
    assert len(wrong) < len(BASES), wrong


@pytest.mark.parametrize("fence", [each for each in FENCES if each.kind == "toml"], ids=str)
def test_a_table_of_huoju_toml_is_read(fence: Fence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "huoju.toml").write_text(fence.body, encoding="utf-8")
    for channel, name in re.findall(r"^\[(telegram|wechat)\.(\w+)\]", fence.body, re.MULTILINE):
        secret = {"telegram": "WEBHOOK_SECRET", "wechat": "AES_KEY"}[channel]
        monkeypatch.setenv(f"HUOJU_{channel}_{name}_{secret}".upper(), AES_KEY)
    first = look_at_accounts(Settings(), MODELS)
    for name in {name for each in first.violations for name in re.findall(r"HUOJU_[A-Z0-9_]+", each.remedy.text)}:
        monkeypatch.setenv(name, "a-secret-of-some-length")
    found = look_at_accounts(Settings(), MODELS)
    assert [str(each) for each in found.violations] == []
    assert found.complete or "[keep]" in fence.body


@pytest.mark.parametrize("fence", [each for each in FENCES if "env" in each.words], ids=str)
def test_what_stands_in_env_is_a_setting(fence: Fence) -> None:
    settings = {f"HUOJU_{name.upper()}" for name in Settings.model_fields}
    names = [line.partition("=")[0] for line in fence.body.splitlines() if line and not line.startswith("#")]
    assert names
    account = re.compile(r"HUOJU_(?:TELEGRAM|WECHAT|SMS)_[A-Z0-9]+_[A-Z_]+")
    assert [name for name in names if name not in settings and not account.fullmatch(name)] == []
