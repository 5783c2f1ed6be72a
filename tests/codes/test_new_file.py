"""The printer's file: never over another, never half, and never thrown away while its codes may be stored."""

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyrage
import pytest

from core.new_file import NewFile, NewFileRefused

RECIPIENTS = [None, str(pyrage.x25519.Identity.generate().to_public())]
either_way = pytest.mark.parametrize("recipient", RECIPIENTS, ids=["plain", "encrypted"])


@contextmanager
def _disk_for(count: int) -> Iterator[None]:
    """No file of this process may grow beyond ``count`` bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (count, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _write(path: Path, recipient: str | None = None, raw: bytes = b"serial,code\r\n") -> None:
    with NewFile(path, recipient) as file:
        file.write(raw)
        file.keep()
        file.commit()


@either_way
def test_a_kept_file_is_alone_and_its_owners(tmp_path: Path, recipient: str | None) -> None:
    _write(tmp_path / "c.csv", recipient)
    assert _names(tmp_path) == ["c.csv"]
    assert (tmp_path / "c.csv").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "c.csv").stat().st_size > 0


def test_of_two_issues_to_one_file_the_second_is_refused(tmp_path: Path) -> None:
    with NewFile(tmp_path / "c.csv", None) as first:
        first.write(b"first")
        with pytest.raises(NewFileRefused, match=r"c\.csv\.part exists: another one is being written, or remove it"):
            _write(tmp_path / "c.csv", raw=b"second")
        first.keep()
        first.commit()
    assert (tmp_path / "c.csv").read_bytes() == b"first"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"kept")
    (tmp_path / "c.csv.part").symlink_to(tmp_path / "precious")
    (tmp_path / "d.csv").symlink_to(tmp_path / "nowhere")
    with pytest.raises(NewFileRefused, match=r"c\.csv\.part exists"):
        _write(tmp_path / "c.csv")
    with pytest.raises(NewFileRefused, match=r"d\.csv exists"):
        _write(tmp_path / "d.csv")
    assert (tmp_path / "precious").read_bytes() == b"kept"
    assert _names(tmp_path) == ["c.csv.part", "d.csv", "precious"]


def test_a_file_that_appeared_meanwhile_stays(tmp_path: Path) -> None:
    def issue() -> None:
        with NewFile(tmp_path / "c.csv", None) as file:
            file.write(b"ours")
            (tmp_path / "c.csv").write_bytes(b"theirs")
            file.keep()

    with pytest.raises(NewFileRefused, match=r"c\.csv has appeared meanwhile; choose another name"):
        issue()
    assert (tmp_path / "c.csv").read_bytes() == b"theirs"
    assert _names(tmp_path) == ["c.csv"]


@either_way
@pytest.mark.parametrize("size", [1_500, 3_000_000], ids=["seen when kept", "seen when written"])
def test_a_full_disk_is_named_and_leaves_nothing(tmp_path: Path, recipient: str | None, size: int) -> None:
    with _disk_for(1_000), pytest.raises(NewFileRefused) as refusal:
        _write(tmp_path / "c.csv", recipient, bytes(size))
    assert "c.csv cannot be written" in str(refusal.value)
    assert "File too large" in str(refusal.value)
    assert _names(tmp_path) == []


@either_way
def test_what_fails_before_the_file_is_kept_removes_it(tmp_path: Path, recipient: str | None) -> None:
    def issue() -> None:
        with NewFile(tmp_path / "c.csv", recipient) as file:
            file.write(b"never stored")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        issue()
    assert _names(tmp_path) == []


@either_way
def test_what_fails_after_it_leaves_the_file(tmp_path: Path, recipient: str | None) -> None:
    """The commit was asked for: whether the codes are stored is not known, and the file is their only copy."""

    def issue() -> None:
        with NewFile(tmp_path / "c.csv", recipient) as file:
            file.write(b"perhaps stored")
            file.keep()
            raise sqlite3.OperationalError("server closed the connection")

    with pytest.raises(NewFileRefused, match=r"c\.csv holds may or may not be stored \(\w+\).*the file is kept"):
        issue()
    assert _names(tmp_path) == ["c.csv"]
