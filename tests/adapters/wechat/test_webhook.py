"""Bytes in, messages out: the platform's own examples, and what is answered in the connection."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import xmltodict
from pydantic import SecretStr
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto

from bots.wechat.account import WeChatAccount
from bots.wechat.events import UNSUPPORTED
from core.blame import Unavailable
from core.engine.engine import Busy
from core.messages import Answered, InboundKind
from core.sending.delivery_reports import DeliveryStatus
from tests.adapters.wechat.rig import FIXTURES, NOW, Door, account, answer, fixture
from tests.fakes.wechat import AES_KEY, APP_ID, TOKEN, event, message, text

TYPED, TAPPED, CAME, LEFT, SHOWED = (
    InboundKind.TYPED,
    InboundKind.TAPPED,
    InboundKind.CAME,
    InboundKind.LEFT,
    InboundKind.SHOWED,
)
AGREED, OPENED, SCENE, FOLLOWED, KEY = (
    InboundKind.AGREED,
    InboundKind.OPENED,
    InboundKind.SCENE,
    InboundKind.FOLLOWED,
    InboundKind.KEY,
)

POPUP = "VRR0UEO9VJOLs0MHlU0OilqX6MVFDwH3_3gz3Oc0NIc"
UNQUOTED = (
    "<xml><FromUserName>u</FromUserName><ToUserName>g</ToUserName><MsgType>text</MsgType>"
    "<Content>hello &lt;3</Content><MsgId>9</MsgId></xml>"
)
MEANINGS = [
    # fixture              user, id, kind and text of the message that it becomes
    ("text", "fromUser", "m:1234567890123456", TYPED, "this is a test"),
    ("image", "fromUser", "m:1234567890123456", SHOWED, ""),
    ("voice", "fromUser", "m:1234567890123456", SHOWED, ""),
    ("voice_recognised", "fromUser", "m:1234567890123456", TYPED, "腾讯微信团队"),
    ("video", "fromUser", "m:1234567890123456", SHOWED, ""),
    ("location", "fromUser", "m:1234567890123456", SHOWED, ""),
    ("link", "fromUser", "m:1234567890123456", SHOWED, ""),
    ("menu_message", "FromUser", "m:1234567890123456", TAPPED, "满意"),
    ("subscribe", "FromUser", "e:FromUser+123456789+subscribe+", CAME, ""),
    ("unsubscribe", "FromUser", "e:FromUser+123456789+unsubscribe+", LEFT, ""),
    ("subscribe_scene", "FromUser", "e:FromUser+123456789+subscribe+qrscene_123123", FOLLOWED, "123123"),
    ("scan", "FromUser", "e:FromUser+123456789+SCAN+SCENE_VALUE", SCENE, "SCENE_VALUE"),
    ("click", "FromUser", "e:FromUser+123456789+CLICK+EVENTKEY", KEY, "EVENTKEY"),
    (
        "scancode_waitmsg",
        "oMgHVjngRipVsoxg6TuX3vz6glDg",
        "e:oMgHVjngRipVsoxg6TuX3vz6glDg+1408090606+scancode_waitmsg+6",
        OPENED,
        "2",
    ),
    (
        "subscribe_popup",
        "otFpruAK8D-E6EfStSYonYSBZ8_4",
        "e:otFpruAK8D-E6EfStSYonYSBZ8_4+1610969440+subscribe_msg_popup_event+" + POPUP,
        AGREED,
        POPUP,
    ),
]


@pytest.mark.parametrize("safe", [True, False], ids=["aes", "plain"])
@pytest.mark.parametrize(("name", "user", "id", "kind", "words"), MEANINGS, ids=[case[0] for case in MEANINGS])
def test_what_a_delivery_means(name, user, id, kind, words, safe) -> None:
    door = Door(account() if safe else account(mode="plain", aes_key=None))
    door.words(door.deliver(fixture(name)))
    (taken,) = door.taken
    assert (taken.channel, taken.account, taken.user, taken.external_id) == ("wechat", "main", user, id)
    assert (taken.kind, taken.text, taken.waits) == (kind, words, True)
    assert (taken.received_at, taken.answer_by) == (NOW, NOW + timedelta(seconds=3.5))
    assert taken.room_bytes == 2048


def test_every_fixture_is_delivered() -> None:
    told = {case[0] for case in MEANINGS} | {"view", "location_event"} | {case[0] for case in RECEIPTS}
    assert {path.stem for path in FIXTURES.glob("*.xml")} == told


@pytest.mark.parametrize("name", ["view", "location_event"])
def test_what_is_no_message_is_taken_in_silence(door: Door, name: str) -> None:
    assert door.deliver(fixture(name)).data == b"success"
    assert door.taken == door.receipts == []


RECEIPTS = [
    ("subscribe_sent", "1700827132819554304", DeliveryStatus.DELIVERED, None, False),
    ("template_sent", "200163836", DeliveryStatus.DELIVERED, None, False),
    ("template_blocked", "200163836", DeliveryStatus.FAILED, "blocked", True),
    ("template_failed", "200163836", DeliveryStatus.FAILED, "not_sent", False),
]


@pytest.mark.parametrize(("name", "id", "fate", "error", "gone"), RECEIPTS, ids=[case[0] for case in RECEIPTS])
def test_what_became_of_a_notice(door: Door, name, id, fate, error, gone) -> None:
    assert door.deliver(fixture(name)).data == b"success"
    (receipt,) = door.receipts
    assert (receipt.channel, receipt.account, receipt.external_ids) == ("wechat", "main", (id,))
    assert (receipt.status, receipt.error, receipt.unreachable, receipt.unwanted) == (fate, error, gone, gone)
    assert door.taken == []


@pytest.mark.parametrize(
    ("status", "unwanted"),
    [
        ("failed:user block", True),
        ("failed: user block", True),
        ("failed: system failed", False),
        ("failed:blocked by the system", False),
        ("failed:user refuse", False),
        ("user block", False),
    ],
)
def test_only_a_player_who_blocked_us_wants_nothing(door: Door, status: str, unwanted: bool) -> None:
    door.deliver(fixture("template_blocked").replace("failed:user block", status))
    (receipt,) = door.receipts
    assert (receipt.unwanted, receipt.unreachable) == (unwanted, unwanted)
    assert receipt.at == datetime(2014, 3, 24, 11, 2, 1, tzinfo=UTC), "the end of the second that it names"


@pytest.mark.parametrize(
    ("code", "unwanted"), [("48002", True), ("43101", False)], ids=["all switched off", "this notice"]
)
def test_a_notice_that_is_refused_is_no_word_about_all_others(door: Door, code: str, unwanted: bool) -> None:
    sent = fixture("subscribe_sent").replace("<ErrorCode>0", f"<ErrorCode>{code}").replace("success", "user refuse")
    door.deliver(sent)
    (receipt,) = door.receipts
    assert (receipt.status, receipt.unwanted, receipt.unreachable) == (DeliveryStatus.FAILED, unwanted, unwanted)


@pytest.mark.parametrize("second", ["", "soon", "-1", "9" * 30, "١٣٩٥٦٥٨٩٢٠"])
def test_a_time_that_is_none_leaves_the_verdict(door: Door, second: str) -> None:
    door.deliver(fixture("template_blocked").replace("1395658920", second))
    (receipt,) = door.receipts
    assert (receipt.unwanted, receipt.at) == (True, None)


def test_without_a_desk_for_receipts_they_are_dropped() -> None:
    assert Door(reports=False).deliver(fixture("template_sent")).data == b"success"


@pytest.mark.parametrize(
    ("document", "kind", "words"),
    [
        (text("u", "I <!3 you"), TYPED, "I <!3 you"),
        (text("u", "<!DOCTYPE x>"), TYPED, "<!DOCTYPE x>"),
        (text("u", "a &amp; b"), TYPED, "a &amp; b"),
        (text("u", UNSUPPORTED), SHOWED, ""),
        (text("u", ""), TYPED, ""),
        (message("u", "voice", "1", Recognition="退订。"), TYPED, "退订"),
        (message("u", "voice", "1", Recognition=""), SHOWED, ""),
        (message("u", "hologram", "1"), SHOWED, ""),
        (event("u", "subscribe", "last_trade_no_4"), CAME, ""),
        (f"\ufeff\n{text('u', 'hello')}\n", TYPED, "hello"),
        (f'<?xml version="1.0" encoding="UTF-8"?>\n{text("u", "hello")}', TYPED, "hello"),
        (UNQUOTED, TYPED, "hello <3"),
    ],
    ids=["like a declaration", "a declaration typed", "no entity", "unsupported", "empty", "spoken", "mumbled",
         "new kind", "paid", "blanks around", "declared", "unquoted"],
)  # fmt: skip
def test_what_people_send_besides(door: Door, document, kind, words) -> None:
    door.words(door.deliver(document))
    assert [(taken.kind, taken.text) for taken in door.taken] == [(kind, words)]


@pytest.mark.parametrize(
    "name", ["pic_weixin", "location_select", "scancode_push", "scancode_waitmsg", "kf_close_session"]
)
def test_events_that_mean_nothing_to_us(door: Door, name: str) -> None:
    assert door.deliver(event("u", name, "key")).data == b"success"
    assert door.taken == []


def test_refused_notices_are_no_consent(door: Door) -> None:
    assert door.deliver(fixture("subscribe_popup").replace("accept", "reject")).data == b"success"
    assert door.taken == []


ANSWERS = [
    ("one", answer("hello"), "hello"),
    ("several", answer("hello", "you"), "hello\n\nyou"),
    ("some later", answer("hello", "you", "there", here=2), "hello\n\nyou"),
    ("all later", answer("hello", here=0), None),
    ("nothing to say", answer(), None),
    ("again", answer("hello", how=Answered.REPEATED), "hello"),
    ("failed", answer("sorry", how=Answered.FAILED), "sorry"),
    ("a quotation that ends", answer("a]]>b]]]>c<x>&amp;"), "a]]>b]]]>c<x>&amp;"),
    ("no XML character", answer("a\x00\x0b\ufffeb\nc"), "a\ufffd\ufffd\ufffdb\nc"),
]


@pytest.mark.parametrize("safe", [True, False], ids=["aes", "plain"])
@pytest.mark.parametrize(("answered", "words"), [case[1:] for case in ANSWERS], ids=[case[0] for case in ANSWERS])
def test_what_is_said_in_the_connection(answered, words, safe) -> None:
    door = Door(account() if safe else account(mode="plain", aes_key=None))
    door.answers = lambda _message: answered
    assert door.words(door.deliver(text("u", "hi"))) == words


def test_who_has_left_is_answered_nothing(door: Door) -> None:
    door.answers = lambda _message: answer("come back!")
    assert door.deliver(event("u", "unsubscribe")).data == b"success"


def test_a_reply_goes_from_our_account_to_the_player() -> None:
    door = Door(account(mode="plain", aes_key=None))
    document = door.deliver(text("u", "hi")).data.decode()
    assert "<ToUserName><![CDATA[u]]></ToUserName>" in document
    assert "<FromUserName><![CDATA[gh_7f083739789a]]></FromUserName>" in document
    assert f"<CreateTime>{int(NOW.timestamp())}</CreateTime>" in document


@pytest.mark.parametrize(
    ("trouble", "status"),
    [(Busy("too many wait"), 429), (Unavailable("the database is away"), 503), (ValueError("a fault"), 500)],
    ids=["busy", "no database", "a fault of ours"],
)
def test_what_is_not_answered_is_not_confirmed(door: Door, trouble, status) -> None:
    door.answers = lambda _message: trouble
    assert door.deliver(text("u", "hi")).status_code == status


def test_one_id_with_two_texts_is_counted(door: Door) -> None:
    door.answers = lambda _message: answer(how=Answered.TAMPERED)
    assert (door.words(door.deliver(text("u", "hi"))), door.unread[0][0]) == (None, "tampered")


def test_receipts_that_cannot_be_written_are_sent_again(monkeypatch) -> None:
    def away(_receipts) -> None:
        raise Unavailable("the database is away")

    monkeypatch.setattr(Door, "_report", staticmethod(away))
    assert Door().deliver(fixture("template_sent")).status_code == 503


def test_the_platforms_own_example_is_deciphered() -> None:
    sample = json.loads((FIXTURES / "enciphered.json").read_text(encoding="utf-8"))
    secrets = {name: SecretStr(sample[name]) for name in ("token", "aes_key")}
    told = sample["message"]
    door = Door(account(app_id=sample["app_id"], **secrets), now=at(told["query"]["timestamp"]))
    response = door.client.post("/wechat/main", query_string=told["query"], data=told["body"])
    assert response.status_code == 200
    (taken,) = door.taken
    assert (taken.user, taken.external_id, taken.text) == (told["user"], told["id"], told["says"])
    greeting = sample["greeting"]
    door.now = at(greeting["query"]["timestamp"])
    assert door.client.get("/wechat/main", query_string=greeting["query"]).text == greeting["says"]


def test_another_library_reads_our_replies(door: Door) -> None:
    door.answers = lambda _message: answer("你好 ]]> <b>")
    reply = xmltodict.parse(door.deliver(text("u", "hi")).data)["xml"]
    proof = reply["MsgSignature"], reply["TimeStamp"], reply["Nonce"]
    document = WeChatCrypto(TOKEN, AES_KEY, APP_ID).decrypt_message({"Encrypt": reply["Encrypt"]}, *proof)
    told = parse_message(document)
    assert (told.target, told.source, told.content) == ("u", "gh_7f083739789a", "你好 ]]> <b>")


def at(timestamp: str) -> datetime:
    return datetime.fromtimestamp(int(timestamp), UTC)


def test_each_account_has_its_own_door() -> None:
    door = Door(account(), account(name="second", token=SecretStr("another")))
    assert door.client.get("/wechat/third").status_code == 404
    assert door.post(door.delivering.signed(text("u", "hi")), "second").status_code == 403
    door.delivering.token = "another"
    assert door.post(door.delivering.signed(text("u", "hi")), "second").status_code == 200
    assert [taken.account for taken in door.taken] == ["second"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"aes_key": None}, "aes_key: give"),
        ({"aes_key": SecretStr("short")}, "aes_key: an EncodingAESKey has 43"),
        ({"aes_key": SecretStr("é" * 43)}, "aes_key: an EncodingAESKey has 43"),
        ({"token": SecretStr("")}, "token: may not"),
        ({"api_url": "ftp://x"}, "api_url"),
        ({"colour": "red"}, "colour"),
    ],
    ids=["no key", "short key", "no base 64", "no token", "no address", "unknown"],
)
def test_an_account_that_cannot_work_is_refused(wrong, says) -> None:
    with pytest.raises(ValueError, match=says) as refused:
        account(**wrong)
    assert "short" not in str(refused.value)


def test_an_account_shows_no_secret() -> None:
    assert isinstance(account(), WeChatAccount)
    assert "s3cret" not in repr(account())


EVENTS = [
    *("LOCATION", "VIEW", "view_miniprogram", "scancode_push", "pic_sysphoto", "pic_photo_or_album", "pic_weixin"),
    *("location_select", "media_id", "article_id", "article_view_limited", "MASSSENDJOBFINISH", "PUBLISHJOBFINISH"),
    *("subscribe_msg_change_event", "kf_create_session", "kf_close_session", "kf_switch_session", "add_express_path"),
    *("qualification_verify_success", "qualification_verify_fail", "naming_verify_success", "naming_verify_fail"),
    *("annual_renew", "verify_expired", "card_pass_check", "card_not_pass_check", "user_get_card", "user_del_card"),
    *("user_gifting_card", "user_consume_card", "user_pay_from_pay_cell", "user_view_card", "update_member_card"),
    *("user_enter_session_from_card", "card_sku_remind", "card_pay_order", "submit_membercard_user_info"),
    *("poi_check_notify", "ShakearoundUserShake", "WifiConnected", "merchant_order", "user_enter_tempsession"),
    *("user_info_modified", "user_authorization_revoke", "user_authorization_cancellation", "wxa_media_check"),
    *("guide_qrcode_scan_event", "open_product_order_pay", "device_event", "bind", "unbind", "telepathy"),
]
"""Events of the documents that tell nothing of a player's will, and one that may come."""
KINDS = ("image", "voice", "video", "shortvideo", "location", "link", "file", "music", "news", "miniprogrampage", "new")


def _push(kind: str, **fields: str) -> str:
    parts = {"ToUserName": "gh_1", "FromUserName": "o1", "CreateTime": "1796097600", "MsgType": kind, **fields}
    return f"<xml>{''.join(f'<{name}><![CDATA[{value}]]></{name}>' for name, value in parts.items())}</xml>"


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("spelled", [str, str.lower, str.upper])
def test_what_the_platform_tells_by_itself_is_nobodys_words(event: str, spelled: Callable[[str], str]) -> None:
    door = Door()
    pushed = _push("event", Event=spelled(event), EventKey="stop", Content="stop", Status="success", MsgId="7")
    assert door.words(door.deliver(pushed)) is None
    assert door.taken == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_shown_is_no_word(kind: str) -> None:
    door = Door()
    pushed = _push(kind, MsgId="7", Title="stop", Description="stop", Label="stop", Url="stop", Content="stop")
    assert door.words(door.deliver(pushed)) == "ok"
    assert [(message.text, message.kind) for message in door.taken] == [("", InboundKind.SHOWED)]
