"""Twilio's signature: HMAC-SHA1 over the address that it called and the sorted fields of the form.

https://www.twilio.com/docs/usage/security#validating-requests
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import urlsplit

from bots.sms.hearing import Arrival

_PORTS = {"https": 443, "http": 80}


def signature_of(url: str, fields: Iterable[tuple[bytes, bytes]], auth_token: str) -> bytes:
    """The value of X-Twilio-Signature. Of a field that comes twice each value counts once, in order."""
    signed = url.encode() + b"".join(name + value for name, value in sorted(set(fields)))
    return base64.b64encode(hmac.new(auth_token.encode(), signed, hashlib.sha1).digest())


def is_signed(arrival: Arrival, auth_token: str, public_url: str | None) -> bool:
    """Whether Twilio has signed ``arrival``. Behind a proxy our own address is not the one that Twilio called."""
    shown = arrival.headers.get("X-Twilio-Signature", "").encode("latin-1", "replace")
    fields = arrival.form()
    fits = [
        hmac.compare_digest(signature_of(url, fields, auth_token), shown) for url in _addresses(arrival, public_url)
    ]
    return any(fits)


def _addresses(arrival: Arrival, public_url: str | None) -> list[str]:
    """What Twilio may have called: as it is known outside, as it reached us, and with TLS that ended before us."""
    origins = [arrival.origin, arrival.origin.replace("http://", "https://", 1)]
    if public_url is not None:
        origins.insert(0, public_url.rstrip("/"))
    ported = [f"{origin}:{_PORTS[urlsplit(origin).scheme]}" for origin in origins if _is_portless(origin)]
    return [f"{origin}{arrival.target}" for origin in dict.fromkeys([*origins, *ported])]


def _is_portless(origin: str) -> bool:
    """Twilio has been seen to sign the default port too."""
    parts = urlsplit(origin)
    return parts.scheme in _PORTS and ":" not in parts.netloc and not parts.path
