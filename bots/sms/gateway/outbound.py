"""A described aggregator's sending half: one request for each text, and what its codes mean."""

import json
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

import phonenumbers
from pydantic import JsonValue

from bots.http_client import HttpClient, HttpResponse, call_gateway
from bots.sms.account import outlet_of, prepared, valid_for
from bots.sms.gateway.account import GatewayAccount, SayTable
from bots.sms.gateway.fields import field, fields, filled, missing, names_of
from bots.sms.gateway.inbound import coded
from bots.sms.gateway.signature import SignedPieces, signature
from bots.sms.parts import Alphabet, alphabet_of
from core.sending.outbound import Delivered, OutboundMessage, Outcome, Refused, TryAgain, Unknown, unreadable
from core.times import Clock, milliseconds

_TYPES = {"json": "application/json; charset=utf-8", "form": "application/x-www-form-urlencoded; charset=utf-8"}
_OF_THE_ACCOUNT = {*range(300, 400), 401, 403, 404, 429}
"""Statuses that say nothing about a text: a wrong address or key, or too much."""


class GatewayOutbound:
    """Sends for one account."""

    def __init__(self, account: GatewayAccount, public_url: str | None, clock: Clock) -> None:
        self._account, self._say, self._clock = account, account.say, clock
        self._receipt = _receipt_address(account, public_url) if public_url else ""
        address = urlsplit(account.say.url)
        self._client, self._path = HttpClient(f"{address.scheme}://{address.netloc}"), address.path or "/"
        self.outlet = outlet_of(account)

    def send(self, message: OutboundMessage) -> Outcome:
        """Try once to hand over ``message``."""
        text = prepared(self._account, message)
        if isinstance(text, Refused):
            return text
        target, body, headers = self._request(message, text)
        answer = call_gateway(self._client, self._say.method, target, body, headers)
        if not isinstance(answer, HttpResponse):
            return answer
        outcome = outcome_of(self._say, answer)
        if isinstance(outcome, Delivered):
            return Delivered(outcome.external_ids, self._account.cost(message, text))
        return outcome

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _request(self, message: OutboundMessage, text: str) -> tuple[str, bytes | None, dict[str, str]]:
        """(path and query, body, headers)."""
        say, now = self._say, self._clock()
        known = {
            "to": _number(message.user, say.numbers),
            "text": text,
            "coding": say.codings[alphabet_of(text) is Alphabet.UCS2],
            "from": self._account.sender,
            "id": message.id,
            "key": self._account.key_shown,
            "time": str(int(now.timestamp())),
            "time_ms": str(milliseconds(now)),
            "receipt": self._receipt,
        }
        fields = {name: filled(value, known) for name, value in say.fields.items()}
        valid_s = valid_for(self._account, message.expires_at, now)
        if say.valid is not None and valid_s is not None:
            say.valid.put(fields, valid_s)
        headers = {name: str(filled(value, known)) for name, value in say.headers.items()}
        table = say.signature
        if table is not None and table.at.startswith("field:"):
            fields[table.at.removeprefix("field:")] = table.prefix + self._signed(b"", fields, headers)
        target, body = self._path, None
        if say.format == "query":
            target = f"{target}?{urlencode(_flat(fields))}"
        else:
            body = _body(say.format, fields)
            headers = {"Content-Type": _TYPES[say.format], **headers}
        if table is not None and table.at.startswith("header:"):
            headers[table.at.removeprefix("header:")] = table.prefix + self._signed(body or b"", fields, headers)
        return target, body, headers

    def _signed(self, body: bytes, fields: dict[str, JsonValue], headers: dict[str, str]) -> str:
        assert self._say.signature is not None
        lower = {name.lower(): value for name, value in headers.items()}
        pieces = SignedPieces(lambda: body, self._path, lambda name: lower.get(name.lower(), ""), lambda: _flat(fields))
        return signature(self._say.signature, pieces, self._account.key_shown)


def _receipt_address(account: GatewayAccount, public_url: str) -> str:
    """Where receipts come to; what proves them by a field is shown it here."""
    address, proof = account.receipt_url(public_url), account.receipt_proof
    kind, _, name = (proof.secret_at if proof and proof.secret_at else "").partition(":")
    if proof is None or kind != "field":
        return address
    return f"{address}?{urlencode({name: proof.secret_prefix + account.secret.get_secret_value()})}"


def outcome_of(say: SayTable, answer: HttpResponse) -> Outcome:
    """What became of the text for which the aggregator gave ``answer``."""
    told, well = answer.json(), answer.status in say.taken_status
    states = fields(told, say.taken_field) if say.taken_field else []
    others = [state for state in states if state not in say.taken_values]
    if well and not others and (states or say.taken_field is None):
        return Delivered(tuple(names_of(told, say.external_id)))
    if well and len(others) < len(states):
        return Unknown("partly_taken", again=False)
    said = (field(told, say.error) if say.error else None) or next(iter(others), "")
    if not said and 200 <= answer.status < 300:  # noqa: PLR2004
        return unreadable(missing(told, say.taken_field) if say.taken_field else f"status {answer.status}")
    return _not_taken(say, answer, said)


def _not_taken(say: SayTable, answer: HttpResponse, said: str) -> Outcome:
    """What the code ``said`` means for the text, or without a known one the status of ``answer``."""
    error, wait = coded(said) if said else str(answer.status), answer.retry_after
    pause = wait or timedelta(seconds=say.closed_s)
    of_a_player = bool(said) or answer.status not in _OF_THE_ACCOUNT
    by_code: list[tuple[tuple[str, ...], Outcome]] = [
        (say.opted_out if of_a_player else (), Refused(error, unreachable=True, unwanted=True)),
        (say.gone if of_a_player else (), Refused(error, unreachable=True)),
        (say.refused, Refused(error)),
        (say.closed, TryAgain(error, pause)),
        (say.again, TryAgain(error)),
    ]
    for codes, meaning in by_code:
        if (said or str(answer.status)) in codes:
            return meaning
    if answer.status in _OF_THE_ACCOUNT:
        return TryAgain(error, pause)
    if answer.status >= 500 or not said:  # noqa: PLR2004
        return Unknown(error)
    unknown = Unknown(error, again=answer.status >= 300)  # noqa: PLR2004  # else it may have been taken, as each time
    other: dict[str, Outcome] = {"refused": Refused(error), "again": TryAgain(error), "unknown": unknown}
    return other[say.other]


def _number(user: str, style: str) -> str:
    if style == "national":
        return str(phonenumbers.national_significant_number(phonenumbers.parse(user)))
    return user if style == "e164" else user.removeprefix("+")


def _flat(fields: dict[str, JsonValue]) -> dict[str, str]:
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        for name, value in fields.items()
    }


def _body(form: str, fields: dict[str, JsonValue]) -> bytes:
    if form == "json":
        return json.dumps(fields, ensure_ascii=False).encode()
    return urlencode(_flat(fields)).encode()
