"""What is no delivery of the platform, and what no platform would send: refused before it can do anything."""

import base64
import dataclasses
import io
from datetime import timedelta

import pytest

from bots.wechat.webhook import PUSH_BYTES
from tests.adapters.wechat.rig import Door, account
from tests.fakes.wechat import AES_KEY, Request, encrypt, event, sign, text

HELLO = text("u", "hello")


@pytest.fixture(params=[True, False], ids=["aes", "plain"])
def door(request: pytest.FixtureRequest) -> Door:
    return Door(account() if request.param else account(mode="plain", aes_key=None))


@pytest.fixture
def safe() -> Door:
    return Door()


@pytest.fixture
def plain() -> Door:
    return Door(account(mode="plain", aes_key=None))


def without(request: Request, *names: str) -> Request:
    return Request({name: value for name, value in request.query.items() if name not in names}, request.body)


def status(door: Door, request: Request) -> int:
    code = door.post(request).status_code
    assert code == 200 or door.taken == []
    return code


@pytest.mark.parametrize(
    "other",
    [
        {"signature": "0" * 40},
        {"signature": ""},
        {"signature": "é"},
        {"signature": "\ud800"},
        {"timestamp": ""},
        {"timestamp": "-1"},
        {"timestamp": "1e9"},
        {"timestamp": "٣"},
        {"timestamp": "%C2%B2"},
        {"timestamp": "9" * 500},
        {"timestamp": "0"},
    ],
    ids=str,
)
def test_a_query_that_was_changed_is_refused(plain: Door, other) -> None:
    query = plain.delivering.signed(HELLO).query
    raw = "&".join(f"{name}={value}" for name, value in {**query, **other}.items())
    raw = raw.encode("utf-8", "surrogatepass").decode("latin-1")
    response = plain.client.post("/wechat/main", data=HELLO, environ_overrides={"QUERY_STRING": raw})
    assert response.status_code == 403
    assert plain.taken == []


@pytest.mark.parametrize("name", ["signature", "timestamp", "nonce"])
def test_a_plain_query_that_lacks_something_is_refused(plain: Door, name: str) -> None:
    assert status(plain, without(plain.delivering.signed(HELLO), name)) == 403


@pytest.mark.parametrize("name", ["msg_signature", "timestamp", "nonce"])
def test_a_safe_query_that_lacks_something_is_refused(safe: Door, name: str) -> None:
    assert status(safe, without(safe.delivering.signed(HELLO), name)) == 403


def test_the_signature_of_the_ciphertext_is_enough(safe: Door) -> None:
    assert status(safe, without(safe.delivering.signed(HELLO), "signature", "encrypt_type")) == 200


def test_a_wrong_signature_beside_a_right_one_is_refused(safe: Door) -> None:
    assert status(safe, safe.delivering.signed(HELLO, signature="0" * 40)) == 403


def test_a_wrong_token_is_refused(door: Door) -> None:
    door.delivering.token = "guessed"
    assert status(door, door.delivering.signed(HELLO)) == 403


def test_a_body_beside_the_ciphertext_that_was_signed_is_refused(safe: Door) -> None:
    first, second = safe.delivering.signed(HELLO), safe.delivering.signed(text("u", "pay me"))
    assert status(safe, dataclasses.replace(first, body=second.body)) == 403


def test_a_plain_message_is_refused_in_the_safe_mode(safe: Door) -> None:
    safe.delivering.safe = False
    assert status(safe, safe.delivering.signed(HELLO)) == 403
    assert safe.unread == []
    request = safe.delivering.signed(HELLO, msg_signature="0" * 40)  # no ciphertext at all
    assert status(safe, without(request, "signature")) == 400
    assert (status(safe, request), safe.unread) == (200, [("Encrypt", None)])


@pytest.mark.parametrize(("later_s", "code"), [(300, 200), (-300, 200), (301, 403), (-301, 403), (86400, 403)], ids=str)
def test_the_window_of_time(door: Door, later_s: int, code: int) -> None:
    request = door.delivering.signed(HELLO)
    door.now = door.now.replace(microsecond=0) + timedelta(seconds=later_s)
    assert status(door, request) == code


