"""Twilio's sending half: one REST call for each text, with a status callback that bears our id.

https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource
"""

import base64
import re
from urllib.parse import urlencode

from bots.http_client import HttpClient, HttpResponse, call_gateway
from bots.sms.account import outlet_of, prepared, valid_for
from bots.sms.twilio.account import TwilioAccount
from bots.sms.twilio.error_codes import outcome_of
from core.sending.outbound import Delivered, OutboundMessage, Outcome, Refused, unreadable
from core.times import Clock

_CODE = re.compile(r"[0-9]{1,6}")
_LONGEST_VALIDITY_S = 36_000
"""So long Twilio tries by itself, and no longer: https://www.twilio.com/docs/api/errors/90007"""


class TwilioOutbound:
    """Sends for one account. Without ``public_url`` there are no receipts."""

    def __init__(self, account: TwilioAccount, public_url: str | None, clock: Clock) -> None:
        self._account, self._public_url, self._clock = account, public_url, clock
        self._client = HttpClient(account.base_url)
        self._target = f"/2010-04-01/Accounts/{account.account_sid}/Messages.json"
        pair = f"{account.account_sid}:{account.auth_token.get_secret_value()}"
        self._headers = {
            "Authorization": "Basic " + base64.b64encode(pair.encode()).decode(),
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }
        self.outlet = outlet_of(account)

    def send(self, message: OutboundMessage) -> Outcome:
        """Try once to hand over ``message``."""
        text = prepared(self._account, message)
        if isinstance(text, Refused):
            return text
        fields = {"To": message.user, "Body": text}
        service = self._account.sender.startswith("MG")
        fields["MessagingServiceSid" if service else "From"] = self._account.sender
        valid_s = valid_for(self._account, message.expires_at, self._clock())
        if valid_s is not None and valid_s < _LONGEST_VALIDITY_S:
            fields["ValidityPeriod"] = str(valid_s)
        if self._public_url is not None:
            fields["StatusCallback"] = f"{self._account.receipt_url(self._public_url)}?dispatch={message.id}"
        answer = call_gateway(self._client, "POST", self._target, urlencode(fields).encode(), self._headers)
        if not isinstance(answer, HttpResponse):
            return answer
        told = answer.json()
        said = told if isinstance(told, dict) else {}
        if answer.status in {200, 201}:
            sid = said.get("sid")
            if not isinstance(sid, str):
                return unreadable("sid")
            return Delivered((sid,), self._account.cost(message, text))
        code = str(said.get("code") or "")
        return outcome_of(answer.status, code if _CODE.fullmatch(code) else "", answer.retry_after)

    def close(self) -> None:
        """Hang up."""
        self._client.close()
