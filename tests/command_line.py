"""The command line in this very process: `huoju WORDS`, what is typed meanwhile, and what came of it."""

import sys
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict

from huoju.cli import main

Plain = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Printed:
    """What a command printed."""

    out: str
    err: str


@dataclass(frozen=True, slots=True)
class CommandLine:
    """Runs `huoju WORDS` as a shell would."""

    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *words: str, fails: int = 0, typed: tuple[str, ...] = ()) -> Printed:
        """What it printed while ``typed`` was typed, line by line. Checks how it ended, and that no trace is shown."""
        lines = iter(typed)

        def read_line(_prompt: str = "") -> str:
            try:
                return next(lines)
            except StopIteration:
                raise EOFError from None

        self.monkeypatch.setattr("builtins.input", read_line)
        self.monkeypatch.setattr(sys, "argv", ["huoju", *words])
        code: int | str | None = 0
        try:
            main()
        except SystemExit as stop:
            code = stop.code or 0
        printed = self.capsys.readouterr()
        assert code == fails, (words, printed)
        assert "Traceback" not in printed.out + printed.err
        return Printed(printed.out, printed.err)


class Said(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    text: str
    values: dict[str, Plain]


class Told(BaseModel):
    """A document of a command that was carried out."""

    model_config = ConfigDict(extra="forbid", strict=True)
    verb: str
    ending: Literal["done", "not good"]
    says: list[Said]
    links: list[dict[str, Any]]
    tables: dict[str, list[dict[str, Plain]]]
    wrong: list[str]
    file: str | None = None


class Refused(BaseModel):
    """A document of one that was not."""

    model_config = ConfigDict(extra="forbid", strict=True)
    verb: str
    ending: Literal["refused", "misspoken", "failed", "stopped"]
    why: str
    exit: int
