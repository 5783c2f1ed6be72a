"""The keyring: everything secret that protects the database and is kept outside it.

Personal data is AES-256-GCM ciphertext whose associated data names table, column and row, so a value moved to
another row does not open. People are found by a blind index, codes by a peppered hash: both are keyed HMACs.
"""

import base64
import fcntl
import hashlib
import hmac
import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.randomness import Randomness

log = structlog.get_logger()

HASH_BYTES = 16
"""Length of blind indexes, code hashes and body fingerprints: 128 bits of HMAC-SHA256."""

LOOKS_EACH_S = 1.0
"""So often a keyring looks whether its file has a newer key."""

_NONCE_BYTES = 12
_SECRET_BYTES = 32
_FINGERPRINT_SYMBOLS = 16
_MADE = "made"
_LAST_NUMBER = 255  # the number is one byte of every sealed value


class KeysUnusable(Exception):
    """The key file is missing, damaged, or belongs to another database; the message says what to do."""


@dataclass(frozen=True, slots=True)
class SealingKey:
    """One of the keys that seal."""

    number: int
    secret: bytes = field(repr=False)
    made_at: datetime | None
    """None where the program that made it did not note it."""

    @property
    def fingerprint(self) -> str:
        """By which it is known outside the file: it tells nothing of the key."""
        return _fingerprint_of(self.secret)


class _Ring:
    """The sealing keys as a file had them at one instant."""

    def __init__(self, sealing: Mapping[int, bytes], made_at: Mapping[int, datetime] | None = None) -> None:
        self.ciphers = {number: AESGCM(key) for number, key in sealing.items()}
        self.fingerprints = {number: _fingerprint_of(key) for number, key in sorted(sealing.items())}
        self.newest = max(sealing)
        self.made_at = (made_at or {}).get(self.newest)


class Keyring:
    """Seals, opens and fingerprints; safe to share between threads.

    One that was opened from a file sees within a second that the file has newer sealing keys, and at once when it is to
    open what they sealed: a rotation asks nobody to restart. The other secrets never change.
    """

    def __init__(
        self,
        pepper: bytes,
        index: bytes,
        sealing: Mapping[int, bytes],
        randomness: Randomness,
        *,
        file: "KeyFile | None" = None,
        made_at: Mapping[int, datetime] | None = None,
    ) -> None:
        self._pepper = pepper
        self._index = index
        self._ring = _Ring(sealing, made_at)
        self._randomness = randomness
        self._file, self._lock = file, threading.Lock()

    @property
    def fingerprints(self) -> Mapping[int, str]:
        """By which each sealing key is known outside the file, by its number: they tell nothing of it."""
        return self._current().fingerprints

    @property
    def newest(self) -> int:
        """The number of the key that seals."""
        return self._current().newest

    @property
    def made_at(self) -> datetime | None:
        """When that was made; None where nobody noted it."""
        return self._current().made_at

    def _current(self, *, at_once: bool = False) -> _Ring:
        if self._file is not None and (at_once or self._file.is_due()):
            with self._lock:
                secrets = self._file.newer()
                if secrets is not None and (secrets.pepper, secrets.index) == (self._pepper, self._index):
                    self._ring = _Ring(secrets.sealing, secrets.made_at)
                elif secrets is not None:
                    log.warning("keys.unread", why="it is the key file of another installation")
        return self._ring

    def code_hash(self, code: str) -> bytes:
        """The 16 bytes by which a normalised code is known to the database."""
        return hmac.digest(self._pepper, code.encode(), "sha256")[:HASH_BYTES]

    def address_key(self, channel: str, account: str, user: str) -> bytes:
        """The blind index of one person on one channel: 16 bytes."""
        return self._fingerprint("address", channel, account, user)

    def index(self, purpose: str, *parts: str) -> bytes:
        """The blind index of ``parts`` for one purpose: 16 bytes by which they are found, and which reveal nothing."""
        return self._fingerprint(purpose, *parts)

    def body_mac(self, text: str) -> bytes:
        """A keyed fingerprint of a message's body: 16 bytes that reveal nothing of a code inside it."""
        return self._fingerprint("body", text)

    def check_value(self) -> str:
        """What a database remembers of its keyring, to refuse another one."""
        return self._fingerprint("keyring").hex()

    def secret_for(self, purpose: str) -> bytes:
        """A secret of 32 bytes for one purpose outside the database, the same in every process with this keyring."""
        return hmac.digest(self._index, f"secret\x1f{purpose}".encode(), "sha256")

    def _fingerprint(self, *parts: str) -> bytes:
        return hmac.digest(self._index, "\x1f".join(parts).encode(), "sha256")[:HASH_BYTES]

    def seal(self, where: str, row: bytes, plain: str) -> bytes:
        """Encrypt ``plain`` for column ``where`` ("table.column") of row ``row``; two calls give two values."""
        nonce, ring = self._randomness.take(_NONCE_BYTES), self._current()
        sealed = ring.ciphers[ring.newest].encrypt(nonce, plain.encode(), where.encode() + row)
        return ring.newest.to_bytes(1, "big") + nonce + sealed

    def unseal(self, where: str, row: bytes, sealed: bytes) -> str:
        """Decrypt what :meth:`seal` made for the same column and row.

        Raises KeysUnusable when the key is not in the ring or the value was made for another place.
        """
        cipher = self._ring.ciphers.get(sealed[0]) if sealed else None
        if cipher is None and sealed:
            cipher = self._current(at_once=True).ciphers.get(sealed[0])
        if cipher is None:
            raise KeysUnusable(f"{where}: sealed with a key that the key file does not hold; restore the full file")
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, body, where.encode() + row).decode()
        except InvalidTag:
            raise KeysUnusable(f"{where}: this value was altered, or sealed for another row or by other keys") from None


