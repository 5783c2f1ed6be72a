"""Look at one SMS account at an HTTP gateway for an operator: can we call it, and can it call us. No text is sent."""

import base64
from collections.abc import Iterator, Mapping
from urllib.parse import urlencode, urlsplit

from bots.base import Finding, finding
from bots.clock_skew import dated, skew_finding
from bots.http_client import HttpClient, HttpResponse, NoAnswer, NotReached
from bots.sms.gateway.account import GatewayAccount
from bots.sms.http_accounts import HttpAccount
from bots.sms.kannel.account import KannelAccount
from bots.sms.twilio.account import TwilioAccount
from bots.sms.twilio.signature import signature_of
from core.answers import Verbatim
from core.times import Clock

_LIMIT_S = 10.0
_NOBODY = {"from": "doctor", "id": "doctor", "text": "doctor"}
"""A message of a sender without a number: it is acknowledged, and goes no further."""
_NO_PUBLIC_URL = "set the public address of this installation, HUOJU_PUBLIC_URL"


def findings(account: HttpAccount, public_url: str | None, clock: Clock) -> Iterator[Finding]:
    """What was looked at, one after another; each may take some seconds."""
    match account:
        case KannelAccount():
            yield from _kannel(account, public_url)
        case TwilioAccount():
            yield from _twilio(account, account.public_url or public_url, clock)
        case GatewayAccount():
            yield from _gateway(account, public_url, clock)


def _kannel(account: KannelAccount, public_url: str | None) -> Iterator[Finding]:
    parameters = {"username": account.username, "password": account.password.get_secret_value(), "text": ""}
    answer = _asked(account.url, f"?{urlencode(parameters)}")  # without a receiver nothing can be sent
    yield _reached("Kannel's sendsms can be reached", account.url, answer)
    if isinstance(answer, HttpResponse):
        known = not answer.body.startswith(b"Authorization failed") and answer.status != 403  # noqa: PLR2004
        remedy = "compare username and password with the sendsms-user in kannel.conf, and its user-allow-ip"
        yield finding("Kannel knows our user", known, remedy)
        remedy = "{url} is no sendsms (it says {status}); compare sendsms-url in kannel.conf"
        well = answer.status in {202, 400, 403}
        yield finding("the address is that of sendsms", well, remedy, url=Verbatim(account.url), status=answer.status)
    if public_url is None:
        yield finding("Kannel can tell what became of a text", account.receipts == 0, _NO_PUBLIC_URL)
        return
    asked = {"secret": account.secret.get_secret_value(), **_NOBODY}
    yield _door(public_url, account, _asked(account.webhook_url(public_url), f"?{urlencode(asked)}"))


def _twilio(account: TwilioAccount, public_url: str | None, clock: Clock) -> Iterator[Finding]:
    pair = f"{account.account_sid}:{account.auth_token.get_secret_value()}".encode()
    headers = {"Authorization": "Basic " + base64.b64encode(pair).decode()}
    url = f"{account.base_url.rstrip('/')}/2010-04-01/Accounts/{account.account_sid}.json"
    answer = _asked(url, headers=headers)
    yield _reached("Twilio can be reached", account.base_url, answer)
    if isinstance(answer, HttpResponse):
        remedy = (
            "copy account_sid and the auth token again from Twilio's console; an API key will not do (it says {status})"
        )
        yield finding("Twilio knows our account", answer.status == 200, remedy, status=answer.status)  # noqa: PLR2004
        yield from _clock(answer, clock)
    if public_url is None:
        yield finding("Twilio can reach us, and its signatures can be checked", False, _NO_PUBLIC_URL)
        return
    where = account.webhook_url(public_url)
    fields = {"AccountSid": account.account_sid, "Body": "doctor", "From": "doctor", "MessageSid": "SMdoctor"}
    raw = [(name.encode(), value.encode()) for name, value in fields.items()]
    signed = {
        "X-Twilio-Signature": signature_of(where, raw, account.auth_token.get_secret_value()).decode(),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    yield _door(public_url, account, _asked(where, body=urlencode(fields).encode(), headers=signed))


def _gateway(account: GatewayAccount, public_url: str | None, clock: Clock) -> Iterator[Finding]:
    parts = urlsplit(account.say.url)
    answer = _asked(f"{parts.scheme}://{parts.netloc}/")
    yield _reached("the gateway can be reached", account.say.url, answer)
    if isinstance(answer, HttpResponse):
        yield from _clock(answer, clock)
    if account.hear is None:
        return
    if public_url is None:
        yield finding("the gateway can reach us", False, _NO_PUBLIC_URL)
        return
    where = account.webhook_url(public_url)
    refused = _asked(where, body=b"{}", headers={"Content-Type": "application/json"})
    well = isinstance(refused, HttpResponse) and refused.status == 403  # noqa: PLR2004
    yield _at_door("{url} is ours, and refuses what is not proven", where, refused, well=well)


def _door(public_url: str, account: HttpAccount, answer: HttpResponse | str) -> Finding:
    where = account.webhook_url(public_url)
    what = "{url} is ours, and takes what is proven"
    if isinstance(answer, HttpResponse) and answer.status == 403:  # noqa: PLR2004
        remedy = "the process behind it has another secret, or a proxy changes the request; restart it, or look there"
        return finding(what, False, remedy, url=Verbatim(where))
    well = isinstance(answer, HttpResponse) and answer.status == 200  # noqa: PLR2004
    return _at_door(what, where, answer, well=well)


_ANSWERS = "{url} answers {status}; look at DNS, the certificate, the proxy, and whether the web process runs"
_IS_SILENT = (
    "{url} does not answer ({status}); look at DNS, the certificate, the proxy, and whether the web process runs"
)


def _at_door(what: str, where: str, answer: HttpResponse | str, *, well: bool) -> Finding:
    told, status = (_ANSWERS, answer.status) if isinstance(answer, HttpResponse) else (_IS_SILENT, answer)
    return finding(what, well, told, url=Verbatim(where), status=status)


def _reached(what: str, url: str, answer: HttpResponse | str) -> Finding:
    if isinstance(answer, HttpResponse):
        return finding(what, True)
    parts = urlsplit(url)
    remedy = "{url} cannot be reached ({why}); look at DNS, certificate and firewall"
    return finding(what, False, remedy, url=Verbatim(f"{parts.scheme}://{parts.netloc}"), why=answer)


def _clock(answer: HttpResponse, clock: Clock) -> Iterator[Finding]:
    if (theirs := dated(answer.headers.get("date"))) is not None:
        yield skew_finding("the gateway's", theirs, clock)


def _asked(
    url: str, query: str = "", *, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> HttpResponse | str:
    """The answer, or the code of what went wrong."""
    parts = urlsplit(url)
    client = HttpClient(f"{parts.scheme}://{parts.netloc}", _LIMIT_S)
    try:
        return client.call("GET" if body is None else "POST", f"{parts.path}{query}", body, headers or {})
    except (NotReached, NoAnswer) as error:
        return error.code
    finally:
        client.close()
