"""Whatever the platform pushes is thanked for: what is nobody's message says, fails and costs nothing."""

import json
from typing import Any

import pytest

from core.messages import InboundKind
from core.sending.delivery_reports import DeliveryStatus
from tests.adapters.wechat.rig import Door, account
from tests.fakes.wechat import OURS, Delivering, Request, event, message

# Names and bodies after developers.weixin.qq.com/doc/service/en/guide/product/message/Receiving_event_pushes.html, the
# pages on cards, publishing, mass messages, guides and subscribe notices beside it, and what third-party platforms get.
EVENTS = {
    "user_info_modified": "<OpenID>o</OpenID><AppID>wx1</AppID><RevokeInfo>301</RevokeInfo>",
    "user_authorization_revoke": "<OpenID>o</OpenID><AppID>wx1</AppID><RevokeInfo>1</RevokeInfo><PluginID></PluginID>",
    "user_authorization_cancellation": "<OpenID>o</OpenID><AppID>wx1</AppID>",
    "VIEW": "<EventKey><![CDATA[https://win.example/?a=1&b=2]]></EventKey><MenuId>123</MenuId>",
    "view_miniprogram": "<EventKey><![CDATA[pages/index/index]]></EventKey><MenuId>123</MenuId>",
    "location_select": (
        "<EventKey>6</EventKey><SendLocationInfo><Location_X>23</Location_X><Scale>15</Scale>"
        "<Label><![CDATA[广州市]]></Label><Poiname></Poiname></SendLocationInfo>"
    ),
    **dict.fromkeys(
        ("pic_sysphoto", "pic_photo_or_album", "pic_weixin"),
        "<EventKey>6</EventKey><SendPicsInfo><Count>2</Count><PicList><item><PicMd5Sum>1b</PicMd5Sum></item>"
        "<item><PicMd5Sum>5a</PicMd5Sum></item></PicList></SendPicsInfo>",
    ),
    "scancode_push": "<EventKey>6</EventKey><ScanCodeInfo><ScanResult>1</ScanResult></ScanCodeInfo>",
    "MASSSENDJOBFINISH": (
        "<MsgID>1000001625</MsgID><Status>err(30003)</Status><TotalCount>0</TotalCount><CopyrightCheckResult><Count>2"
        "</Count><ResultList><item><ArticleIdx>1</ArticleIdx></item><item><ArticleIdx>2</ArticleIdx></item></ResultList>"
        "</CopyrightCheckResult><ArticleUrlResult><Count>1</Count></ArticleUrlResult>"
    ),
    "kf_create_session": "<KfAccount>test1@test</KfAccount>",
    "kf_close_session": "<KfAccount>test1@test</KfAccount>",
    "kf_switch_session": "<FromKfAccount>test1@test</FromKfAccount><ToKfAccount>test2@test</ToKfAccount>",
    "card_pass_check": "<CardId>c</CardId><RefuseReason></RefuseReason>",
    "user_get_card": "<FriendUserName>f</FriendUserName><CardId>c</CardId><UserCardCode>12312312</UserCardCode>",
    "user_consume_card": "<CardId>c</CardId><UserCardCode>12312312</UserCardCode>",
    "user_enter_session_from_card": "<CardId>c</CardId><UserCardCode>1</UserCardCode>",
    "submit_membercard_user_info": "<CardId>c</CardId>",
    "user_pay_from_pay_cell": "<CardId>c</CardId><Fee>10000</Fee>",
    "merchant_order": "<OrderId>1</OrderId><OrderStatus>2</OrderStatus>",
    "PUBLISHJOBFINISH": (
        "<PublishEventInfo><publish_id>1</publish_id><publish_status>0</publish_status><article_detail><count>1</count>"
        "<item><idx>1</idx></item><item><idx>2</idx></item></article_detail></PublishEventInfo>"
    ),
    "guide_qrcode_scan_event": "<GuideScanEvent><openid>o</openid><action>1</action></GuideScanEvent>",
    "guide_invite_result_event": "<GuideInviteEvent><invite_result>1</invite_result></GuideInviteEvent>",
    "poi_check_notify": "<UniqId>1</UniqId><PoiId>2</PoiId><Result>fail</Result>",
    "ShakearoundUserShake": "<AroundBeacons><AroundBeacon><Uuid>u</Uuid></AroundBeacon><AroundBeacon/></AroundBeacons>",
    "WifiConnected": "<ConnectTime>0</ConnectTime><VendorId>!</VendorId>",
    "qualification_verify_success": "<ExpiredTime>1442401156</ExpiredTime>",
    "annual_renew": "<ExpiredTime>1442401156</ExpiredTime>",
    "LOCATION": "<Latitude>23.137466</Latitude><Longitude>113.352425</Longitude><Precision>119.385040</Precision>",
    "user_enter_tempsession": "<SessionFrom>s</SessionFrom>",
    "wxa_media_check": "<trace_id>t</trace_id><result><suggest>risky</suggest></result>",
    "subscribe_msg_change_event": (
        "<SubscribeMsgChangeEvent><List><TemplateId>t</TemplateId><SubscribeStatusString>reject</SubscribeStatusString>"
        "</List></SubscribeMsgChangeEvent>"
    ),
    "subscribe_msg_popup_event": (
        "<SubscribeMsgPopupEvent><List><TemplateId>t</TemplateId><SubscribeStatusString>reject</SubscribeStatusString>"
        "<PopupScene>0</PopupScene></List></SubscribeMsgPopupEvent>"
    ),
    "an_event_of_2030": "<New><A>1</A><A>2</A></New><Unknown/>",
    "": "",
}
OTHERS = {
    "a ticket": "<xml><AppId>wx</AppId><CreateTime>1</CreateTime><InfoType>component_verify_ticket</InfoType></xml>",
    "an authorisation": "<xml><AppId>wx</AppId><InfoType>authorized</InfoType><Authorizer>a</Authorizer></xml>",
    "nobody": f"<xml><ToUserName>{OURS}</ToUserName><MsgType>event</MsgType><Event>annual_renew</Event></xml>",
    "nothing said": "<xml></xml>",
    "no body": "",
    "no JSON": '{"ToUserName": ',
    "a list": "[1, 2]",
    "a page": "<html><body>502 Bad Gateway</body></html>",
}
JSON = {"ToUserName": OURS, "FromUserName": "u", "CreateTime": 1, "MsgType": "text", "Content": "help", "MsgId": 7}


