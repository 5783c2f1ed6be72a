"""Kannel calls us: bytes in, messages out."""

import base64
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bots.sms.kannel.inbound import proof_of
from core.blame import Unavailable
from core.engine.engine import Busy
from core.messages import Answered, InboundKind
from core.sending.delivery_reports import DeliveryStatus
from tests.adapters.sms.rig import DISPATCH, FIXTURES, NOW, SECRET, Door, answer, kannel_account
from tests.fakes.gateways import Kannel, Outgoing


@pytest.fixture
def door() -> Door:
    return Door(kannel_account())


def test_a_message_waits_for_its_answer_with_its_id_and_number(door: Door) -> None:
    response = door.call(Kannel.message("main", SECRET, "help", id="3b1e"))
    assert (response.status_code, response.text) == (200, "ok")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    (message,) = door.taken
    assert (message.channel, message.account, message.user) == ("sms", "main", "+8613800138000")
    assert (message.external_id, message.text, message.kind) == ("3b1e", "help", InboundKind.TYPED)
    assert message.waits
    assert message.answer_by == NOW + timedelta(seconds=10)
    assert message.room_bytes == 500


TEXTS = [
    # id, octets, charset, coding, text
    ("UTF-8", "码 ABCD".encode(), "UTF-8", "0", "码 ABCD"),
    ("UTF-8 without its name", "é".encode(), "", "0", "é"),
    ("UCS-2", "码🔥".encode("utf-16-be"), "UTF-16BE", "2", "码🔥"),
    ("UCS-2 without its name", "码".encode("utf-16-be"), "", "2", "码"),
    ("UCS-2 by the name of another charset", "退订".encode("utf-16-be"), "UTF-8", "2", "退订"),
    ("UCS-2 the other way round", "STOP".encode("utf-16-le"), "UCS-2", "2", "STOP"),
    ("UCS-2 with a mark", "\ufeff退订".encode("utf-16-le"), "UCS-2", "2", "退订"),
    ("UCS-2 that is said to be seven bits", "STOP".encode("utf-16-be"), "UTF-8", "0", "STOP"),
    ("UCS-2 that is said to be Windows's", "STOP".encode("utf-16-be"), "WINDOWS-1252", "2", "STOP"),
    ("one Chinese character", "一".encode("utf-16-be"), "UTF-16BE", "2", "一"),
    ("recoded by Kannel", "退订".encode(), "UTF-8", "2", "退订"),
    ("Latin-1", "é£".encode("latin-1"), "ISO-8859-1", "0", "é£"),
    ("Windows", "€".encode("cp1252"), "WINDOWS-1252", "0", "€"),
    ("GSM", b"\x00\x1b\x65a", "gsm", "0", "@€a"),
    ("GB 18030", "火炬".encode("gb18030"), "GBK", "0", "火炬"),
    ("of a charset nobody knows", b"abc", "EBCDIC-9", "0", "abc"),
    ("garbage as UTF-8", b"\xff\xfeA", "UTF-8", "0", "��A"),
    ("garbage as UCS-2", b"\xd8\x00\x00A\x00", "UTF-16BE", "2", "�A�"),
    ("garbage as GSM", b"\xff\x1b", "GSM", "0", "� "),
    ("garbage as GB 18030", b"\xff", "GB2312", "0", "�"),
    ("plus, ampersand and percent", b"1+1&2%20 ", "UTF-8", "0", "1+1&2%20 "),
]


