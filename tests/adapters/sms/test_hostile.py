"""Whatever a request holds, proven or not, the webhook answers from a closed list the engine gets whole messages."""

import hashlib
import hmac
import json
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from bots.sms.twilio.signature import signature_of
from core.messages import InboundMessage
from tests.adapters.sms.rig import (
    DISPATCH,
    PUBLIC,
    SECRET,
    Door,
    gateway_account,
    kannel_account,
    twilio_account,
)
from tests.fakes.gateways import Aggregator, Outgoing, Twilio

CLOSED = {200, 400, 403, 404, 405, 409, 413}
NAMES = ("from", "to", "id", "text", "charset", "coding", "time", "status", "reason", "dispatch", "proof", "secret")
FIELDS = ("From", "Body", "MessageSid", "SmsSid", "NumMedia", "OptOutType", "MessageStatus", "ErrorCode", "AccountSid")

octets = st.one_of(
    st.binary(max_size=40), st.sampled_from([b"+8613800138000", b"1", b"2", DISPATCH.encode(), b"UTF-16BE"])
)
leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=10), st.sampled_from(["\ud800", "\x00"])
)
keys = st.sampled_from(["phone_number", "content", "sequence_id", "biz_id", "out_id", "success", "err_code", "x"])
documents = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=6)),
    max_leaves=12,
)


def is_whole(message: InboundMessage) -> bool:
    message.text.encode()
    return message.user.startswith("+") and 1 <= len(message.external_id) <= 128


class Again(Door):
    """A door for one example after another, which has heard nothing of the one before: to make one takes longer."""

    def call(self, request: Outgoing) -> TestResponse:
        self.taken.clear()
        self.unread.clear()
        return super().call(request)


@pytest.fixture
def kannel() -> Door:
    return Again(kannel_account())


@pytest.fixture
def twilio() -> Door:
    return Again(twilio_account(), public_url=PUBLIC)


@pytest.fixture
def gateway() -> Door:
    return Again(gateway_account())


@pytest.fixture
def signed() -> Door:
    proof = {"signature": {"over": ["sorted"], "at": "header:S"}}
    hear = {"format": "json", "items": None, "sender": "phone_number", "text": "content", "id": "x", "proof": proof}
    return Again(gateway_account(hear=hear))


def query(fields: dict[str, bytes]) -> str:
    return "&".join(f"{name}={quote_from_bytes(value)}" for name, value in fields.items())


@given(st.dictionaries(st.sampled_from(NAMES), octets, max_size=10), st.sampled_from(["", "/receipt"]), st.booleans())
@settings(max_examples=120)
def test_kannels_parameters(kannel: Door, fields: dict[str, bytes], path: str, proven: bool) -> None:
    headers = {"X-Huoju-Secret": SECRET} if proven else {}
    response = kannel.call(Outgoing("GET", f"/sms/main{path}?{query(fields)}", headers))
    assert response.status_code in CLOSED - ({403} if proven else {200, 400})
    assert all(map(is_whole, kannel.taken))


@given(st.dictionaries(st.sampled_from(FIELDS), octets, max_size=10), st.sampled_from(["", "/receipt"]), st.booleans())
@settings(max_examples=120)
def test_twilios_fields(twilio: Door, fields: dict[str, bytes], path: str, proven: bool) -> None:
    if proven:
        fields = {**fields, "AccountSid": Twilio.sid.encode()}
    raw = [(name.encode(), value) for name, value in fields.items()]
    signature = signature_of(f"{PUBLIC}/sms/main{path}", raw, Twilio.token if proven else "another").decode()
    headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
    response = twilio.call(Outgoing("POST", f"/sms/main{path}", headers, query(fields).encode()))
    assert response.status_code in ({200, 400} if proven else {403})
    assert all(map(is_whole, twilio.taken))


@given(documents, st.sampled_from(["", "/receipt"]))
@settings(max_examples=200)
def test_an_aggregators_json(gateway: Door, document: object, path: str) -> None:
    body = json.dumps(document).encode()
    digest = hmac.new(Aggregator.secret.encode(), body, hashlib.sha256).hexdigest()
    response = gateway.call(Outgoing("POST", f"/sms/main{path}", {"X-Signature": digest}, body))
    assert response.status_code == 200
    assert isinstance(document, list) or len(gateway.unread) == 1
    assert all(map(is_whole, gateway.taken))


@given(documents)
@settings(max_examples=100)
def test_json_whose_fields_are_signed(signed: Door, document: object) -> None:
    response = signed.call(Outgoing("POST", "/sms/main", {"S": "0" * 64}, json.dumps(document).encode()))
    assert response.status_code == 403
    assert signed.taken == []