def test_a_replayed_request_reaches_the_inbox_which_knows_it(door: Door) -> None:
    request = door.delivering.signed(HELLO)
    assert [door.post(request).status_code for _ in range(3)] == [200] * 3
    assert len({taken.external_id for taken in door.taken}) == 1


def test_an_enciphered_message_for_another_account_is_nobodys(safe: Door) -> None:
    safe.delivering.app_id = "wx0000000000000000"
    assert status(safe, safe.delivering.signed(HELLO)) == 200
    assert (safe.taken, safe.unread) == ([], [("Encrypt", None)])


def signed(door: Door, ciphertext: str) -> Request:
    """``ciphertext``, signed by somebody who knows the token."""
    query = door.delivering.signed(HELLO).query
    signature = sign(door.delivering.token, query["timestamp"], query["nonce"], ciphertext)
    body = f"<xml><Encrypt><![CDATA[{ciphertext}]]></Encrypt></xml>".encode()
    return Request({**query, "msg_signature": signature}, body)


GARBAGE = [
    ("empty", ""),
    ("no base 64", "ciphertext!"),
    ("broken base 64", "YWJjZA"),
    ("no block", base64.b64encode(b"abcd").decode()),
    ("noise", base64.b64encode(bytes(range(64))).decode()),
    ("truncated", encrypt(HELLO.encode())[:-24]),
    ("another key", encrypt(HELLO.encode(), aes_key=AES_KEY[::-1])),
    ("not ASCII", "密文"),
]


