"""What scripts get: one JSON document of one shape from every command that answers, refusals too, and an exit code."""

import json
import re
from pathlib import Path

import click
import pytest

from huoju.cli import COMMANDS, cli
from tests.command_line import CommandLine, Refused, Told
from tests.huoju.test_cli import Huoju, fresh, huoju
from tests.repository import ROOT

__all__ = ["fresh", "huoju"]

WITHOUT = {
    **dict.fromkeys(("run", "web", "sender", "clock", "sms", "telegram"), "runs until it is stopped"),
    "chat": "a conversation",
    "completion": "a script for a shell",
}
"""Commands without --json, and why."""


def _commands() -> dict[str, click.Command]:
    """All commands that do something, by what is said."""
    found: dict[str, click.Command] = {}
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        if isinstance(command, click.Group):
            found |= {f"{name} {word}": each for word, each in command.commands.items()}
        if not isinstance(command, click.Group) or command.invoke_without_command:
            found[name] = command
    return found


def test_every_command_that_answers_does_so_in_json() -> None:
    found = _commands()
    assert len(found) > 70
    having = {name for name, each in found.items() if any("--json" in one.opts for one in each.params)}
    assert sorted(set(found) - having - set(WITHOUT)) == []
    assert sorted(having & set(WITHOUT)) == []
    assert sorted(set(WITHOUT) - set(found)) == []


