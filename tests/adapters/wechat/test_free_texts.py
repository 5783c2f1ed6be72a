"""What somebody types, scans or names never decides whether an envelope can be read, nor what else stands in it."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.base import Malformed
from bots.wechat.events import fields_of, selected
from bots.wechat.xml import read
from core.messages import InboundKind
from tests.adapters.wechat.rig import Door, account

ENVELOPE = (
    "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[u]]></FromUserName>"
    "<CreateTime>1348831860</CreateTime><MsgType><![CDATA[{kind}]]></MsgType>{free}<MsgId>77</MsgId></xml>"
)
FORGED = "]]></Content><FromUserName><![CDATA[victim]]></FromUserName><Content><![CDATA[x"
SCANNED = (
    "<Event>scancode_waitmsg</Event><EventKey>k</EventKey>"
    "<ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult>{}</ScanResult></ScanCodeInfo>"
)
ODD = {
    "a barcode's separator": "\x1d0104150\x1d17",
    "controls": "a\x00b\x07c\x1fd",
    "the end of a quotation": "a]]>b",
    "ends and beginnings": "]]>]]><![CDATA[<![CDATA[]]>",
    "tags": "</Content></xml><xml>",
    "another sender": FORGED,
    "another id": "]]></Content><MsgId>1</MsgId><Content><![CDATA[x",
    "a document type": "]]><!DOCTYPE a [<!ENTITY b 'c'>]>&b;",
    "a comment": "]]><!-- x --><![CDATA[",
    "no character": "\ufffe\uffff",
}


def document(text: str | bytes, *, tag: str = "Content", kind: str = "text", quoted: bool = True) -> bytes:
    inside = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    begin, end = (b"<![CDATA[", b"]]>") if quoted else (b"", b"")
    before, after = ENVELOPE.format(kind=kind, free="\0").encode().split(b"\0")
    return before + f"<{tag}>".encode() + begin + inside + end + f"</{tag}>".encode() + after


@pytest.fixture(params=["aes", "plain"])
def door(request: Any) -> Door:
    return Door(account(mode=request.param))


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_whatever_is_typed_is_played(door: Door, text: str) -> None:
    assert door.words(door.deliver(document(text))) == "ok"
    (message,) = door.taken
    kind = InboundKind.SHOWED if text == ODD["no character"] else InboundKind.TYPED
    assert (message.user, message.external_id, message.kind) == ("u", "m:77", kind)
    assert len(message.text) == len(text), "what cannot be read is replaced, and nothing is lost"
    assert door.unread in ([], [("mended", "77")])


CUT = {
    "cut in a character": "奖品编号是".encode()[:-1],
    "half an emoji": "🔥".encode()[:2],
    "another encoding": "奖".encode("gb18030"),
}


@pytest.mark.parametrize("text", CUT.values(), ids=CUT)
def test_bytes_that_are_no_characters_are_replaced(door: Door, text: bytes) -> None:
    assert door.words(door.deliver(document(text))) == "ok"
    assert "\ufffd" in door.taken[0].text
    assert door.unread == [("mended", "77")]


ENTITIES = [
    ("&#29;ABC", "\ufffdABC"),
    ("a & b", "a & b"),
    ("&bad;", "&bad;"),
    ("&#x110000;", "\ufffd"),
    ("&#55296;", "\ufffd"),
]


@pytest.mark.parametrize(("text", "heard"), ENTITIES)
def test_entities_that_stand_for_nothing(door: Door, text: str, heard: str) -> None:
    assert door.words(door.deliver(document(text, quoted=False))) == "ok"
    assert door.taken[0].text == heard


def test_what_is_said_into_the_microphone_and_named_on_a_map(door: Door) -> None:
    assert door.words(door.deliver(document("积分\x1d", tag="Recognition", kind="voice"))) == "ok"
    assert door.words(door.deliver(document("a]]>b\x00", tag="Label", kind="location"))) == "ok"
    assert [message.kind for message in door.taken] == [InboundKind.TYPED, InboundKind.SHOWED]


PLACES = {
    "typed": ("text", "<Content>{}</Content>"),
    "spoken": ("voice", "<MediaId>m</MediaId><Recognition>{}</Recognition>"),
    "a menu key": ("event", "<Event>CLICK</Event><EventKey>{}</EventKey>"),
    "a scene": ("event", "<Event>SCAN</Event><EventKey>{}</EventKey><Ticket>t</Ticket>"),
    "scanned": ("event", SCANNED),
    "a place": ("location", "<Location_X>1</Location_X><Scale>9</Scale><Label>{}</Label>"),
    "a title": ("link", "<Title>{}</Title><Description>x</Description><Url>y</Url>"),
    "a description": ("link", "<Title>x</Title><Description>{}</Description><Url>y</Url>"),
    "a nickname": ("event", "<Event>CLICK</Event><EventKey>help</EventKey><NickName>{}</NickName>"),
    "something new": ("text", "<Content>help</Content><Novelty>{}</Novelty>"),
}
HARD = st.lists(
    st.sampled_from([*"&a奖\x1d\x00\ufffe\udc80", "]]>", "<![CDATA[", "&#29;", "<!", "</xml>", "<xml>"])
    | st.sampled_from(["Content", "Title", "NickName", "EventKey", "ScanResult"]).map("</{}>".format)
    | st.sampled_from(["FromUserName", "ToUserName", "MsgType", "Event", "MsgId"]).map("<{0}>v</{0}>".format),
    max_size=8,
).map("".join)


def push(place: str, text: str, *, quoted: bool) -> bytes:
    kind, free = PLACES[place]
    document = ENVELOPE.format(kind=kind, free=free.replace("{}", f"<![CDATA[{text}]]>" if quoted else text))
    return document.encode("utf-8", "surrogatepass")


@given(st.sampled_from(sorted(PLACES)), HARD | st.text(), st.booleans())
def test_no_text_anywhere_hides_who_turned_to_us(place: str, text: str, quoted: bool) -> None:
    root, _mended = read(push(place, text, quoted=quoted))
    fields = fields_of(root)
    found = selected(root, fields)
    assert found is not None or place == "scanned"
    assert (fields["FromUserName"], fields["ToUserName"], fields["MsgId"]) == ("u", "gh_1", "77")
    assert fields["MsgType"] == PLACES[place][0]


@pytest.mark.parametrize("place", PLACES)
def test_each_of_them_is_heard_and_counted(door: Door, place: str) -> None:
    assert door.words(door.deliver(push(place, "a]]>b\x1d</xml>c", quoted=True))) == "ok"
    assert (len(door.taken), door.unread) == (1, [("mended", "77")])


@given(st.text())
def test_no_text_is_another_element(text: str) -> None:
    root, _mended = read(document(text))
    found = selected(root, fields_of(root))
    assert found is not None
    assert (found.user, found.ours, found.external_id) == ("u", "gh_1", "m:77")


@given(st.binary())
def test_no_bytes_are_another_element(text: bytes) -> None:
    root, _mended = read(document(text))
    found = selected(root, fields_of(root))
    assert found is not None
    assert (found.user, found.ours, found.external_id) == ("u", "gh_1", "m:77")


@given(st.binary())
def test_any_bytes_are_read_or_malformed(body: bytes) -> None:
    with suppress(Malformed):
        read(body)
