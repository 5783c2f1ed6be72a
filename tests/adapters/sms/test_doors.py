"""The doors themselves: sizes, methods and names, before any gateway is looked at."""

import io

import pytest

from bots.base import DELIVERY_LIMIT
from core.messages import Answered
from tests.adapters.sms.rig import SECRET, Door, answer, kannel_account, twilio_account
from tests.fakes.gateways import Kannel, Outgoing, Twilio


@pytest.fixture
def door() -> Door:
    return Door(kannel_account(), twilio_account(name="tw"))


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
CLOSED = [
    # id, request, status
    ("an account that nobody has", Outgoing("GET", "/sms/other"), 404),
    ("no account", Outgoing("GET", "/sms/"), 404),
    ("its receipts", Outgoing("POST", "/sms/other/receipt"), 404),
    ("an account with a slash behind", Outgoing("GET", "/sms/main/"), 404),
    ("to look only at the head", Outgoing("HEAD", f"/sms/main?secret={SECRET}&from=1&id=1&text=a"), 405),
    ("to ask for options", Outgoing("OPTIONS", "/sms/main"), 405),
    ("to put", Outgoing("PUT", "/sms/main"), 405),
    ("a body that is too long", Outgoing("POST", "/sms/main?secret=no&from=1&id=1", body=b"a" * 65_537), 403),
    ("a query that is too long", Outgoing("GET", f"/sms/main?secret={SECRET}&text=" + "a" * DELIVERY_LIMIT), 413),
    ("too many fields", Outgoing("GET", "/sms/main?" + "a=1&" * 201), 400),
    (
        "a form that is too long",
        Outgoing("POST", "/sms/tw", {"X-Twilio-Signature": "x", **FORM}, b"a=" + b"b" * DELIVERY_LIMIT),
        413,
    ),
    ("an empty form", Outgoing("POST", "/sms/tw"), 403),
    (
        "garbage",
        Outgoing("POST", "/sms/tw", FORM, b"\xff%zz&=&&"),
        403,
    ),
]


@pytest.mark.parametrize(("request_", "status"), [row[1:] for row in CLOSED], ids=[row[0] for row in CLOSED])
def test_what_is_not_for_us_is_refused(door: Door, request_: Outgoing, status: int) -> None:
    response = door.call(request_)
    assert response.status_code == status
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert door.taken == []


def test_a_length_that_is_no_number_is_refused(door: Door) -> None:
    for length in ("-1", "1e3", "9" * 40, "²"):
        environ = {"CONTENT_LENGTH": length}
        response = door.client.post("/sms/tw", headers={"X-Twilio-Signature": "x"} | FORM, environ_overrides=environ)
        assert response.status_code == 413, length


def test_what_proved_itself_is_never_refused_for_its_length(door: Door) -> None:
    """It would come again for ever, and hold back what comes after it."""
    url = f"/sms/main?secret={SECRET}&from=13800138000&id="
    assert door.client.post(f"{url}1", data=b"a" * 65_537).status_code == 200
    assert door.client.get(f"{url}2&text={'a' * 65_537}").status_code == 200
    assert [message.external_id for message in door.taken] == ["1", "2"]
    assert door.client.post(f"{url}3", data=b"a" * (DELIVERY_LIMIT + 1)).status_code == 200
    assert door.client.post(f"{url}4", environ_overrides={"CONTENT_LENGTH": "9" * 40}).status_code == 200
    assert (len(door.taken), door.unread) == (2, ["message:body"] * 2)


def test_each_account_is_asked_for_its_own_secret(door: Door, twilio: Twilio) -> None:
    assert door.call(Kannel.message("tw", SECRET, "help")).status_code == 403
    assert door.call(twilio.message("http://localhost", "main", "help", "SM1")).status_code == 403


def test_a_repeated_delivery_hears_the_stored_answer(door: Door) -> None:
    door.answers = lambda _message: answer("as before", how=Answered.REPEATED)
    assert door.call(Kannel.message("main", SECRET, "help")).text == "as before"


def test_a_body_that_announces_no_length_is_not_read(door: Door) -> None:
    """The server ends it as if it were whole, wherever it is cut."""
    body = {"wsgi.input": io.BytesIO(b"a" * 100), "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    url = f"/sms/main?secret={SECRET}&from=13800138000&id=1"
    assert door.client.post(url, environ_overrides=body).status_code == 411
    assert door.taken == []


@pytest.mark.parametrize("arrived", [b"", b"a", b"abcdefghijklmn"])
def test_a_body_that_is_not_whole_is_nobodys_message(door: Door, arrived: bytes) -> None:
    cut = {"wsgi.input": io.BytesIO(arrived), "CONTENT_LENGTH": "21"}
    url = f"/sms/main?secret={SECRET}&from=13800138000&id=1"
    response = door.client.post(url, environ_overrides=cut)
    assert (response.status_code, door.taken) == (400, [])
    assert door.client.post(url, data=b"points").status_code == 200
    assert [message.text for message in door.taken] == ["points"], "the true one is heard"
