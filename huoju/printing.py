"""The printer's file: written beside its place, encrypted if asked, and put there in one step or not at all."""

import hashlib
import os
import threading
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import pyrage
from pyrage import x25519


class PrinterFileRefused(Exception):
    """The file cannot be written; the message says why and what to do."""


class PrinterFile:
    """A new file for codes. ``write`` streams; ``keep`` makes it safe on disk under its own name.

    Plain codes exist nowhere else, so the file is safe before the transaction commits; when that fails the file goes
    again. ``commit`` says that the codes are stored.
    """

    def __init__(self, path: Path, recipient: str | None) -> None:
        if path.exists():
            raise PrinterFileRefused(f"{path} exists; choose another name, codes are never written over")
        self._path, self._part = path, path.with_name(path.name + ".part")
        self._recipient = _recipient(recipient)
        self._committed = self._kept = False
        self._thread: threading.Thread | None = None
        self._failure: Exception | None = None

    def __enter__(self) -> Self:
        try:
            handle = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError as error:
            raise PrinterFileRefused(f"{self._path} cannot be written: {error.strerror}") from None
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

    def write(self, raw: bytes) -> object:
        """Write ``raw``; what is on disk is its ciphertext when there is a recipient."""
        return self._into.write(raw)

    def keep(self) -> None:
        """Finish the file and put it in its place, safe on disk."""
        self._close()
        self._part.replace(self._path)
        directory = os.open(self._path.parent, os.O_RDONLY)
        os.fsync(directory)
        os.close(directory)
        self._kept = True

    def _close(self) -> None:
        if self._into is not self._file:
            self._into.close()
        if self._thread is not None:
            self._thread.join()
        if self._failure is not None:
            raise PrinterFileRefused(f"{self._path} cannot be encrypted: {self._failure}")
        if not self._file.closed:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()

    def commit(self) -> None:
        """The codes in the file are stored: it stays."""
        self._committed = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._committed:
            return
        if not self._kept:
            self._close()
        (self._path if self._kept else self._part).unlink(missing_ok=True)


def _recipient(text: str | None) -> x25519.Recipient | None:
    if text is None:
        return None
    try:
        return x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise PrinterFileRefused("--recipient is no age public key; it begins with age1") from None


def sha256_of(path: Path) -> str:
    """SHA-256, in hex, of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
