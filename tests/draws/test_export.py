"""The exported draws: anybody verifies them with one file of Python, and sees what was altered."""

import base64
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from core.campaign.publication import CampaignRefused, change_state, reveal
from handlers.draws import verify
from handlers.draws.export import export_draws
from huoju.cli.verbs import group_of
from tests.draws.test_draws import LIVELY
from tests.stage import Stage


def _exported(stage: Stage) -> list[str]:
    with stage.sessions() as session:
        return list(export_draws(session, "snack", stage.keys))


@pytest.fixture
def lines(stage: Stage) -> list[str]:
    """A campaign of two versions, played, ended, revealed and exported."""
    stage.publish(LIVELY, spelled=False)
    for number, code in enumerate(stage.codes(12)):
        stage.say(code, by=f"p{number % 3}")
    stage.publish(LIVELY.replace("odds: 1/2", "odds: 1/3"), spelled=False)
    for number, code in enumerate(stage.codes(12)):
        stage.say(code, by=f"p{number % 3}")
    with stage.sessions.begin() as session:
        change_state(session, "snack", "end")
    with pytest.raises(CampaignRefused, match="is not revealed; run"):
        _exported(stage)
    with stage.sessions.begin() as session:
        reveal(session, "snack", stage.now, stage.keys)
    return _exported(stage)


def _verified(folder: Path, lines: list[str]) -> subprocess.CompletedProcess[str]:
    """Run verify.py as a stranger does: alone in a folder, with nothing but Python's standard library."""
    alone = shutil.copy(verify.__file__, folder / "verify.py")
    (folder / "draws.jsonl").write_text("".join(lines), encoding="utf-8")
    words = [sys.executable, "-I", "-S", alone, "draws.jsonl"]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)


def test_a_stranger_verifies_every_draw(lines: list[str], tmp_path: Path) -> None:
    assert len(lines) == 1 + 24 + 1
    done = _verified(tmp_path, lines)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 1
    assert json.loads(lines[0])["seed_commitment"] in done.stdout
    prizes = {json.loads(line)["prize"] for line in lines[1:-1]}
    assert None in prizes
    assert len(prizes) > 1


def test_a_stranger_sees_what_was_altered(lines: list[str], tmp_path: Path) -> None:
    wrong = [lines[0], lines[1].replace('"roll":"', '"roll":"0'), *lines[2:]]
    done = _verified(tmp_path, wrong)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("line 2: the roll should be ")


def _won(lines: list[str]) -> int:
    return next(number for number, line in enumerate(lines) if '"prize":"' in line)


ALTERED = [
    ("another seed", lambda x: [x[0].replace('"seed":"', '"seed":"00'), *x[1:]], "line 1: the seed is not the one"),
    ("other rules", lambda x: [x[0].replace("1/2", "1/9"), *x[1:]], "line 1: the rules of version 1 do not"),
    ("another name", lambda x: [x[0].replace('"snack"', '"snick"', 1), *x[1:]], "line 1: the rules of version 1 are"),
    ("a draw left out", lambda x: [*x[:3], *x[4:]], "line 25: 24 draws, 23 are here"),
    ("a draw twice", lambda x: [*x[:3], x[2], *x[3:]], "line 4: draws repeat or are out of order"),
    ("no last line", lambda x: x[:-1], "the file is cut off"),
    ("a late draw", lambda x: [*x, x[-2]], "line 27: draws after the last line"),
    ("no JSON", lambda x: ["hello\n", *x], "line 1: cannot be read"),
    ("an unknown version", lambda x: [x[0], x[1].replace('"version":', '"version":9'), *x[2:]], "line 2: cannot be"),
]


@pytest.mark.reading
@pytest.mark.parametrize(("name", "alter", "told"), ALTERED, ids=[row[0] for row in ALTERED])
def test_every_alteration_is_told(lines: list[str], name: str, alter, told: str) -> None:
    assert list(verify.wrong_lines(lines)) == []
    assert any(line.startswith(told) for line in verify.wrong_lines(alter(lines)))


@pytest.mark.reading
def test_a_loser_made_winner_and_a_winner_made_loser_are_told(lines: list[str]) -> None:
    number = _won(lines)
    robbed = {**json.loads(lines[number]), "prize": None}
    wrong = [*lines[:number], json.dumps(robbed), *lines[number + 1 :]]
    assert [line.split(":")[0] for line in verify.wrong_lines(wrong)] == [f"line {number + 1}"]


def test_the_command_writes_a_new_file(
    lines: list[str], database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {name: base64.b64encode(name[:1].encode() * 32).decode() for name in ("pepper", "index", "sealing")}
    (tmp_path / "keys").write_text(json.dumps({**keys, "sealing": {"1": keys["sealing"]}}), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HUOJU_DATABASE_URL", database_url)
    monkeypatch.setenv("HUOJU_KEYS_FILE", str(tmp_path / "keys"))
    words = ["export", "snack", "--out", "draws.jsonl"]
    done = CliRunner().invoke(group_of("draws"), words)
    assert (done.exit_code, done.exception) == (0, None)
    assert "python verify.py" in done.output
    assert "The file: draws.jsonl" in done.output
    assert (tmp_path / "draws.jsonl").read_text(encoding="utf-8").splitlines(keepends=True) == lines
    again = CliRunner().invoke(group_of("draws"), words)
    assert str(again.exception) == "draws.jsonl exists; choose another name, files are never written over"
    assert (tmp_path / "draws.jsonl").exists()
    nowhere = CliRunner().invoke(group_of("draws"), ["export", "snack", "--out", "no/draws.jsonl"])
    assert "cannot be written" in str(nowhere.exception)
