"""The fakes are what they say: tried with a client that is not the product's."""

import base64
import http.client
import json
import urllib.error
import urllib.request
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.adapters.sms.rig import DISPATCH, FIXTURES
from tests.fakes.gateways import Aggregator, Kannel, Reply, Twilio, drop, garbage, half


def get(url: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    request = urllib.request.Request(url, body, {name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def sendsms(kannel: Kannel, **other: str) -> tuple[int, bytes]:
    parameters = {
        "username": kannel.username,
        "password": kannel.password,
        "from": "2",
        "to": "+1",
        "text": "a",
        **other,
    }
    return get(f"{kannel.url}/cgi-bin/sendsms?{urlencode(parameters)}")


def test_kannel_takes_what_the_documents_say(kannel: Kannel) -> None:
    assert sendsms(kannel) == (202, b"0: Accepted for delivery")
    assert sendsms(kannel, password="x") == (403, b"Authorization failed for sendsms")
    assert sendsms(kannel, to="") == (400, b"Missing receiver number, rejected")
    assert sendsms(kannel, **{"from": ""}) == (400, b"Sender missing and no global set, rejected")
    assert sendsms(kannel, coding="3")[0] == 400
    assert get(kannel.url)[0] == 404
    assert len(kannel.taken) == 1
    assert len(kannel.calls) == 6


def test_kannels_requests_carry_octets_unharmed(kannel: Kannel) -> None:
    request = Kannel.message("main", "s&c", b"\x00\xff & +", id="7", charset="UTF-16BE")
    asked = parse_qs(urlsplit(request.target).query, encoding="latin-1")
    assert asked["text"] == ["\x00\xff & +"]
    assert (asked["secret"], asked["id"], asked["charset"]) == (["s&c"], ["7"], ["UTF-16BE"])
    kannel.taken.append({"dlr-url": f"https://h/sms/main/receipt?dispatch={DISPATCH}&status=%d&reason=%A"})
    assert kannel.receipt(0, 2, "a b").target == f"/sms/main/receipt?dispatch={DISPATCH}&status=2&reason=a%20b"


def messages(twilio: Twilio, token: str | None = None, **form: str) -> tuple[int, dict[str, object]]:
    pair = base64.b64encode(f"{twilio.sid}:{token or twilio.token}".encode()).decode()
    url = f"{twilio.url}/2010-04-01/Accounts/{twilio.sid}/Messages.json"
    status, body = get(url, urlencode(form).encode(), Authorization=f"Basic {pair}")
    return status, json.loads(body)


def test_twilio_takes_what_the_documents_say(twilio: Twilio) -> None:
    status, told = messages(twilio, To="+1", From="+2", Body="a")
    assert (status, told["status"]) == (201, "queued")
    assert str(told["sid"]).startswith("SM")
    assert messages(twilio, "wrong", To="+1", From="+2", Body="a")[1]["code"] == 20003
    assert messages(twilio, To="+1", Body="a")[1]["code"] == 21604
    assert messages(twilio, To="+1", From="+2", Body="a" * 1601)[1]["code"] == 21617
    assert len(twilio.taken) == 1


@pytest.mark.parametrize("number", [0, 1])
def test_twilio_signs_as_the_documents_example(twilio: Twilio, number: int) -> None:
    example = json.loads((FIXTURES / "twilio_signature.json").read_text(encoding="utf-8"))[number]
    url = urlsplit(example["url"])
    target = f"{url.path}?{url.query}"
    made = twilio.signed(f"{url.scheme}://{url.netloc}", target, example["fields"], example["auth_token"])
    assert made.headers["X-Twilio-Signature"] == example["signature"]


def test_the_aggregator_says_ok_to_who_shows_the_key(aggregator: Aggregator) -> None:
    body = json.dumps({"mobile": "861", "content": "a"}).encode()
    assert json.loads(get(aggregator.url, body, Authorization=f"Bearer {aggregator.key}")[1])["code"] == "OK"
    assert json.loads(get(aggregator.url, body)[1])["code"] == "AUTH_FAILED"
    assert len(aggregator.taken) == 1


def test_they_misbehave_once_for_each_act(aggregator: Aggregator) -> None:
    aggregator.acts += [Reply(503, b"no"), drop, half, garbage]
    assert get(aggregator.url) == (503, b"no")
    for _ in range(3):
        with pytest.raises((OSError, http.client.HTTPException)) as caught:
            get(aggregator.url)
        assert not isinstance(caught.value, urllib.error.HTTPError)
    body = json.dumps({"mobile": "861", "content": "a"}).encode()
    assert get(aggregator.url, body)[0] == 200