def _fingerprint_of(key: bytes) -> str:
    return hashlib.sha256(b"huoju sealing key\x1f" + key).hexdigest()[:_FINGERPRINT_SYMBOLS]


def _encode(secret: bytes) -> str:
    return base64.b64encode(secret).decode()


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a key file holds."""

    pepper: bytes = field(repr=False)
    index: bytes = field(repr=False)
    sealing: Mapping[int, bytes] = field(repr=False)
    made_at: Mapping[int, datetime]
    """When sealing keys were made, as far as that was noted."""

    @property
    def keys(self) -> list[SealingKey]:
        """The sealing keys, oldest first."""
        return [SealingKey(number, key, self.made_at.get(number)) for number, key in sorted(self.sealing.items())]


class KeyFile:
    """A key file that is looked after: whether somebody has written another one in its place."""

    def __init__(self, path: Path, running_s: Callable[[], float] = time.monotonic) -> None:
        self.path, self._running_s = path, running_s
        self._seen, self._looks_at_s, self._told = self._signature(), running_s() + LOOKS_EACH_S, False

    def is_due(self) -> bool:
        """Whether it was looked at more than a second ago."""
        return self._running_s() >= self._looks_at_s

    def newer(self) -> Secrets | None:
        """What it holds, if that is new since the last time. One thread at a time may ask.

        A file that is away or damaged changes nothing: whoever has the keys goes on with them.
        """
        self._looks_at_s = self._running_s() + LOOKS_EACH_S
        if (now := self._signature()) == self._seen:
            return None
        try:
            secrets = read_secrets(self.path)
        except KeysUnusable as error:
            if not self._told:
                log.warning("keys.unread", why=str(error))
            self._told = True
            return None
        self._seen, self._told = now, False
        return secrets

    def _signature(self) -> tuple[int, ...] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size


def create_key_file(path: Path, randomness: Randomness, at: datetime | None = None) -> None:
    """Write a new key file, readable by its owner only. Raises FileExistsError rather than replace one."""
    document = {
        "pepper": _encode(randomness.take(_SECRET_BYTES)),
        "index": _encode(randomness.take(_SECRET_BYTES)),
        "sealing": {"1": _encode(randomness.take(_SECRET_BYTES))},
        _MADE: {} if at is None else {"1": at.isoformat()},
    }
    beside = path.with_name(f"{path.name}.{randomness.take(4).hex()}")
    _write(beside, document, os.O_EXCL)
    try:
        os.link(beside, path)  # whole or not at all, and never over another one
    finally:
        beside.unlink()


def add_sealing_key(path: Path, randomness: Randomness, at: datetime | None = None) -> int:
    """Add a newest sealing key to the file and return its number; older values stay readable."""
    with _changed(path) as document:
        number = max(int(n) for n in document["sealing"]) + 1
        if number > _LAST_NUMBER:
            raise KeysUnusable(f"{path}: has had 255 sealing keys, the most that one file can")
        document["sealing"][str(number)] = _encode(randomness.take(_SECRET_BYTES))
        if at is not None:
            document.setdefault(_MADE, {})[str(number)] = at.isoformat()
    return number


def remove_sealing_key(path: Path, number: int) -> None:
    """Take a sealing key out of the file, which is not the newest: what it sealed can be read by nobody any more."""
    with _changed(path) as document:
        if number == max(int(n) for n in document["sealing"]):
            raise KeysUnusable(f"{path}: key {number} is the newest, which seals; rotate first")
        del document["sealing"][str(number)]
        document.get(_MADE, {}).pop(str(number), None)


@contextmanager
def _changed(path: Path) -> Iterator[dict]:  # type: ignore[type-arg]  # as _read
    """The document of the file, to be changed; whoever else wants that waits. The file is replaced, whole."""
    try:
        folder = os.open(path.parent, os.O_RDONLY)
    except OSError as error:
        raise KeysUnusable(f"{path}: its folder cannot be opened ({error.strerror})") from None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        document = _read(path)
        yield document
        beside = path.with_name(path.name + ".new")
        _write(beside, document, os.O_TRUNC)
        beside.replace(path)
        os.fsync(folder)
    finally:
        os.close(folder)


def open_key_file(path: Path, randomness: Randomness) -> Keyring:
    """Read a keyring, which goes on looking after its file. Raises KeysUnusable when that is missing or damaged."""
    file = KeyFile(path)
    secrets = read_secrets(path)
    return Keyring(secrets.pepper, secrets.index, secrets.sealing, randomness, file=file, made_at=secrets.made_at)


def read_secrets(path: Path) -> Secrets:
    """What a key file holds. Raises KeysUnusable when it is missing or damaged."""
    document = _read(path)
    try:
        sealing = {int(number): base64.b64decode(key) for number, key in document["sealing"].items()}
        made_at = {int(number): datetime.fromisoformat(at) for number, at in document.get(_MADE, {}).items()}
        secrets = Secrets(base64.b64decode(document["pepper"]), base64.b64decode(document["index"]), sealing, made_at)
        _Ring(sealing)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise KeysUnusable(f"{path}: not a Huoju key file ({error}); restore it from your backup") from None
    return secrets


def _read(path: Path) -> dict:  # type: ignore[type-arg]  # JSON document, checked where its parts are read
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        remedy = "restore it or set HUOJU_KEYS_FILE (for a new installation: huoju db upgrade)"
        raise KeysUnusable(f"{path}: no key file here; {remedy}") from None
    except (OSError, ValueError) as error:
        raise KeysUnusable(f"{path}: cannot be read as a key file ({error})") from None
    if not isinstance(document, dict):
        raise KeysUnusable(f"{path}: not a Huoju key file; restore it from your backup")
    return document


def _write(path: Path, document: object, how: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | how, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