@pytest.mark.parametrize("ciphertext", [case[1] for case in GARBAGE], ids=[case[0] for case in GARBAGE])
def test_signed_ciphertext_that_the_key_cannot_open_is_thanked_for(
    safe: Door, ciphertext: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A key that is wrong here is wrong for every delivery, and each would come again."""
    assert safe.post(signed(safe, ciphertext)).data == b"success"
    assert (safe.taken, safe.unread) == ([], [("Encrypt", None)])
    assert "aes_key" in "".join(capsys.readouterr())


BOMB = '<!DOCTYPE xml [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]>'
DOCUMENTS = [
    ("empty", ""),
    ("no XML", "hello"),
    ("another root", "<html></html>"),
    ("JSON", '{"MsgType": "text"}'),
    ("truncated", HELLO[:-20]),
    ("entity bomb", BOMB + HELLO.replace("hello", "&b;")),
    ("bomb after a declaration", f'<?xml version="1.0"?>{BOMB}{HELLO}'),
    ("bomb behind an instruction", f"<?x <![CDATA[ ?>{BOMB}{HELLO}<?x ]]> ?>"),
    ("bomb inside a declaration", f'<?xml version="1.0" {BOMB}?>{HELLO}'),
    ("a document type inside", HELLO.replace("<Content>", BOMB + "<Content>")),
    ("an outer entity", '<!DOCTYPE xml SYSTEM "http://127.0.0.1/x.dtd">' + HELLO),
    ("a comment", HELLO.replace("<Content>", "<!-- x --><Content>")),
    ("an unknown entity", "<xml>&b;</xml>"),
    ("no user", HELLO.replace("FromUserName", "Nobody")),
    ("no account", HELLO.replace("ToUserName", "Nobody")),
    ("no kind", HELLO.replace("MsgType", "Kind")),
    ("no id and no time", HELLO.replace("MsgId", "Id").replace("CreateTime", "Time")),
    ("no event", HELLO.replace("[text]", "[event]")),
    ("an event without its time", event("u", "CLICK").replace("CreateTime", "Time")),
    ("a user that is too long", text("u" * 129, "hello")),
    ("nested without end", "<xml>" + "<a>" * 10_000),
]


@pytest.mark.parametrize("document", [case[1] for case in DOCUMENTS], ids=[case[0] for case in DOCUMENTS])
def test_documents_that_no_platform_sends_are_nobodys_message(door: Door, document: str) -> None:
    """Their signature holds, so they would come again: they are thanked for and counted."""
    assert door.deliver(document).data == b"success"
    assert door.taken == []
    assert door.unread


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030", "latin-1"])
def test_only_utf_8_is_read(plain: Door, encoding: str) -> None:
    body = f'<?xml version="1.0" encoding="{encoding}"?>{BOMB}{text("u", "né")}'.encode(encoding)
    assert (plain.deliver(body).data, plain.taken) == (b"success", [])


@pytest.mark.parametrize("length", [PUSH_BYTES + 1, 10**9, "x", "-1", "1" * 400], ids=str)
def test_a_body_that_is_announced_too_long_is_not_read(door: Door, length) -> None:
    class Unread:
        def read(self, *_: object) -> bytes:
            raise AssertionError("it was read")

    request = door.delivering.signed(HELLO)
    response = door.client.post(
        f"/wechat/main{request.target}",
        environ_overrides={"wsgi.input": Unread(), "CONTENT_LENGTH": str(length)},
    )
    assert (response.data, door.unread) == (b"success", [("body", None)])


def test_a_body_too_long_whose_sender_showed_nothing_yet_is_refused(safe: Door) -> None:
    request = without(safe.delivering.signed("x" * (PUSH_BYTES + 1)), "signature")
    assert (status(safe, request), safe.unread) == (413, [])


def test_a_body_that_does_not_say_its_length_is_read_up_to_the_limit(plain: Door) -> None:
    for more, unread in ((0, []), (1, [("body", None)])):
        document = text("u", "")
        document = text("u", "x" * (PUSH_BYTES - len(document) + more))
        request = plain.delivering.signed(document)
        response = plain.client.post(
            f"/wechat/main{request.target}",
            input_stream=io.BytesIO(request.body),
            environ_overrides={"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"},
        )
        assert (response.status_code, plain.unread) == (200, unread)


def test_a_forged_request_is_refused_before_its_body_is_read(plain: Door) -> None:
    request = plain.delivering.signed("x" * (PUSH_BYTES + 1), signature="0" * 40)
    assert status(plain, request) == 403


def test_more_fields_than_any_platform_sends(plain: Door) -> None:
    request = plain.delivering.signed(HELLO, **{f"x{number}": "1" for number in range(50)})
    assert status(plain, request) == 403


class TestGreeting:
    """The handshake, when an operator enters our address at the platform."""

    def get(self, door: Door, request: Request) -> tuple[int, str]:
        response = door.client.get(f"/wechat/main{request.target}")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        return response.status_code, response.text

    def test_it_is_returned(self, door: Door) -> None:
        assert self.get(door, door.delivering.greeting("42<b>")) == (200, "42<b>")

    def test_it_may_be_enciphered(self, safe: Door) -> None:
        query = safe.delivering.greeting().query
        ciphertext = encrypt(b"42")
        signature = sign(safe.delivering.token, query["timestamp"], query["nonce"], ciphertext)
        request = Request({**query, "echostr": ciphertext, "msg_signature": signature}, b"")
        assert self.get(safe, request) == (200, "42")
        assert self.get(safe, dataclasses.replace(request, query={**request.query, "nonce": "1"}))[0] == 403

    @pytest.mark.parametrize("other", [{"signature": "0" * 40}, {"timestamp": "1"}, {"nonce": "x"}], ids=str)
    def test_a_forged_one_is_not(self, door: Door, other) -> None:
        assert self.get(door, door.delivering.greeting("42", **other))[0] == 403

    def test_it_is_old_after_five_minutes(self, door: Door) -> None:
        request = door.delivering.greeting()
        door.now += timedelta(seconds=301)
        assert self.get(door, request)[0] == 403


def test_other_methods_are_refused(door: Door) -> None:
    assert door.client.put("/wechat/main").status_code == 405


def test_a_log_names_the_account_and_the_reason_only(door: Door, capsys: pytest.CaptureFixture[str]) -> None:
    door.post(door.delivering.signed(text("openid-of-somebody", "CODE1234"), signature="0" * 40, msg_signature="1"))
    said = capsys.readouterr()
    assert "wechat.forged" in said.out + said.err
    assert "openid-of-somebody" not in said.out + said.err
    assert "CODE1234" not in said.out + said.err