def pushed(name: str, inside: str) -> str:
    return event("u", name).replace("</xml>", f"{inside}</xml>")


@pytest.fixture(params=["aes", "plain"])
def door(request: Any) -> Door:
    return Door(account(mode=request.param))


def test_what_is_nobodys_message_says_nothing_and_is_thanked_for(door: Door) -> None:
    for document in (*(pushed(*one) for one in EVENTS.items()), *OTHERS.values()):
        assert door.words(door.deliver(document)) is None, document
    assert (door.taken, door.receipts) == ([], [])


@pytest.mark.parametrize("mode", ["aes", "plain"])
def test_a_push_that_comes_plain_and_enciphered_at_once_is_heard(mode: str) -> None:
    """The platform's 兼容模式."""
    door, said = Door(account(mode=mode)), message("u", "text", "9", Content="help")
    both = Delivering(lambda: door.now).signed(said)
    whole = said.replace("</xml>", "") + both.body.decode().partition("</ToUserName>")[2]
    response = door.post(Request(both.query, whole.encode()))
    assert door.words(response) == "ok"
    assert [(one.external_id, one.text) for one in door.taken] == [("m:9", "help")]
    assert door.unread == []


def test_a_mini_program_that_pushes_json_is_told_of(door: Door) -> None:
    assert door.words(door.deliver(json.dumps(JSON))) is None
    in_json = json.dumps({"ToUserName": OURS, "Encrypt": "eA=="}).encode()
    assert door.words(door.post(Request(door.delivering.signed("x").query, in_json))) is None
    assert [what for what, _ in door.unread] == ["json", "json"]


def test_receipts_of_every_kind_are_read(door: Door) -> None:
    list_of = "<SubscribeMsgSentEvent><List>{}</List></SubscribeMsgSentEvent>".format
    sent = "<MsgID>1700827132819554304</MsgID><ErrorCode>{}</ErrorCode><ErrorStatus>{}</ErrorStatus>"
    for name, inside in (
        ("subscribe_msg_sent_event", list_of(sent.format(0, "success"))),
        ("subscribe_msg_sent_event", list_of(sent.format(43101, "user refuse to accept the msg"))),
        ("TEMPLATESENDJOBFINISH", "<MsgID>1</MsgID><Status>success</Status>"),
        ("TEMPLATESENDJOBFINISH", "<MsgID>1</MsgID><Status>failed: system failed</Status>"),
        ("TEMPLATESENDJOBFINISH", "<Status>success</Status>"),
    ):
        assert door.words(door.deliver(pushed(name, inside))) is None
    fates = [DeliveryStatus.DELIVERED, DeliveryStatus.FAILED, DeliveryStatus.DELIVERED, DeliveryStatus.FAILED]
    assert [one.status for one in door.receipts] == fates
    assert not any(one.unwanted for one in door.receipts)


@pytest.mark.parametrize("content", ["points", "", "  \n", "哈" * 16_300])
def test_a_message_without_an_id_is_heard_once(door: Door, content: str) -> None:
    said = [
        message("u", "text", at=at, Content=text) for at, text in ((1, content), (1, content), (2, content), (2, "x"))
    ]
    for document in (*said, message("u", "image", at=1, PicUrl="a"), message("v", "text", at=1, Content=content)):
        assert door.words(door.deliver(document)) == "ok"
    names = [one.external_id for one in door.taken]
    assert names[0] == names[1]
    assert len(set(names)) == 5
    assert [one.kind for one in door.taken[:5]] == [InboundKind.TYPED] * 4 + [InboundKind.SHOWED]
    assert door.words(door.deliver(message("u", "text", Content="x").replace("CreateTime", "Other"))) is None


def test_fields_that_nobody_knows_change_nothing(door: Door) -> None:
    known = message("u", "text", "9", Content="help")
    strange = known.replace("</xml>", "<MsgDataId>x</MsgDataId><New><A>1</A></New><Empty/></xml>")
    for document in (known, strange, f'<?xml version="1.0" encoding="UTF-8"?>{known}'):
        assert door.words(door.deliver(document)) == "ok"
    assert {(one.external_id, one.text) for one in door.taken} == {("m:9", "help")}
