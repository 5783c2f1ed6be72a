"""`huoju simulate`: what it prints, what it draws, what it refuses, and that it leaves nothing behind."""

import io
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

import huoju.cli.simulate
from core.answers import Answer, line
from tests.command_line import CommandLine
from tests.stage import CAMPAIGN

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
RELAY, SNACK = EXAMPLES / "torch-relay.yaml", EXAMPLES / "snack.yaml"
Simulate = Callable[..., str]


@pytest.fixture
def simulate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Simulate:
    """Runs the command in an empty folder with ten people for an hour; all that it printed."""
    monkeypatch.chdir(tmp_path)

    command_line = CommandLine(monkeypatch, capsys)

    def run(file: Path, *words: str, fails: int = 0) -> str:
        few = ("--players", "12", "--hours", "1")
        printed = command_line("simulate", str(file), *few, *words, fails=fails)
        return printed.out + printed.err

    return run


def test_a_relay(simulate: Simulate, tmp_path: Path) -> None:
    said = simulate(RELAY, "--seed", "3", "--picture", "out.png")
    for shown in ("█ lit  ░ not lit", "K-factor", "Share lit", "Median time", "Longest chain:", "Longest chains, by"):
        assert shown in said
    assert "1 virtual hours in" in said
    assert said.endswith("Every guarantee holds.\n")
    with Image.open(io.BytesIO((tmp_path / "out.png").read_bytes())) as drawn:
        assert drawn.size == (1280, 720)
    assert [path.name for path in tmp_path.iterdir()] == ["out.png"]


def test_codes_without_a_relay(simulate: Simulate, tmp_path: Path) -> None:
    said = simulate(SNACK)
    assert "Codes redeemed: " in said
    assert "Codes redeemed: 0" not in said
    assert said.endswith("Every guarantee holds.\n")
    assert list(tmp_path.iterdir()) == []


def test_no_curve_without_a_relay(simulate: Simulate) -> None:
    assert "has no torch relay, so there is no curve" in simulate(SNACK, "--picture", "out.png", fails=1)
    assert "no is no folder" in simulate(RELAY, "--picture", "no/out.png", fails=1)


def test_a_database_of_its_own(simulate: Simulate, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/own.db"
    simulate(RELAY, "--database", url)
    with sqlite3.connect(tmp_path / "own.db") as kept:
        assert kept.execute("SELECT count(*) FROM inbox").fetchone() > (0,)
    kept.close()
    assert "plays in an empty one only" in simulate(RELAY, "--database", url, fails=1)
    (tmp_path / "text.db").write_text("this is no database at all, whatever it is called" * 50)
    assert "cannot be used" in simulate(RELAY, "--database", f"sqlite:///{tmp_path}/text.db", fails=1)


def test_what_the_check_refuses_is_not_played(simulate: Simulate, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(RELAY.read_text("utf-8").replace("qualify: [invited, code, quota]", "qualify: [invited]"), "utf-8")
    simulate(bad, fails=1)
    over = tmp_path / "over.yaml"
    over.write_text(CAMPAIGN.replace("budget: 100000 CNY", "budget: 1 CNY"), "utf-8")
    assert "raise the budget" in simulate(over, fails=1)


def test_a_broken_guarantee_fails(simulate: Simulate, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Answer(wrong=[line("1 of 2 guarantees is broken.")])
    monkeypatch.setattr(huoju.cli.simulate, "audited", lambda *_: broken)
    simulate(RELAY, fails=1)
