"""Twilio's signature: HMAC-SHA1 over the address that it called and the sorted fields of the form.

https://www.twilio.com/docs/usage/security#validating-requests. What a proxy changes of an address is known: where TLS
ends, a port, a base path, a slash at the end, how a query is written. The signature may be over each of those forms of
the address that is configured, and over no other: a host that a request names itself counts only where none is.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl, quote, quote_plus, urlencode, urlsplit

from bots.sms.inbound import FIELDS_LIMIT, InboundRequest

_PORTS = {"https": 443, "http": 80}
_AS_IT_IS = "/:@,;!$'()*"
"""What some write as it is in a query, and others as %3A and the like."""


def signature_of(url: str, fields: Iterable[tuple[bytes, bytes]], auth_token: str) -> bytes:
    """The value of X-Twilio-Signature. Of a field that comes twice each value counts once, in order."""
    address = url.encode("utf-8", "surrogateescape")
    signed = address + b"".join(name + value for name, value in sorted(set(fields)))
    return base64.b64encode(hmac.new(auth_token.encode(), signed, hashlib.sha1).digest())


def is_signed(request: InboundRequest, auth_token: str, public_url: str | None) -> bool:
    """Whether Twilio has signed ``request``, which it called at ``public_url``, or without one at the host it names."""
    shown = request.headers.get("X-Twilio-Signature", "").encode("latin-1", "replace")
    fields = request.form_fields()
    return any(
        hmac.compare_digest(signature_of(url, fields, auth_token), shown)
        for url in addresses(public_url or request.origin, request.path, request.query)
    )


def addresses(base: str, path: str, query: bytes) -> Iterator[str]:
    """What Twilio may have called: the likeliest first, each once."""
    parts = urlsplit(base)
    host = parts.netloc.rpartition("@")[2]  # Twilio drops a user and its password
    bare = host if host.endswith("]") or ":" not in host else host.rpartition(":")[0]
    prefix, plain = parts.path.rstrip("/"), path.rstrip("/")
    schemes = [parts.scheme, *({*_PORTS} - {parts.scheme})]
    origins = [f"{scheme}://{name}" for scheme in schemes for name in (host, bare, f"{bare}:{_PORTS[scheme]}")]
    paths = [f"{prefix}{each}" for each in (path, plain, f"{plain}/")]
    queries = [f"?{each}" if each else "" for each in _spellings(query)]
    every = (f"{origin}{each}{asked}" for origin in origins for asked in queries for each in paths)
    yield from dict.fromkeys(every)


def _spellings(query: bytes) -> list[str]:
    """``query`` as it came, and in other ways to write the very same names and values."""
    raw = query.decode("utf-8", "surrogateescape")
    if not raw:
        return [raw]
    try:
        pairs = _pairs(raw)
    except ValueError:
        return [raw]
    decoded = "&".join(f"{name}={value}" for name, value in pairs)
    written = [urlencode(pairs, quote_via=quote, safe=safe, errors="surrogateescape") for safe in ("", _AS_IT_IS)]
    written.append(urlencode(pairs, quote_via=quote_plus, errors="surrogateescape"))
    return [raw, *(each for each in (*written, decoded) if _pairs(each) == pairs)]


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True, errors="surrogateescape", max_num_fields=FIELDS_LIMIT)
