"""The webhook itself: sizes, methods and names, before any gateway is looked at."""

import io
import uuid
from urllib.parse import quote

import pytest

from bots.base import DELIVERY_LIMIT, LARGEST_LIMIT
from bots.request_body import Remembered
from core.messages import Answered
from tests.adapters.sms.rig import PUBLIC, SECRET, Door, answer, gateway_account, kannel_account, twilio_account
from tests.fakes.gateways import Aggregator, Kannel, Outgoing, Twilio


@pytest.fixture
def door() -> Door:
    return Door(kannel_account(), twilio_account(name="tw"))


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
CLOSED = [
    # id, request, status
    ("an account that nobody has", Outgoing("GET", "/sms/other"), 404),
    ("no account", Outgoing("GET", "/sms/"), 404),
    ("its receipts", Outgoing("POST", "/sms/other/receipt"), 404),
    ("an account with a slash behind", Outgoing("GET", "/sms/main/"), 403),
    ("to look only at the head", Outgoing("HEAD", f"/sms/main?secret={SECRET}&from=1&id=1&text=a"), 405),
    ("to ask for options", Outgoing("OPTIONS", "/sms/main"), 405),
    ("to put", Outgoing("PUT", "/sms/main"), 405),
    ("a body that is too long", Outgoing("POST", "/sms/main?secret=no&from=1&id=1", body=b"a" * 65_537), 403),
    ("a query that is too long", Outgoing("GET", f"/sms/main?secret={SECRET}&text=" + "a" * DELIVERY_LIMIT), 413),
    ("too many fields", Outgoing("GET", "/sms/main?" + "a&" * 10_001), 403),
    (
        "a form that is too long",
        Outgoing("POST", "/sms/tw", {"X-Twilio-Signature": "x", **FORM}, b"a=" + b"b" * LARGEST_LIMIT),
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


def chunked(door: Door, target: str, body: bytes, **headers: str) -> int:
    """The status for a body that announces no length; a server ends it as if it were whole, wherever it is cut."""
    environ = {"wsgi.input": io.BytesIO(body), "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    return door.client.post(target, headers=headers, environ_overrides=environ).status_code


def test_a_body_without_a_length_counts_once_it_came_twice_alike(door: Door) -> None:
    url = f"/sms/main?secret={SECRET}&from=13800138000&id={uuid.uuid4().hex}"
    assert chunked(door, url, b"poi") == 503, "cut, or not: nobody knows"
    assert chunked(door, url, b"points") == 503
    assert door.taken == []
    assert chunked(door, url, b"points") == 200
    assert [message.text for message in door.taken] == ["points"]
    assert chunked(door, url + "0", b"points") == 503, "another message"
    assert chunked(door, "/sms/main?secret=no&from=1&id=1", b"points") == 403


def test_a_form_without_a_length_is_whole_when_its_proof_is(twilio: Twilio) -> None:
    door = Door(twilio_account(name="tw"), public_url=PUBLIC)
    made = twilio.message(PUBLIC, "tw", "points", "SM" + "a" * 32)
    assert chunked(door, "/sms/tw", made.body[:-3], **made.headers) == 403
    assert chunked(door, "/sms/tw", made.body, **made.headers) == 200
    assert [message.text for message in door.taken] == ["points"]


def test_what_proved_itself_without_a_length_and_makes_no_sense_is_thanked_for_in_the_end() -> None:
    signed = Door(gateway_account())
    made = Aggregator.push("/sms/main", f"nonsense {uuid.uuid4()}")
    assert chunked(signed, "/sms/main", made.body, **made.headers) == 200, "its signature shows that it is whole"
    shown = Door(gateway_account(hear={"proof": {"secret_at": "header:X-Secret"}}))
    secret, body = {"X-Secret": Aggregator.secret, "Content-Type": "application/json"}, uuid.uuid4().hex.encode()
    assert [chunked(shown, "/sms/main", body, **secret) for _ in range(2)] == [400, 200]
    assert (signed.unread, shown.unread) == (["message:body"], ["message:body"])


def test_a_long_body_is_read_where_only_it_can_prove_itself(twilio: Twilio) -> None:
    door = Door(gateway_account(), twilio_account(name="tw"), public_url=PUBLIC)
    filler = "x" * DELIVERY_LIMIT
    made = twilio.message(PUBLIC, "tw", "points", "SM" + "a" * 32, Filler=filler)
    assert door.call(made).status_code == 200
    assert [message.text for message in door.taken] == ["points"]
    made.body += b"x"
    assert door.call(made).status_code == 403
    pushed = Aggregator.push("/sms/main", [{"filler": filler}])
    assert door.call(pushed).status_code == 200
    assert door.client.post("/sms/main", data=b" " * (LARGEST_LIMIT + 1)).status_code == 413


def test_one_large_body_at_a_time(twilio: Twilio) -> None:
    door = Door(twilio_account(name="tw"), public_url=PUBLIC)
    made = twilio.message(PUBLIC, "tw", "points", "SM" + "a" * 32, Filler="x" * DELIVERY_LIMIT)
    statuses = []

    class Meanwhile(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            statuses.append(door.call(made).status_code)
            return super().read(size)

    environ = {"wsgi.input": Meanwhile(made.body), "CONTENT_LENGTH": str(len(made.body))}
    assert door.client.post("/sms/tw", headers=made.headers, environ_overrides=environ).status_code == 200
    assert statuses == [429]
    assert door.call(made).status_code == 200


def test_a_secret_in_the_address_proves_a_body_of_any_length() -> None:
    """As of Africa's Talking, whose proof is a field of the query."""
    hear = {"format": "form", "items": None, "inside": None, "sender": "from", "text": "text", "id": "id"}
    door = Door(gateway_account(hear={**hear, "proof": {"secret_at": "field:key"}}))
    body = b"from=13800138000&id=1&text=" + b"x" * LARGEST_LIMIT
    assert door.client.post(f"/sms/main?key={quote(Aggregator.secret)}", data=body, headers=FORM).status_code == 200
    assert door.client.post("/sms/main?key=no", data=body, headers=FORM).status_code == 403
    assert (door.taken, door.unread) == ([], ["message:body"])


@pytest.mark.parametrize("count", [201, 5_000])
def test_a_form_of_many_fields_is_read(twilio: Twilio, count: int) -> None:
    door = Door(kannel_account(), twilio_account(name="tw"), public_url=PUBLIC)
    more = {f"Extra{number}": "1" for number in range(count)}
    assert door.call(twilio.message(PUBLIC, "tw", "points", "SM" + "a" * 32, **more)).status_code == 200
    query = "&".join(f"{name}=1" for name in more)
    assert door.client.get(f"/sms/main?secret={SECRET}&from=13800138000&id=1&text=a&{query}").status_code == 200
    assert [message.text for message in door.taken] == ["points", "a"]


def test_too_many_fields_that_proved_themselves_are_thanked_for(door: Door) -> None:
    url = "/sms/main?" + "a&" * 10_001
    assert door.client.get(url, headers={"X-Huoju-Secret": SECRET}).status_code == 200
    assert (door.taken, door.unread) == ([], ["message:fields"])


def test_only_so_many_bodies_are_remembered() -> None:
    remembered = Remembered(kept=2)
    assert [remembered.again(digest) for digest in (b"a", b"b", b"a", b"c", b"b", b"c")] == [
        False,
        False,
        True,
        False,
        False,
        True,
    ]


@pytest.mark.parametrize("arrived", [b"", b"a", b"abcdefghijklmn"])
def test_a_body_that_is_not_whole_is_nobodys_message(door: Door, arrived: bytes) -> None:
    cut = {"wsgi.input": io.BytesIO(arrived), "CONTENT_LENGTH": "21"}
    url = f"/sms/main?secret={SECRET}&from=13800138000&id=1"
    response = door.client.post(url, environ_overrides=cut)
    assert (response.status_code, door.taken) == (400, [])
    assert door.client.post(url, data=b"points").status_code == 200
    assert [message.text for message in door.taken] == ["points"], "the true one is heard"
