"""Twilio's receiving half: one signed request for each message, answered in TwiML, and one for each change of state.

https://www.twilio.com/docs/messaging/guides/webhook-request, https://www.twilio.com/docs/messaging/twiml
"""

import re
from collections.abc import Sequence
from datetime import timedelta
from xml.sax.saxutils import escape

from flask import Response

from bots.base import Forged, Unusable
from bots.sms.account import CHANNEL
from bots.sms.inbound import Authentication, Ignored, InboundRequest, Mo, ReplyWindow, by_name, plain
from bots.sms.rendering import LONGEST, signed, worded
from bots.sms.twilio.account import TwilioAccount
from bots.sms.twilio.error_codes import GONE, UNWANTED
from bots.sms.twilio.signature import is_signed
from core.attachments import MOST, Media, MediaKind
from core.messages import InboundKind
from core.sending.delivery_reports import DeliveryReport, DeliveryStatus
from core.sending.outbound import read_dispatch_id

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SID = re.compile(r"[A-Za-z]{2}[0-9A-Za-z]{1,62}")
_CODE = re.compile(r"[0-9]{1,6}")
_VERDICTS = {"STOP": InboundKind.STOPPED, "START": InboundKind.STARTED, "HELP": InboundKind.TYPED}
"""https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out"""
_KINDS = {"image": MediaKind.PHOTO, "video": MediaKind.VIDEO, "audio": MediaKind.AUDIO}
_STATUSES = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending", "sent"), DeliveryStatus.ON_ITS_WAY),
    **dict.fromkeys(("delivered", "read"), DeliveryStatus.DELIVERED),
    **dict.fromkeys(("undelivered", "failed", "canceled"), DeliveryStatus.FAILED),
}


class TwilioInbound:
    """The receiving half of one account."""

    methods = ("GET", "POST")

    def __init__(self, account: TwilioAccount, public_url: str | None) -> None:
        self.account, self._public_url = account, public_url
        room_bytes = LONGEST - len(signed("", account.signature).encode())
        self.reply_window = ReplyWindow(13.0, timedelta(seconds=9), room_bytes)  # Twilio waits 15 s

    def authentication(self, *, receipts: bool) -> Authentication:  # noqa: ARG002  # it is the same
        """The signature is made of all fields."""
        return Authentication(in_body=True, covers=True)

    def messages(self, request: InboundRequest) -> Sequence[Mo | DeliveryReport | Ignored]:
        """The one message.

        Where Twilio knew the word (OptOutType), its verdict counts, whatever the text says: the word may be one of an
        operator's list, in any language. It has answered by itself, and gets no second answer here.
        """
        said = self._said(request)
        if "MessageStatus" in said or said.get("SmsStatus") in _STATUSES:  # a change of state at the wrong door
            return self._receipts(said, request)
        body, media = said.get("Body", ""), said.get("NumMedia", "")
        verdict = said.get("OptOutType", "").upper()
        showed = not body.strip() and media.isdecimal() and int(media[:4]) > 0
        return [
            Mo(
                said.get("From", ""),
                _sid(said, "MessageSid", "SmsMessageSid", "SmsSid"),
                "HELP" if verdict == "HELP" else "" if showed else body,
                _VERDICTS.get(verdict, InboundKind.SHOWED if showed else InboundKind.TYPED),
                answered=bool(verdict),
                attachments=_attachments(said),
            )
        ]

    def reply(self, texts: Sequence[str]) -> Response:
        """TwiML with one short message for each text."""
        messages = "".join(f"<Message>{_escaped(worded(text, self.account.signature))}</Message>" for text in texts)
        twiml = f'<?xml version="1.0" encoding="UTF-8"?><Response>{messages}</Response>'
        return plain(twiml, "application/xml; charset=utf-8")

    def delivery_reports(self, request: InboundRequest) -> Sequence[DeliveryReport | Ignored]:
        """The one receipt; a state that Twilio may have added since says nothing, and is counted."""
        said = self._said(request)
        if said.get("SmsStatus") == "received":
            raise Unusable("SmsStatus: a message, at the address of receipts")
        return self._receipts(said, request)

    def _receipts(self, said: dict[str, str], request: InboundRequest) -> Sequence[DeliveryReport | Ignored]:
        sid = _sid(said, "MessageSid", "SmsSid")
        status = _STATUSES.get(said.get("MessageStatus") or said.get("SmsStatus") or "")
        if status is None:
            return [Ignored("receipt:MessageStatus", sid)]
        asked = by_name(request.query_fields()).get("dispatch", b"").decode("latin-1")
        code = said.get("ErrorCode", "")
        error = (code if _CODE.fullmatch(code) else "failed") if status is DeliveryStatus.FAILED else None
        return [
            DeliveryReport(
                CHANNEL,
                self.account.name,
                status,
                (sid,),
                dispatch=asked if read_dispatch_id(asked) else None,
                error=error,
                unreachable=error in GONE,
                unwanted=error in UNWANTED,
            )
        ]

    def receipts_reply(self) -> Response:
        """Nothing: Twilio reads the status only."""
        return plain("")

    def _said(self, request: InboundRequest) -> dict[str, str]:
        """The fields, once it is known that Twilio sent them. Raises Forged, or Unusable when they are not ours."""
        if "X-Twilio-Signature" not in request.headers:
            raise Forged("signature: it is missing")  # before the body is read
        if not is_signed(request, self.account.auth_token.get_secret_value(), self._public_url):
            raise Forged("signature: it is missing, or of another token, address or body")
        fields = by_name(request.form_fields() if request.method == "POST" else request.query_fields())
        said = {name: value.decode("utf-8", "replace") for name, value in fields.items()}
        if said.get("AccountSid") != self.account.account_sid:
            raise Unusable("AccountSid: another account's")  # Twilio signed it: to refuse it tells nobody
        return said


def _attachments(said: dict[str, str]) -> tuple[Media, ...]:
    """What came by MMS: an address at Twilio for each, in the place of a number."""
    found = ((said.get(f"MediaUrl{at}"), said.get(f"MediaContentType{at}", "")) for at in range(MOST))
    return tuple(
        Media(_KINDS.get(kind.partition("/")[0].lower(), MediaKind.FILE), url, content_type=kind)
        for url, kind in found
        if url
    )


def _sid(said: dict[str, str], *names: str) -> str:
    sid = next((said[name] for name in names if said.get(name)), "")
    if not _SID.fullmatch(sid):
        raise Unusable(f"{names[0]}: must be two letters, and letters and digits")
    return sid


def _escaped(text: str) -> str:
    """For XML, which has no place for most control characters."""
    return escape(_NOT_XML.sub("", text).replace("\r", "\n"))
