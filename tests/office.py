"""An operator's desk: `huoju …` on the very database and keyring of a stage, so that players play and operators act."""

import base64
import csv
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from core.words import Mark, row_number
from handlers import MECHANICS
from handlers.claims.tables import Claim
from huoju import bootstrap
from tests.command_line import CommandLine
from tests.soundness import audit
from tests.stage import Stage, shared_compilation


def write_keys(path: Path) -> None:
    """The keyring of :func:`tests.stage.keyring`."""
    secrets = {name: base64.b64encode(letter * 32).decode() for name, letter in (("pepper", b"p"), ("index", b"i"))}
    path.write_text(json.dumps(secrets | {"sealing": {"1": base64.b64encode(b"s" * 32).decode()}}), encoding="utf-8")


@dataclass
class Office:
    """A stage, and the command line beside it."""

    stage: Stage
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *words: str, fails: int = 0) -> str:
        """Run `huoju WORDS`; all that it printed. Checks how it ended."""
        printed = CommandLine(self.monkeypatch, self.capsys)(*words, fails=fails)
        return printed.out + printed.err

    def numbers(self, item: str | None = None) -> list[str]:
        """The numbers of all claims (of ``item``), oldest first."""
        with self.stage.sessions() as session:
            statement = select(Claim).order_by(Claim.id)
            claims = session.scalars(statement.where(Claim.item == item) if item else statement)
            return [row_number(Mark.CLAIM, claim.id) for claim in claims]

    def faults(self) -> list[str]:
        found = audit(self.stage.database, self.stage.keys, MECHANICS.checks)
        return [f"{check.says}: {fault}" for check, faults in found for fault in faults]


def sit_down(stage: Stage, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Office:
    """An office for ``stage`` in its own folder."""
    monkeypatch.chdir(stage.directory)
    monkeypatch.setenv("HUOJU_DATABASE_URL", url)
    monkeypatch.setenv("HUOJU_KEYS_FILE", "test.keys")
    write_keys(stage.directory / "test.keys")
    opened = bootstrap.open_database
    monkeypatch.setattr(bootstrap, "open_database", lambda *told, **more: shared_compilation(opened(*told, **more)))
    return Office(stage, monkeypatch, capsys)


def win(stage: Stage, by: str = "u1", name: str = "Zhang San", address: str = "1 Long Street, Beijing") -> None:
    """Let a player win a phone and say where it shall go. Every code wins (tests.snack.SURE)."""
    assert stage.say(stage.codes(1)[0], by=by).startswith("redeem.won")
    for text in (name, "13800138000", address):
        stage.say(text, by=by)
    assert stage.say("1", by=by).startswith("claim.ready")


def change_address(stage: Stage, address: str, by: str = "u1") -> None:
    """Let a player with one claim send it elsewhere."""
    for text in ("prizes", "4", address, "1"):
        stage.say(text, by=by)


def read_back(path: Path) -> list[list[str]]:
    """A list as the warehouse reads it: with Python's own csv module, or with the library that reads .xlsx."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file))
    book = CalamineWorkbook.from_path(str(path))
    return [[str(cell) for cell in row] for row in book.get_sheet_by_index(0).to_python()]


def fill_in(path: Path, tracking: Sequence[str], carrier: str = "SF") -> Path:
    """What the warehouse sends back: the list with a tracking number in each line, in order, as .csv."""
    headings, *rows = read_back(path)
    back = path.with_name(f"back-{path.stem}.csv")
    with back.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headings)
        writer.writerows([*row[:-2], carrier, number] for row, number in zip(rows, tracking, strict=True))
    return back


def numbers_in(text: str, mark: Mark) -> list[str]:
    """All numbers of rows in what was printed."""
    return re.findall(rf"\b{mark}[0-9A-Z]{{14}}\b", text)