@pytest.mark.parametrize(
    ("octets", "charset", "coding", "text"), [row[1:] for row in TEXTS], ids=[row[0] for row in TEXTS]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_octets_become_text(door: Door, method: str, octets: bytes, charset: str, coding: str, text: str) -> None:
    request = Kannel.message("main", SECRET, octets, charset=charset, coding=coding)
    if method == "POST":
        target = request.target.partition("&text=")[0].replace("charset=", "unused=")
        headers = {"Content-Type": f'text/plain; charset="{charset}"' if charset else "text/plain"}
        request = Outgoing("POST", target, headers, octets)
    assert door.call(request).status_code == 200
    assert [message.text for message in door.taken] == [text]


DATA = [("binary", "1"), ("8-BIT", "1"), ("8-BIT", "0"), ("8BIT", ""), ("UTF-8", "1"), ("", "1"), ("GSM", "1")]


@pytest.mark.parametrize(("charset", "coding"), DATA)
@pytest.mark.parametrize("octets", [b"\x01\x02", b"\x06\x05\xffR\x00", b"R", b"TD", "退订".encode()])
def test_data_is_something_shown_and_never_a_word(door: Door, octets: bytes, charset: str, coding: str) -> None:
    door.call(Kannel.message("main", SECRET, octets, coding=coding, charset=charset))
    assert [(message.text, message.kind) for message in door.taken] == [("", InboundKind.SHOWED)]


@given(st.binary(min_size=1, max_size=20), st.sampled_from(["UTF-8", "", "UTF-16BE", "GBK"]), st.sampled_from("02"))
def test_garbage_around_a_letter_is_never_that_letter(octets: bytes, charset: str, coding: str) -> None:
    door = Door(kannel_account())
    garbage = octets.translate(bytes([0xFF, *range(1, 8), *[0xFE] * 248]))
    door.call(Kannel.message("main", SECRET, garbage + b"R", charset=charset, coding=coding))
    assert [message for message in door.taken if message.typed and message.text.strip() in {"R", "N", "T"}] == []


ANSWERS = [
    # id, texts, how many go back here, signature, body, coding
    ("nothing", (), 0, None, "", None),
    ("one", ("Hello",), 1, None, "Hello", "0"),
    ("two in one message", ("Hello", "there"), 2, None, "Hello\nthere", "0"),
    ("only those that go back here", ("Hello", "later"), 1, None, "Hello", "0"),
    ("none here", ("later",), 0, None, "", None),
    ("signed once", ("你好", "再见"), 2, "火炬", "【火炬】你好\n再见", "2"),
    ("a signature that was there", ("【火炬】好",), 1, "火炬", "【火炬】好", "2"),
]


@pytest.mark.parametrize(
    ("texts", "here", "signature", "body", "coding"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS]
)
def test_the_answer_goes_back_in_the_body(
    texts: tuple[str, ...], here: int, signature: str | None, body: str, coding: str | None
) -> None:
    door = Door(kannel_account(signature=signature))
    door.answers = lambda _message: answer(*texts, here=here)
    response = door.call(Kannel.message("main", SECRET, "help"))
    assert (response.status_code, response.data.decode()) == (200, body)
    assert response.headers.get("X-Kannel-Coding") == coding


@pytest.mark.parametrize(
    ("signature", "sender", "room_bytes"),
    [
        (None, "+8613800138000", 500),
        ("火炬", "+8613800138000", 496),
        (None, "+14158675309", 670),
        ("火炬", "+14158675309", 658),
    ],
)
def test_there_is_room_for_ten_parts_and_in_china_for_500_characters(
    signature: str | None, sender: str, room_bytes: int
) -> None:
    door = Door(kannel_account(signature=signature))
    door.call(Kannel.message("main", SECRET, "help", sender=sender))
    assert [message.room_bytes for message in door.taken] == [room_bytes]


def test_a_message_without_an_id_is_told_apart_by_sender_second_and_text(door: Door) -> None:
    for text, time in (("a", "1"), ("a", "1"), ("b", "1"), ("a", "2")):
        request = Kannel.message("main", SECRET, text, time=time)
        request.target = request.target.replace("&id=", "&unused=")
        assert door.call(request).status_code == 200
    first, again, other_text, other_time = [message.external_id for message in door.taken]
    assert first == again
    assert len({first, other_text, other_time}) == 3


@pytest.mark.parametrize(
    ("secret", "headers"),
    [
        (SECRET, {}),
        ("", {"X-Huoju-Secret": SECRET}),
        ("", {"Authorization": "Basic " + base64.b64encode(f"kannel:{SECRET}".encode()).decode()}),
    ],
    ids=["parameter", "header", "password"],
)
def test_the_secret_is_taken_in_three_places(door: Door, secret: str, headers: dict[str, str]) -> None:
    request = Kannel.message("main", secret, "help")
    request.headers = headers
    assert door.call(request).status_code == 200


FORGED = [
    ("none", Kannel.message("main", "", "help")),
    ("another", Kannel.message("main", "another-secret-of-ours", "help")),
    ("its beginning", Kannel.message("main", SECRET[:-1], "help")),
    ("one that is no text", Outgoing("GET", "/sms/main?secret=%FF%00&from=1&text=a&id=1")),
    ("a header with another", Outgoing("GET", "/sms/main?from=1&text=a&id=1", {"X-Huoju-Secret": "x"})),
    ("a password that is no base 64", Outgoing("GET", "/sms/main?from=1", {"Authorization": "Basic ////=%"})),
    ("a receipt without a proof", Outgoing("GET", f"/sms/main/receipt?dispatch={DISPATCH}&status=1")),
    (
        "a receipt with the proof of another text",
        Outgoing(
            "GET", f"/sms/main/receipt?dispatch={DISPATCH}&status=1&proof={proof_of(kannel_account(), 'x').decode()}"
        ),
    ),
]


@pytest.mark.parametrize("request_", [row[1] for row in FORGED], ids=[row[0] for row in FORGED])
def test_who_does_not_know_the_secret_is_refused(door: Door, request_: Outgoing) -> None:
    response = door.call(request_)
    assert response.status_code == 403
    assert SECRET not in response.text
    assert door.taken == []
    assert door.receipts == []


def test_an_alphanumeric_sender_and_another_country_are_acknowledged_and_not_heard() -> None:
    door = Door(kannel_account(countries=("CN",)))
    for sender in ("Alibaba", "10086", "+14158675309"):
        response = door.call(Kannel.message("main", SECRET, "help", sender=sender))
        assert (response.status_code, response.text) == (200, "")
    assert door.taken == []
    assert door.call(Kannel.message("main", SECRET, "help", sender="13800138000")).text == "ok"


MISSING = ["from", "id"]


@pytest.mark.parametrize("name", MISSING)
def test_what_is_missing_is_named(door: Door, name: str) -> None:
    request = Kannel.message("main", SECRET, "help")
    request.target = request.target.replace(f"&{name}=", "&unused=").replace("&time=", "&gone=")
    assert door.call(request).status_code == 200
    assert (door.taken, door.unread) == ([], [f"message:{name}"])


TROUBLE = [
    ("busy", Busy("too many"), 429),
    ("no answer", Unavailable("later"), 503),
]


@pytest.mark.parametrize(("error", "status"), [row[1:] for row in TROUBLE], ids=[row[0] for row in TROUBLE])
def test_nothing_is_confirmed_that_is_not_written_down(door: Door, error: Exception, status: int) -> None:
    door.answers = lambda _message: error
    response = door.call(Kannel.message("main", SECRET, "help"))
    assert response.status_code == status
    assert response.headers["Retry-After"] == "2"


def test_an_id_that_comes_with_another_text_is_counted(door: Door) -> None:
    door.answers = lambda _message: answer(how=Answered.TAMPERED)
    response = door.call(Kannel.message("main", SECRET, "help"))
    assert (response.status_code, response.text, door.unread) == (200, "", ["message:tampered"])


RECEIPTS = [
    # id, %d, %A, fate, error
    ("delivered", "1", "", DeliveryStatus.DELIVERED, None),
    (
        "failed",
        "2",
        "id:1 sub:001 dlvrd:000 done date:2612011200 stat:UNDELIV err:012 text:Hello",
        DeliveryStatus.FAILED,
        "UNDELIV/012",
    ),
    ("failed and nothing said", "2", "", DeliveryStatus.FAILED, "failed"),
    ("expired", "34", "stat:EXPIRED", DeliveryStatus.FAILED, "EXPIRED"),
    ("unknown", "66", "", DeliveryStatus.FAILED, "failed"),
    ("buffered", "4", "", DeliveryStatus.ON_ITS_WAY, None),
    ("taken by the network", "8", "ACK/", DeliveryStatus.ON_ITS_WAY, None),
    ("refused by the network", "16", "NACK/0x0000000b/Invalid Destination Address", DeliveryStatus.FAILED, "failed"),
]


@pytest.mark.parametrize(
    ("kind", "reason", "unwanted"),
    [
        ("2", "stat:REJECTD err:045 text:Hello", True),
        ("2", "stat:REJECTD err:45", True),
        ("2", "stat:REJECTD err:145", False),
        ("1", "stat:DELIVRD err:045", False),
        ("16", "NACK/0x00000480/Vendor-specific error", True),
        ("16", "NACK/0x00000045/Submit failed", False),
        ("2", "stat:REJECTD err:480", False),
    ],
)
def test_a_code_of_the_account_says_that_a_player_opted_out(kind: str, reason: str, unwanted: bool) -> None:
    account = kannel_account(opted_out_codes=["045", "0x480"])
    proof = proof_of(account, DISPATCH).decode()
    target = f"/sms/main/receipt?dispatch={DISPATCH}&proof={proof}&status={kind}&reason={reason.replace(' ', '+')}"
    door = Door(account)
    assert door.call(Outgoing("GET", target)).status_code == 200
    (receipt,) = door.receipts
    assert (receipt.unwanted, receipt.unreachable) == (unwanted, unwanted)


@pytest.mark.parametrize("code", ["0x0", "0x58", "0x14", "0x64", "000", "", "unsubscribed", "err:045", "0x480000000"])
def test_what_is_no_code_of_a_player_is_refused(code: str) -> None:
    with pytest.raises(ValidationError, match="opted_out_codes"):
        kannel_account(opted_out_codes=[code])


@pytest.mark.parametrize(
    ("kind", "reason", "fate", "error"), [row[1:] for row in RECEIPTS], ids=[row[0] for row in RECEIPTS]
)
def test_receipts_say_what_became_of_a_text(
    door: Door, kind: str, reason: str, fate: DeliveryStatus, error: str | None
) -> None:
    proof = proof_of(kannel_account(), DISPATCH).decode()
    target = f"/sms/main/receipt?dispatch={DISPATCH}&proof={proof}&status={kind}&reason={reason.replace(' ', '+')}"
    assert door.call(Outgoing("GET", target)).status_code == 200
    (receipt,) = door.receipts
    assert (receipt.channel, receipt.account, receipt.dispatch) == ("sms", "main", DISPATCH)
    assert (receipt.status, receipt.error, receipt.unreachable) == (fate, error, False)


@pytest.mark.parametrize("status", ["", "0", "x", "1e1", "99999", "-1", "64"])
def test_a_receipt_of_no_kind_is_counted(door: Door, status: str) -> None:
    response = door.call(Outgoing("GET", f"/sms/main/receipt?dispatch={DISPATCH}&secret={SECRET}&status={status}"))
    assert (response.status_code, door.receipts, door.unread) == (200, [], ["receipt:status"])


def test_what_a_real_kannel_asked() -> None:
    door = Door(kannel_account())
    requests = (FIXTURES / "kannel_requests.txt").read_text(encoding="utf-8").split()
    assert len(requests) == 3
    for target in requests:
        assert door.call(Outgoing("GET", target)).status_code == 200
    assert [message.text for message in door.taken] == ["help", "帮助", "é{}€ @"]
    assert {message.user for message in door.taken} == {"+8613800138000"}
