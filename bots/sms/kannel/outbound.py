"""Kannel's sending half: one call of sendsms for each text, which asks for receipts that bear our id.

https://www.kannel.org/download/1.4.5/userguide-1.4.5/userguide.html, "Using the HTTP interface to send SMS messages"
"""

from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from bots.http_client import HttpClient, HttpResponse, call_gateway
from bots.sms.account import outlet_of, prepared, valid_for
from bots.sms.kannel.account import KannelAccount
from bots.sms.kannel.inbound import proof_of
from bots.sms.parts import Alphabet, alphabet_of
from core.sending.outbound import Delivered, OutboundMessage, Outcome, Refused, TryAgain, Unknown, unreadable
from core.times import Clock

_A_WHILE = timedelta(minutes=5)
"""Until an operator may have mended the configuration."""
_A_MOMENT = timedelta(seconds=5)

_TAKEN = (b"0:", b"3:", b"Sent")
"""Accepted for delivery; queued for later delivery; and what Kannel says when it was told not to wait for either."""
_REFUSALS: list[tuple[int, bytes, TryAgain | Refused]] = [
    # status, how the answer begins, what it means: one status stands for several things, told apart by the words only
    (403, b"Authorization failed", TryAgain("authorization", _A_WHILE)),
    (403, b"Not routable", Refused("not_routable")),
    (403, b"", TryAgain("forbidden", _A_WHILE)),
    (404, b"", TryAgain("wrong_address", _A_WHILE)),
    (400, b"Sender missing", TryAgain("no_sender", _A_WHILE)),
    (400, b"DLR-URL", TryAgain("receipt_address", _A_WHILE)),
    (400, b"Number(s) has/have been denied", Refused("denied")),
    (400, b"Missing receiver", Refused("no_number")),
    (400, b"", Refused("400")),
    (503, b"", TryAgain("queue_full", _A_MOMENT)),  # "Temporal failure, try again later."
    (200, b"Authorization failed", TryAgain("authorization", _A_WHILE)),  # before 1.4 every answer was a 200
]


class KannelOutbound:
    """Sends for one account. Without ``public_url`` Kannel cannot tell us what became of a text and is not asked to."""

    def __init__(self, account: KannelAccount, public_url: str | None, clock: Clock) -> None:
        self._account, self._public_url, self._clock = account, public_url, clock
        address = urlsplit(account.url)
        self._client, self._path = HttpClient(f"{address.scheme}://{address.netloc}"), address.path
        self.outlet = outlet_of(account)

    def send(self, message: OutboundMessage) -> Outcome:
        """Try once to hand over ``message``."""
        text = prepared(self._account, message)
        if isinstance(text, Refused):
            return text
        target = f"{self._path}?{urlencode(self._parameters(message, text))}"
        answer = call_gateway(self._client, "GET", target, None, {})
        if not isinstance(answer, HttpResponse):
            return answer
        if answer.status in {200, 202} and answer.body.startswith(_TAKEN):
            return Delivered(cost=self._account.cost(message, text))
        for status, words, meaning in _REFUSALS:
            if answer.status == status and answer.body.startswith(words):
                return meaning
        if answer.status < 300:  # noqa: PLR2004  # it says that all is well, in words that Kannel does not have
            return unreadable("the words of sendsms: is this its address?")
        return Unknown(str(answer.status))

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _parameters(self, message: OutboundMessage, text: str) -> dict[str, str]:
        account = self._account
        parameters = {
            "username": account.username,
            "password": account.password.get_secret_value(),
            "from": account.sender,
            "to": message.user,
            "text": text,
            "charset": "UTF-8",
            "coding": "2" if alphabet_of(text) is Alphabet.UCS2 else "0",
        }
        valid_s = valid_for(account, message.expires_at, self._clock())
        if valid_s is not None:
            parameters["validity"] = str(valid_s // 60)  # minutes
        if account.smsc is not None:
            parameters["smsc"] = account.smsc
        if self._public_url is not None and account.receipts:
            proof = proof_of(account, message.id).decode()
            parameters["dlr-mask"] = str(account.receipts)
            where = account.receipt_url(self._public_url)
            parameters["dlr-url"] = f"{where}?dispatch={message.id}&proof={proof}&status=%d&reason=%A"
        return parameters