@pytest.mark.reading
def test_each_refuses_in_one_shape(
    huoju: Huoju, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HUOJU_DATABASE_URL", "mysql://x")
    found = [name for name in _commands() if name not in WITHOUT]
    assert len(found) > 60
    run = CommandLine(monkeypatch, capsys)
    for name in found:
        wrong = run(*name.split(), "--json", "--no-such-option", fails=2)
        told = Refused.model_validate_json(wrong.out)
        assert (told.verb, told.ending, told.exit) == (name, "misspoken", 2)
        assert "no-such-option" in told.why
        assert wrong.err
    for name in ("campaign publish", "db upgrade", "codes status", "audit", "backup", "health"):
        words = (*name.split(), "snack.yaml") if name.endswith("publish") else name.split()
        refused = Refused.model_validate_json(run(*words, "--json", fails=1).out)
        assert (refused.verb, refused.ending) == (name, "refused")


@pytest.mark.reading
def test_what_is_wrong_in_a_file_is_told_by_line_and_column(
    huoju: Huoju, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = CommandLine(monkeypatch, capsys)
    source = Path("snack.yaml").read_text("utf-8")
    Path("bad.yaml").write_text(source.replace("odds:", "ods:"), encoding="utf-8")
    for language, why in (("en", "do you mean odds?"), ("zh", "您是不是要写 odds？")):
        document = Told.model_validate_json(
            run("campaign", "check", "bad.yaml", "--json", "--language", language, fails=1).out
        )
        assert (document.verb, document.ending) == ("campaign check", "not good")
        first = document.tables["findings"][0]
        number = source[: source.index("odds:")].count("\n") + 1
        column = source.splitlines()[number - 1].index("odds:") + 1
        assert (first["line"], first["column"], first["place"]) == (number, column, "draw.ods")
        assert why in str(first["remedy"])
        assert first["sentence"] == document.wrong[0] == f"bad.yaml:{number}: draw.ods: {first['remedy']}"
    good = Told.model_validate_json(run("campaign", "check", "snack.yaml", "--json").out)
    assert (good.ending, good.tables["findings"]) == ("done", [])


@pytest.mark.reading
def test_what_each_says_is_of_one_shape(huoju: Huoju, tmp_path: Path) -> None:
    Path("codes.csv").write_text("code\nAAAA11112222AAA1\n", encoding="utf-8")
    huoju("campaign", "publish", "snack.yaml")

    def told(*words: str, fails: int = 0, name: str = "") -> Told:
        document = Told.model_validate_json(huoju(*words, "--json", fails=fails))
        assert document.verb == (name or " ".join(words[: 1 + (words[0] != "texts")]))
        return document

    imported = told("codes", "import", "snack", "codes.csv")
    assert imported.says[1].values == {"batch": 1, "count": 1, "file": "codes.csv"}
    assert told("texts", "--preview", "sms").tables.keys() == {"texts", "arriving", "typical"}
    assert told("campaign", "publish", "snack.yaml").says[0].values == {"campaign": "snack", "version": 1}
    assert {"template", "about"} == set(told("campaign", "new").tables["templates"][0])
    assert told("campaign", "new", "lottery", "autumn").says[0].values == {"path": "autumn.yaml"}
    assert json.loads(told("campaign", "schema").says[0].text)["$schema"]
    assert told("init", "here", "--yes", name="init").says[-1].text == "  huoju run --playground"
    assert "newest schema" in told("db", "upgrade").says[-1].text
    assert told("keys", "rotate").says[0].values["number"] == 2
    simulated = told("simulate", "snack.yaml", "--players", "3", "--hours", "1", name="simulate")
    assert simulated.says[-1].text == "Every guarantee holds."


def test_what_is_not_good_and_what_is_refused_are_of_their_shapes(
    huoju: Huoju, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("huoju.toml").write_text("[telegram.bot]\n", encoding="utf-8")

    def document(*words: str, fails: int) -> str:
        printed: list[str] = []
        monkeypatch.setattr("huoju.cli.console.print_document", lambda name, told: printed.append(_json(name, told)))
        monkeypatch.setattr("huoju.cli.errors.print_document", lambda name, told: printed.append(_json(name, told)))
        huoju(*words, fails=fails)
        (only,) = printed
        return only

    accounts = Told.model_validate_json(document("accounts", "--json", fails=1))
    assert accounts.ending == "not good"
    assert accounts.tables["accounts"] == [
        {"account": "telegram/bot", "kind": None, "secrets": "see below", "called_at": None}
    ]
    looked = Told.model_validate_json(document("doctor", "telegram/bot", "--json", fails=1))
    assert looked.tables["looks"]
    refusals = [
        (("codes", "void", "7", "--yes", "--json"), "refused", 1),
        (("codes", "issue", "snack", "--json"), "misspoken", 2),
        (("points", "show", "me", "--json"), "misspoken", 2),
        (("simulate", "nowhere.yaml", "--json"), "refused", 1),
    ]
    for words, ending, code in refusals:
        told = Refused.model_validate_json(document(*words, fails=code))
        assert (told.ending, told.exit) == (ending, code)
        assert " ".join(words).startswith(told.verb)
    monkeypatch.setenv("HUOJU_DATABASE_URL", "mysql://x")
    assert "use sqlite" in Refused.model_validate_json(document("campaign", "list", "--json", fails=1)).why


def _json(name: str, told: dict[str, object]) -> str:
    return json.dumps({"verb": name, **told})


@pytest.mark.reading
def test_a_no_is_an_answer(huoju: Huoju, monkeypatch: pytest.MonkeyPatch) -> None:
    huoju("campaign", "publish", "snack.yaml")
    asked: list[tuple[str, bool]] = []

    def confirm(question: str, *, err: bool = False) -> bool:
        asked.append((question, err))
        if len(asked) == 1:
            return False
        raise click.Abort

    monkeypatch.setattr(click, "confirm", confirm)
    assert huoju("campaign", "end", "snack", fails=1) == "huoju: you said no; nothing was changed\n"
    assert "nobody said yes" in huoju("campaign", "end", "snack", fails=1)
    assert [err for _, err in asked] == [True, True], "a document on standard output stays whole"
    assert "live" in huoju("campaign", "list")


@pytest.mark.reading
def test_instants_are_those_of_the_campaign(huoju: Huoju, tmp_path: Path) -> None:
    assert "closes (UTC)" in huoju("campaign", "list")
    huoju("campaign", "publish", "snack.yaml")
    there = huoju("campaign", "list")
    assert "closes (Asia/Shanghai)" in there
    utc = huoju("campaign", "list", "--utc")
    assert "closes (UTC)" in utc
    hours = [int(re.findall(r" (\d\d):\d\d", told)[-1]) for told in (there, utc)]
    assert (hours[0] - hours[1]) % 24 == 8
    assert json.loads(huoju("campaign", "list", "--json"))["tables"]["campaigns"][0]["closes"].endswith("+00:00")


@pytest.mark.parametrize("page", ["commands.md", "commands.zh.md"])
def test_exit_codes_are_told(page: str) -> None:
    told = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\d+)` \|", told, re.MULTILINE) == ["0", "1", "2", "70", "130"]
    for name in ("refused", "misspoken", "failed", "stopped", "not good", "done"):
        assert f'"{name}"' in told


@pytest.mark.reading
def test_an_instant_is_typed_as_it_is_shown(huoju: Huoju) -> None:
    huoju("campaign", "publish", "snack.yaml")
    huoju("campaign", "pause", "snack")
    shown = re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d", huoju("audit", "log"))[-1]
    assert shown in huoju("audit", "log", "--since", shown)
    assert not re.search(r"\d\d:\d\d", huoju("audit", "log", "--since", shown, "--utc"))
    assert "for example 2026-12-02 01:00" in huoju("audit", "log", "--since", "soon", fails=2)
