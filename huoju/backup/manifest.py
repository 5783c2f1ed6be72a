"""The manifest: what a backup says of itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from core.answers import Line, Verbatim, line
from core.keys import Keyring

FORMAT = 1
"""Grows when an older program could not read the file any more."""

_Hex = Annotated[str, Field(pattern=r"^[0-9a-f]+$", max_length=64)]


class NeededKeys(BaseModel):
    """Which key file a backup needs: it holds none itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    check: _Hex
    """What the database remembers of its keyring."""
    sealing: Mapping[int, _Hex]
    """The fingerprint of each sealing key that the file had then."""

    def lacking(self, keys: Keyring) -> Line | None:
        """What ``keys`` lack of them, in words; None when nothing."""
        if self.check != keys.check_value():
            told = "it needs the key file {needed}, and this one is {here}"
            return line(told, needed=Verbatim(self.check), here=Verbatim(keys.check_value()))
        wanted = self.sealing.items()
        missing = [f"{number} ({mark})" for number, mark in wanted if keys.fingerprints.get(number) != mark]
        if not missing:
            return None
        told = "it needs the sealing keys {numbers}, which this key file lacks"
        return line(told, numbers=Verbatim(", ".join(missing)))

    @property
    def line(self) -> Line:
        """Which they are."""
        sealing = Verbatim(", ".join(f"{number} ({mark})" for number, mark in self.sealing.items()))
        return line("the key file {check} with its sealing keys {sealing}", check=Verbatim(self.check), sealing=sealing)

    def __str__(self) -> str:
        return self.line.text


class Manifest(BaseModel):
    """One backup. Its SHA-256s and counts are looked at before anything is believed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int
    huoju: str
    """The version that took it."""
    engine: Literal["sqlite", "postgresql"]
    server: str
    """The version of the database's software."""
    namespace: str
    """The schema of PostgreSQL that it was taken of; empty for SQLite."""
    revision: str
    """Of our tables (core/migrations)."""
    taken_at: AwareDatetime
    """The instant that it shows, or a little later."""
    keys: NeededKeys
    rows: Mapping[str, int]
    """How many rows each table has."""
    data: str
    """The name of the member that holds the database."""
    data_bytes: Annotated[int, Field(ge=0)]
    data_sha256: Annotated[_Hex, Field(min_length=64)]


def needed(keys: Keyring) -> NeededKeys:
    """What a backup that is taken now needs to be of use again."""
    return NeededKeys(check=keys.check_value(), sealing=keys.fingerprints)


def file_name(taken_at: datetime) -> str:
    """What a backup is called in a folder of them."""
    return f"huoju-{taken_at:%Y%m%dT%H%M%SZ}.backup"
