"""Kannel's receiving half: one request for each message, whose answer goes back in its body, and one for each receipt.

https://www.kannel.org/download/1.4.5/userguide-1.4.5/userguide.html, chapters "Setting up SMS services" and "Delivery
reports".
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Collection, Sequence
from datetime import timedelta

from flask import Response

from bots.base import Forged, Malformed, Unusable
from bots.sms.account import CHANNEL
from bots.sms.inbound import Authentication, InboundRequest, Mo, ReplyWindow, by_name, plain, proven
from bots.sms.kannel.account import KannelAccount
from bots.sms.opt_out_codes import is_opt_out_error, is_opt_out_status
from bots.sms.parts import Alphabet, alphabet_of, gsm7_decode, utf16_decode
from bots.sms.rendering import signed, worded
from bots.sms.udh import concatenation, information_elements
from core.messages import InboundKind
from core.parts import possible
from core.sending.delivery_reports import DeliveryReport, DeliveryStatus
from core.sending.outbound import read_dispatch_id

_CHARSETS = {
    "utf8": "utf-8",
    "usascii": "utf-8",
    "ascii": "utf-8",
    "iso88591": "cp1252",  # as browsers do: what the networks call Latin-1 has its additions
    "latin1": "cp1252",
    "windows1252": "cp1252",
    "cp1252": "cp1252",
    "utf16be": "utf-16-be",
    "utf16": "utf-16-be",
    "utf16le": "utf-16-le",
    "ucs2": "utf-16-be",
    "iso10646ucs2": "utf-16-be",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
}
_OCTETS, _UCS2 = b"1", b"2"
"""Of %c: messages that are data, such as a ring tone, and messages of sixteen bits. Others (0, and -1 from 1.4.5) are
text."""
_DATA = {"binary", "8-bit", "8bit"}
"""Of %C, for messages that are data."""
_OF_TEXTS = {0x00, 0x08, 0x24, 0x25}
"""Elements of a header (%u) that texts have, too: of parts, and of national alphabets (3GPP TS 23.040, 9.2.3.24)."""
_ROOM_BYTES = 670
"""In ten parts, whatever the alphabet: a byte of UTF-8 is never more than one of their 67 units."""
_STATE = re.compile(r"\bstat:([A-Z]{1,16})\b")
_ERROR = re.compile(r"\berr:([0-9A-Za-z]{1,8})\b")
_REFUSED = re.compile(r"NACK/0x([0-9a-f]{1,8})\b", re.IGNORECASE)
"""The command_status of an SMSC, as Kannel 1.4 hands it on (gw/smsc/smsc_smpp.c)."""
_DELIVERED, _FAILED, _WAITING = 1, 2 | 16, 4 | 8


class KannelInbound:
    """The receiving half of one account."""

    methods = ("GET", "POST")

    def __init__(self, account: KannelAccount) -> None:
        self.account = account
        room_bytes = _ROOM_BYTES - len(signed("", account.signature).encode())
        self.reply_window = ReplyWindow(20.0, timedelta(seconds=10), room_bytes)

    def authentication(self, *, receipts: bool) -> Authentication:  # noqa: ARG002  # it is the same
        """The secret stands in the address, or in a header."""
        return Authentication()

    def messages(self, request: InboundRequest) -> Sequence[Mo | DeliveryReport]:
        """The one message."""
        asked = self._asked(request)
        if asked.get("dispatch"):  # a receipt at the wrong door
            return self.delivery_reports(request)
        self._check(request, asked)
        with proven():
            octets = request.body if request.method == "POST" and "text" not in asked else asked.get("text", b"")
            charset = asked.get("charset", b"").decode("latin-1") or _charset_of(request)
            sender, coding = _name(asked, "from"), asked.get("coding", b"")
            header = asked.get("udh", b"")
            found = information_elements(header[1 : header[0] + 1] if header else b"")
            is_data = coding == _OCTETS or charset.lower() in _DATA or not found.keys() <= _OF_TEXTS
            part = possible(*numbers) if not is_data and (numbers := concatenation(found)) else None
            text, kind = ("", InboundKind.SHOWED) if is_data else (_decoded(octets, charset, coding), InboundKind.TYPED)
            name = asked.get("id", b"").decode("latin-1") or _composite(asked, octets)
        return [Mo(sender, name, text, kind, part=part)]

    def reply(self, texts: Sequence[str]) -> Response:
        """One short message of all ``texts``; an empty body sends none."""
        if not texts:
            return plain("")
        body = worded("\n".join(texts), self.account.signature)
        coding = "2" if alphabet_of(body) is Alphabet.UCS2 else "0"
        return plain(body, headers={"X-Kannel-Coding": coding})

    def delivery_reports(self, request: InboundRequest) -> Sequence[DeliveryReport]:
        """The one receipt."""
        asked = self._asked(request)
        dispatch = asked.get("dispatch", b"").decode("latin-1")
        if not _same(asked.get("proof", b""), proof_of(self.account, dispatch)):
            self._check(request, asked)
        with proven():
            if read_dispatch_id(dispatch) is None:
                raise Malformed("dispatch: must be what we named when we sent")
            status = _status_of(asked.get("status", b""))
        reason = asked.get("reason", b"").decode("utf-8", "replace")
        error = _error(reason) if status is DeliveryStatus.FAILED else None
        wished = status is DeliveryStatus.FAILED and _says(reason, self.account.opted_out_codes)
        name = self.account.name
        return [
            DeliveryReport(CHANNEL, name, status, dispatch=dispatch, error=error, unreachable=wished, unwanted=wished)
        ]

    def receipts_reply(self) -> Response:
        """Nothing: there is nobody to tell anything."""
        return plain("")

    def _asked(self, request: InboundRequest) -> dict[str, bytes]:
        """The parameters. Of more than are read only a header can say whose they are."""
        try:
            return by_name(request.query_fields())
        except Malformed as error:
            self._check(request, {})
            raise Unusable(str(error)) from None

    def _check(self, request: InboundRequest, asked: dict[str, bytes]) -> None:
        secret = self.account.secret.get_secret_value().encode()
        shown = [asked.get("secret", b""), request.headers.get("X-Huoju-Secret", "").encode(), _password(request)]
        if not any([_same(each, secret) for each in shown]):  # noqa: C419  # all are compared, whichever fits
            raise Forged("secret: it is missing or another one")


def proof_of(account: KannelAccount, dispatch: str) -> bytes:
    """What the receipts of one text prove themselves with: the secret itself would be handed to the gateway's logs."""
    key = account.secret.get_secret_value().encode()
    return hmac.new(key, f"receipt {dispatch}".encode(), hashlib.sha256).hexdigest().encode()


