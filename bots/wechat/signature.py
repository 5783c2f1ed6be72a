"""Prove who sent a request: signatures over every one of them, a window of time, and the cipher of the safe mode.

In plain mode the platform signs token, timestamp and nonce, not the body; in the safe mode ``msg_signature`` covers
the ciphertext too. A nonce is not remembered: a repeated delivery may bring the same one, and the inbox knows it by
its message id. Specification: https://developers.weixin.qq.com/doc/service/en/guide/dev/push/encryption.html
"""

import base64
import hashlib
import hmac
import re
import struct
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import parse_qsl

from wechatpy.crypto import PrpCrypto

from bots.base import Forged, Malformed, Unusable
from bots.wechat.account import WeChatAccount, aes_bytes
from bots.wechat.xml import JSON, cdata
from core.times import Clock

WINDOW_S = 300
"""Seconds by which the timestamp of a request may differ from our clock."""

_QUERY_FIELDS = 16
_CHANCE = 16
_CIPHERTEXT = re.compile(rb"<Encrypt>\s*(?:<!\[CDATA\[)?([^<>\[\]]*)(?:\]\]>)?\s*</Encrypt>")
_ENVELOPE = (
    "<xml>\n<Encrypt>{encrypt}</Encrypt>\n<MsgSignature>{signature}</MsgSignature>\n"
    "<TimeStamp>{timestamp}</TimeStamp>\n<Nonce>{nonce}</Nonce>\n</xml>"
)

Query = Mapping[str, str]
"""What stands behind the question mark of a request, decoded."""


def query_of(raw: str) -> Query:
    """The fields of a query string. Raises Forged for more of them than any platform sends."""
    try:
        return dict(parse_qsl(raw, keep_blank_values=True, max_num_fields=_QUERY_FIELDS))
    except ValueError:
        raise Forged("query: too many fields") from None


def signature(*parts: str) -> str:
    """SHA-1 over the sorted ``parts``, in hexadecimal."""
    joined = b"".join(sorted(part.encode("utf-8", "surrogatepass") for part in parts))
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()  # the platform's choice


@dataclass(frozen=True, slots=True)
class Seal:
    """What a request of the safe mode was signed and enciphered by."""

    token: str
    cipher: PrpCrypto


class Proof:
    """What one account's requests are proved by. ``random_bytes`` gives so many of them as it is asked for."""

    def __init__(self, account: WeChatAccount, clock: Clock, random_bytes: Callable[[int], bytes]) -> None:
        self._tokens = [token.get_secret_value() for token in account.tokens]
        self._app_id, self._clock = account.app_id, clock
        keys = account.aes_keys if account.mode == "aes" else ()
        self._ciphers = [PrpCrypto(aes_bytes(key)) for key in keys]
        for cipher in self._ciphers:
            cipher.get_random_string = lambda: random_bytes(16)

    def greeted(self, query: Query) -> str:
        """What answers the handshake. Raises Forged, or Malformed for an echostr that cannot be deciphered."""
        echo = query.get("echostr", "")
        self._check_time(query)
        if self._ciphers and "msg_signature" in query:
            self._check(query, "msg_signature", echo)
            return self._inside(echo)[0].decode("utf-8", "replace")
        self._check(query, "signature")
        return echo

    def check_query(self, query: Query) -> None:
        """Raise Forged as far as that can be told before the body is read."""
        self._check_time(query)
        if not self._ciphers or query.get("signature"):
            self._check(query, "signature")
        if self._ciphers and not query.get("msg_signature"):
            raise Forged("msg_signature: missing; this account takes messages in the safe mode only")

    def shown(self, query: Query) -> bool:
        """Whether a ``query`` that :meth:`check_query` is content with proves its sender without the body."""
        return not self._ciphers or bool(query.get("signature"))

    def opened(self, query: Query, body: bytes) -> tuple[bytes, Seal | None]:
        """The document inside ``body`` once :meth:`check_query` is content, and what its answer is closed by.

        Raises Forged and Malformed.

        Whatever it returns was sent by the platform, and so was what it raises Unusable for.
        """
        if not self._ciphers:
            return body, None
        found = _CIPHERTEXT.search(body)
        if found is None:
            raise Malformed(JSON if body.lstrip().startswith(b"{") else "Encrypt: missing")
        ciphertext = _text(found[1])
        token = self._check(query, "msg_signature", ciphertext)
        document, cipher = self._inside(ciphertext)
        return document, Seal(token, cipher)

    def closed(self, document: str, nonce: str, seal: Seal | None) -> str:
        """``document`` as it is answered: in the safe mode enciphered and signed."""
        if seal is None:
            return document
        ciphertext = seal.cipher.encrypt(document, self._app_id).decode()
        timestamp = str(int(self._clock().timestamp()))
        signed = signature(seal.token, timestamp, nonce, ciphertext)
        return _ENVELOPE.format(
            encrypt=cdata(ciphertext), signature=cdata(signed), timestamp=timestamp, nonce=cdata(nonce)
        )

    def _check_time(self, query: Query) -> None:
        timestamp = query.get("timestamp", "")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):  # noqa: PLR2004  # until 33658
            raise Forged("timestamp: missing")
        if abs(int(timestamp) - self._clock().timestamp()) > WINDOW_S:
            raise Forged(f"timestamp: more than {WINDOW_S} seconds from our clock; set the clock of this machine")

    def _check(self, query: Query, name: str, *ciphertext: str) -> str:
        """The token that ``query`` was signed by."""
        given = query.get(name, "").encode("utf-8", "surrogatepass")
        for token in self._tokens:
            wanted = signature(token, query.get("timestamp", ""), query.get("nonce", ""), *ciphertext)
            if hmac.compare_digest(wanted.encode(), given):
                return token
        raise Forged(f"{name}: it does not fit; compare the token with the one at the platform")

    def _inside(self, ciphertext: str) -> tuple[bytes, PrpCrypto]:
        """The document that was enciphered, and by which of our keys."""
        *others, last = self._ciphers
        for cipher in others:
            with suppress(Unusable):
                return self._deciphered(ciphertext, cipher), cipher
        return self._deciphered(ciphertext, last), last

    def _deciphered(self, ciphertext: str, cipher: PrpCrypto) -> bytes:
        """What was enciphered: 16 bytes of chance, a length, the document, and for which account it is meant."""
        try:
            plain: bytes = cipher.cipher.decrypt(base64.b64decode(ciphertext.encode("ascii")))
            content = plain[_CHANCE : -plain[-1]]
            (length,) = struct.unpack_from(">I", content)
            document, meant_for = content[4 : length + 4], content[length + 4 :]
        except (IndexError, ValueError, struct.error):  # all of them come from bytes that were never enciphered
            raise Unusable("Encrypt: cannot be deciphered; compare aes_key with the one at the platform") from None
        if meant_for != self._app_id.encode():
            raise Unusable("Encrypt: meant for another account, or enciphered with another aes_key")
        return document


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("body: send UTF-8") from None
