"""A new file: written beside its place, encrypted if asked, and put there in one step or not at all."""

import contextlib
import hashlib
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import pyrage
from pyrage import x25519

from core.answers import ArgumentName
from core.operators import VerbRefused

_TOLD_EACH = 1000
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


class NewFileRefused(VerbRefused):
    """The file cannot be written, or may hold what is not stored; the message says why and what to do."""


class NewFile:
    """A new file, which its owner alone may read. ``write`` streams; ``keep`` makes it safe on disk under its own name.

    What it holds may exist nowhere else (plain codes), so it is safe before the transaction commits. What fails before
    ``keep`` has returned removes the file. What fails after it leaves the file, for the outcome of a commit may be
    unknown. ``commit`` says that all is stored. Every method raises NewFileRefused, and nothing that exists is
    changed.
    """

    def __init__(self, path: Path, recipient: str | None) -> None:
        if os.path.lexists(path):
            raise NewFileRefused("{path} exists; choose another name, files are never written over", path=str(path))
        self._path, self._part = path, path.with_name(path.name + ".part")
        self._ours = self._part
        self._recipient = None if recipient is None else read_recipient(recipient)
        self._committed = self._kept = False
        self._thread: threading.Thread | None = None
        self._failure: Exception | None = None

    def __enter__(self) -> Self:
        try:
            handle = os.open(self._part, _NEW, 0o600)
        except FileExistsError:
            told = "{path} exists: another one is being written, or remove it"
            raise NewFileRefused(told, path=str(self._part)) from None
        except OSError as error:
            raise self._refused(error) from None
        self._file: BinaryIO = os.fdopen(handle, "wb")
        self._into = self._encrypted() if self._recipient else self._file
        return self

    def _encrypted(self) -> BinaryIO:
        reading, writing = os.pipe()

        def encrypt() -> None:
            try:
                with os.fdopen(reading, "rb") as plain:
                    pyrage.encrypt_io(plain, self._file, [self._recipient])
            except Exception as error:  # noqa: BLE001  # carried to the thread that writes
                self._failure = error

        self._thread = threading.Thread(target=encrypt, name="encrypt")
        self._thread.start()
        return os.fdopen(writing, "wb")

    def _refused(self, error: OSError) -> NewFileRefused:
        """``error`` in a sentence; a broken pipe only says that the thread which encrypts has ended and knows why."""
        if self._thread is not None and isinstance(error, BrokenPipeError):
            self._thread.join()
        return self._unwritable(self._failure or error.strerror or error)

    def _unwritable(self, why: object) -> NewFileRefused:
        return NewFileRefused("{path} cannot be written: {why}", path=str(self._path), why=str(why))

    def write(self, raw: bytes) -> object:
        """Write ``raw``; what is on disk is its ciphertext when there is a recipient."""
        try:
            return self._into.write(raw)
        except OSError as error:
            raise self._refused(error) from None

    def keep(self) -> None:
        """Finish the file and put it in its place, safe on disk. Call it last before the commit."""
        try:
            self._close()
            self._place()
        except OSError as error:
            raise self._refused(error) from None
        self._kept = True

    def _close(self) -> None:
        try:
            if self._into is not self._file:
                self._into.close()
            if self._thread is not None:
                self._thread.join()
            if self._failure is not None:
                raise self._unwritable(self._failure)
            if not self._file.closed:
                self._file.flush()
                os.fsync(self._file.fileno())
        finally:
            self._file.close()

    def _place(self) -> None:
        """Take the name, which fails when somebody has it, then move the file there: not every disk has hard links."""
        try:
            os.close(os.open(self._path, _NEW, 0o600))
        except FileExistsError:
            raise NewFileRefused("{path} has appeared meanwhile; choose another name", path=str(self._path)) from None
        try:
            self._part.replace(self._path)
        except OSError:
            self._path.unlink()
            raise
        self._ours = self._path
        directory = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def commit(self) -> None:
        """The codes in the file are stored: it stays."""
        self._committed = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._committed:
            return
        if self._kept:
            told = "what {path} holds may or may not be stored ({why}): look before you do it again; the file is kept"
            raise NewFileRefused(told, path=str(self._path), why=kind.__name__ if kind else "no commit") from error
        with contextlib.suppress(OSError, NewFileRefused):
            self._close()
        with contextlib.suppress(OSError):
            self._ours.unlink()


def write_lines(path: Path, lines: Iterable[str], told: Callable[[int], object] = lambda _done: None) -> str:
    """Write a new file of ``lines``, which end as they should, safe on disk; returns its SHA-256 in hex.

    ``told`` hears now and then how many are written. Raises NewFileRefused, and whatever ``lines`` or ``told`` raise.
    """
    sha256 = hashlib.sha256()
    with NewFile(path, None) as file:
        for number, text in enumerate(lines):
            raw = text.encode()
            sha256.update(raw)
            file.write(raw)
            if number % _TOLD_EACH == 0:
                told(number)
        file.keep()
        file.commit()
    return sha256.hexdigest()


def read_recipient(text: str) -> x25519.Recipient:
    """An age public key. Raises NewFileRefused for what is none."""
    try:
        return x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise NewFileRefused(
            "{option} is no age public key; it begins with age1", option=ArgumentName("recipient")
        ) from None


def sha256_of(path: Path) -> str:
    """SHA-256, in hex, of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