def _same(shown: bytes, known: bytes) -> bool:
    return hmac.compare_digest(hashlib.sha256(shown).digest(), hashlib.sha256(known).digest())


def _password(request: InboundRequest) -> bytes:
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(encoded.encode("latin-1", "replace"), validate=True).partition(b":")[2]
    except binascii.Error:
        return b""


def _name(asked: dict[str, bytes], name: str) -> str:
    value = asked.get(name, b"").decode("utf-8", "replace")
    if not value:
        raise Malformed(f"{name}: is missing; compare get-url with the documents")
    return value


def _charset_of(request: InboundRequest) -> str:
    found = re.search(r'charset="?([\w.:-]+)', request.headers.get("Content-Type", ""), re.IGNORECASE)
    return found[1] if found else ""


def _decoded(octets: bytes, charset: str, coding: bytes) -> str:
    """The text; what does not fit becomes U+FFFD, as a message that was mangled on its way is answered, not lost."""
    name = re.sub(r"[^a-z0-9]", "", charset.lower())
    if name.startswith("gsm"):
        return gsm7_decode(octets)
    codec = _CHARSETS.get(name, "")
    wide = codec.startswith("utf-16") or (coding == _UCS2 and (not codec or not _fits(octets, codec)))
    if wide or octets.count(0) * 2 >= len(octets) > 1:
        return utf16_decode(octets)
    return octets.decode(codec or "utf-8", "replace")


def _fits(octets: bytes, codec: str) -> bool:
    """Whether this can be the charset of a message that is said to have sixteen bits a character."""
    try:
        octets.decode(codec)
    except UnicodeDecodeError:
        return False
    return 0 not in octets


def _composite(asked: dict[str, bytes], octets: bytes) -> str:
    """Where get-url has no %I: sender, second and text, which a second delivery repeats."""
    if not asked.get("time"):
        raise Malformed("id: is missing; put id=%I into get-url")
    return hashlib.sha256(b"\0".join([asked["from"], asked["time"], octets])).hexdigest()


def _status_of(status: bytes) -> DeliveryStatus:
    if not status.isdigit() or len(status) > 3:  # noqa: PLR2004  # %d is below 128
        raise Malformed("status: must be %d")
    kind = int(status)
    if kind & _FAILED:
        return DeliveryStatus.FAILED
    if kind & _DELIVERED:
        return DeliveryStatus.DELIVERED
    if kind & _WAITING:
        return DeliveryStatus.ON_ITS_WAY
    raise Malformed("status: must be %d")


def _says(reason: str, codes: Collection[str]) -> bool:
    """Whether the network says that the player opted out: by a code, or by the status with which it took no text."""
    refused, error = _REFUSED.match(reason), _ERROR.search(reason)
    return (refused is not None and is_opt_out_status(codes, int(refused[1], 16))) or is_opt_out_error(
        codes, error and error[1]
    )


def _error(reason: str) -> str:
    """State and code out of what the network said, which quotes the text."""
    found = [pattern.search(reason) for pattern in (_STATE, _ERROR)]
    return "/".join(each[1] for each in found if each) or "failed"
