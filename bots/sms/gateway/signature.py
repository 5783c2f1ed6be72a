"""How an aggregator and we prove ourselves to each other: a secret that is shown, or a signature made with it."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bots.base import Forged, Malformed
from bots.sms.gateway.account import Proof, SignatureTable

_MILLISECONDS_FROM = 100_000_000_000
"""In seconds that would be the year 5138."""
_TIME_DIGITS = 14


@dataclass(frozen=True, slots=True)
class SignedPieces:
    """What a signature may cover. What reads the body is asked only when a proof needs it."""

    body: Callable[[], bytes]
    path: str
    header: Callable[[str], str]
    fields: Callable[[], Mapping[str, str]]

    def at(self, place: str) -> str:
        """What stands at a place."""
        kind, _, name = place.partition(":")
        return self.header(name) if kind == "header" else self.fields().get(name, "")


def signature(table: SignatureTable, pieces: SignedPieces, secret: str) -> str:
    """The signature of ``pieces``, without its prefix."""
    joiner, key = _bytes(table.joiner), _bytes(secret)
    signed = joiner.join(_piece(table, each, pieces) for each in table.over)
    if table.key == "hmac":
        digest = hmac.new(key, signed, table.algorithm).digest()
    else:
        before = [key] if table.key in {"before", "around"} else []
        after = [key] if table.key in {"after", "around"} else []
        digest = hashlib.new(table.algorithm, joiner.join([*before, signed, *after])).digest()
    if table.encoding == "base64":
        return base64.b64encode(digest).decode()
    return digest.hex().upper() if table.encoding == "HEX" else digest.hex()


def check(proof: Proof, pieces: SignedPieces, secret: str, now: datetime) -> None:
    """Raises Forged unless ``pieces`` prove that who knows ``secret`` sent them lately."""
    try:
        proven = _proven(proof, pieces, secret)
        told = pieces.at(proof.time_at) if proof.time_at else None
    except Malformed:
        proven, told = False, None
    if not proven:
        raise Forged("proof: it is missing or another one")
    if told is not None and not _lately(told, now, proof.time_window_s):
        raise Forged(f"time: must be within {proof.time_window_s} s of ours")


def _proven(proof: Proof, pieces: SignedPieces, secret: str) -> bool:
    if proof.signature is None:
        assert proof.secret_at is not None
        return hmac.compare_digest(_bytes(pieces.at(proof.secret_at)), _bytes(proof.secret_prefix + secret))
    made = signature(proof.signature, pieces, secret)
    shown = pieces.at(proof.signature.at).removeprefix(proof.signature.prefix)
    if proof.signature.encoding != "base64":
        made, shown = made.lower(), shown.lower()
    return hmac.compare_digest(_bytes(shown), _bytes(made))


def _lately(told: str, now: datetime, window_s: int) -> bool:
    if not (told.isascii() and told.isdigit() and len(told) <= _TIME_DIGITS):
        return False
    number = int(told)
    seconds = number / 1000 if number >= _MILLISECONDS_FROM else number
    return abs(now.timestamp() - seconds) <= window_s


def _piece(table: SignatureTable, piece: str, pieces: SignedPieces) -> bytes:
    if piece == "body":
        return pieces.body()
    if piece == "path":
        return _bytes(pieces.path)
    if piece.startswith("text:"):
        return _bytes(piece.removeprefix("text:"))
    if piece != "sorted":
        return _bytes(pieces.at(piece))
    own = table.at.removeprefix("field:")
    fields = sorted((name, value) for name, value in pieces.fields().items() if name != own)
    instead = str.maketrans(table.instead)
    return _bytes(table.between.join(f"{name}{table.pair}{value.translate(instead)}" for name, value in fields))


def _bytes(text: str) -> bytes:
    """Also of bytes that were no UTF-8 (see reading)."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a pair, out of JSON
        return text.encode("utf-8", "replace")
