"""Links that were given out by us: what they say is signed, and they are good until an instant that they carry."""

import base64
import hmac
from datetime import UTC, datetime

from core.keys import Keyring

_MAC_BYTES = 16
_INSTANT_BYTES = 5  # seconds since 1970: until the year 36812
_LONGEST = 512


def signed(keys: Keyring, purpose: str, says: str, until: datetime) -> str:
    """A token of letters, digits, - and _ that :func:`read_signed` reads until ``until``, for the same purpose.

    What it says is not secret; it is at most some hundred characters.
    """
    body = int(until.timestamp()).to_bytes(_INSTANT_BYTES, "big") + says.encode()
    return base64.urlsafe_b64encode(_mac(keys, purpose, body) + body).rstrip(b"=").decode()


def read_signed(keys: Keyring, purpose: str, token: str, at: datetime) -> str | None:
    """What ``token`` says; None for one that is over, of another purpose, or not ours."""
    if not token.isascii() or len(token) > _LONGEST:
        return None
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
    mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    if len(body) < _INSTANT_BYTES or not hmac.compare_digest(mac, _mac(keys, purpose, body)):
        return None
    until = datetime.fromtimestamp(int.from_bytes(body[:_INSTANT_BYTES], "big"), UTC)
    return body[_INSTANT_BYTES:].decode() if at < until else None


def _mac(keys: Keyring, purpose: str, body: bytes) -> bytes:
    return hmac.digest(keys.secret_for(f"link {purpose}"), body, "sha256")[:_MAC_BYTES]
