"""The keyring: everything secret that protects the database and is kept outside it.

Personal data is AES-256-GCM ciphertext whose associated data names table, column and row, so a value moved to
another row does not open. People are found by a blind index, codes by a peppered hash: both are keyed HMACs.
"""

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.randomness import Randomness

HASH_BYTES = 16
"""Length of blind indexes, code hashes and body fingerprints: 128 bits of HMAC-SHA256."""

_NONCE_BYTES = 12
_SECRET_BYTES = 32
_FINGERPRINT_SYMBOLS = 16
_LAST_NUMBER = 255  # the number is one byte of every sealed value


class KeysUnusable(Exception):
    """The key file is missing, damaged, or belongs to another database; the message says what to do."""


class Keyring:
    """Seals, opens and fingerprints. Immutable and safe to share between threads."""

    def __init__(self, pepper: bytes, index: bytes, sealing: Mapping[int, bytes], randomness: Randomness) -> None:
        self._pepper = pepper
        self._index = index
        self._sealing = {number: AESGCM(key) for number, key in sealing.items()}
        self.fingerprints = {number: _fingerprint_of(key) for number, key in sorted(sealing.items())}
        """By which each sealing key is known outside the file: they tell nothing of it."""
        self._newest = max(self._sealing)
        self._randomness = randomness

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
        nonce = self._randomness.take(_NONCE_BYTES)
        sealed = self._sealing[self._newest].encrypt(nonce, plain.encode(), where.encode() + row)
        return self._newest.to_bytes(1, "big") + nonce + sealed

    def unseal(self, where: str, row: bytes, sealed: bytes) -> str:
        """Decrypt what :meth:`seal` made for the same column and row.

        Raises KeysUnusable when the key is not in the ring or the value was made for another place.
        """
        cipher = self._sealing.get(sealed[0]) if sealed else None
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


def create_key_file(path: Path, randomness: Randomness) -> None:
    """Write a new key file, readable by its owner only. Raises FileExistsError rather than replace one."""
    document = {
        "pepper": _encode(randomness.take(_SECRET_BYTES)),
        "index": _encode(randomness.take(_SECRET_BYTES)),
        "sealing": {"1": _encode(randomness.take(_SECRET_BYTES))},
    }
    beside = path.with_name(f"{path.name}.{randomness.take(4).hex()}")
    _write(beside, document, os.O_EXCL)
    try:
        os.link(beside, path)  # whole or not at all, and never over another one
    finally:
        beside.unlink()


def add_sealing_key(path: Path, randomness: Randomness) -> int:
    """Add a newest sealing key to the file and return its number; older values stay readable."""
    document = _read(path)
    number = max(int(n) for n in document["sealing"]) + 1
    if number > _LAST_NUMBER:
        raise KeysUnusable(f"{path}: holds 255 sealing keys, the most that one file can; remove keys no value uses")
    document["sealing"][str(number)] = _encode(randomness.take(_SECRET_BYTES))
    beside = path.with_name(path.name + ".new")
    _write(beside, document, os.O_TRUNC)
    beside.replace(path)
    return number


def open_key_file(path: Path, randomness: Randomness) -> Keyring:
    """Read a keyring. Raises KeysUnusable when the file is missing or damaged."""
    document = _read(path)
    try:
        sealing = {int(number): base64.b64decode(key) for number, key in document["sealing"].items()}
        return Keyring(base64.b64decode(document["pepper"]), base64.b64decode(document["index"]), sealing, randomness)
    except (KeyError, ValueError, AttributeError) as error:
        raise KeysUnusable(f"{path}: not a Huoju key file ({error}); restore it from your backup") from None


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
