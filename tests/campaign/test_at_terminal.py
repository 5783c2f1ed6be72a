"""Campaign files in a terminal: checked in the operator's language, and what a new version changes is said before."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command_line import CommandLine
from tests.stage import CAMPAIGN

pytestmark = pytest.mark.reading
Huoju = Callable[..., str]


@pytest.fixture
def huoju(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Huoju:
    monkeypatch.chdir(tmp_path)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)

    command_line = CommandLine(monkeypatch, capsys)

    def run(*words: str, fails: int = 0) -> str:
        printed = command_line("campaign", *words, fails=fails)
        return printed.err if fails else printed.out

    command_line("db", "upgrade")
    return run


def write(text: str) -> None:
    Path("snack.yaml").write_text(text.replace("[test, second]", "[terminal]"), encoding="utf-8")


def test_a_file_is_checked_and_published_in_either_language(huoju: Huoju, monkeypatch: pytest.MonkeyPatch) -> None:
    write(CAMPAIGN.replace("odds:", "ods:"))
    zh = "snack.yaml:13: draw.ods: 这里没有这个词（您是不是要写 odds？）"
    assert zh in huoju("check", "snack.yaml", "--language", "zh", fails=1)
    assert "do you mean odds?" in huoju("check", "snack.yaml", fails=1)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert zh in huoju("check", "snack.yaml", fails=1)
    assert zh in huoju("publish", "snack.yaml", fails=1)
    write(CAMPAIGN)
    assert "没有问题" in huoju("check", "snack.yaml")
    assert "snack.yaml: good. Runs from" in huoju("check", "snack.yaml", "--language", "en")
    assert "snack" in huoju("publish", "snack.yaml")
    write(CAMPAIGN.replace("1/1000000000", "1/500000000"))
    said = "The odds are 2 times as good: 1/1000000000 → 1/500000000."
    assert said in (foreseen := huoju("publish", "snack.yaml", "--dry-run", "--language", "en"))
    assert "Nothing was published." in foreseen
    assert "中奖概率提高到 2 倍" in huoju("publish", "snack.yaml", "--dry-run")
    with sqlite3.connect("var/huoju.db") as database:
        assert database.execute("SELECT max(version) FROM campaign_versions").fetchone() == (1,)
    done = huoju("publish", "snack.yaml", "--language", "en")
    assert done.index(said) < done.index("Published snack, version 2.")
    assert "nothing changed" in huoju("publish", "snack.yaml", "--language", "en")
