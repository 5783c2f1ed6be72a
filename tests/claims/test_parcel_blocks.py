"""Parcels from what people paste: one line or a block, Chinese or Western, labelled or not, in any order."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.brake import Brake
from core.messages import Answered
from core.models import Base, Guesses, Player
from handlers.claims.details import details_of
from handlers.claims.fulfilment import Parcel as Shipped
from handlers.claims.fulfilment import ship
from handlers.claims.parcel import holds_parcel
from handlers.claims.parcel_block import Parcel, as_address, as_name, read_parcel
from handlers.codes.say import recognise_code
from handlers.invites.recommend import recognise_phone
from tests.sentences import SENTENCES
from tests.snack import SURE
from tests.stage import Stage
from tests.talking import all_of, claims, faults, keys_of, link_up, play, states
from tests.watching import plant

pytestmark = pytest.mark.reading

NAME, PHONE, PLACE = "张三", "13800001007", "广东省深圳市南山区科技园1栋2单元301室"
LEE, CALLS, STREET = "Ann Lee", "+12175550123", "12 Main St, Springfield, IL 62704"

# what is pasted, the name, the address (None: it is asked for); the number is 13800001007
CHINESE = [
    ("收货人: 张三\n手机号码: 13800001007\n所在地区: 广东省深圳市南山区粤海街道\n详细地址: 科技园1栋", NAME, None),
    (
        "收货人: 张三\n手机号码: 86-13800001007\n所在地区: 广东省 深圳市\n详细地址: 科技园1栋\n邮政编码: 518000",
        NAME,
        None,
    ),
    ("[收货人] 张三\n[电话] 138 0000 1007\n[地址] 广东省深圳市南山区科技园1栋2单元301室", NAME, PLACE),
    ("收件人张三 手机13800001007 地址广东省深圳市南山区科技园1栋2单元301室", NAME, PLACE),
    ("姓名：张三，电话：138-0000-1007，详细地址：广东省深圳市南山区科技园1栋2单元301室", NAME, PLACE),
    ("你好，我叫张三，电话13800001007，地址广东省深圳市南山区科技园1栋2单元301室，谢谢", NAME, PLACE),
    ("张三13800001007广东省深圳市南山区科技园1栋2单元301室", NAME, PLACE),
    ("广东省深圳市南山区科技园1栋2单元301室张三13800001007", NAME, PLACE),
    ("张三广东省深圳市南山区科技园1栋2单元301室13800001007", NAME, PLACE),
    ("张三，（+86）138-0000-1007，广东省深圳市南山区科技园1栋2单元301室", NAME, PLACE),
    ("地址：广东省深圳市南山区科技园1栋2单元301室 13800001007 张三", NAME, PLACE),
    ("寄到：广东省深圳市南山区科技园1栋2单元301室 张三（收） 13800001007", NAME, PLACE),
    ("麻烦寄给：张三 13800001007 广东省深圳市南山区科技园1栋2单元301室", NAME, PLACE),
    ("欧阳娜娜 13800001007 上海市浦东新区张江路1号", "欧阳娜娜", "上海市浦东新区张江路1号"),
    ("阿卜杜拉·买买提 13800001007 乌鲁木齐市天山区1号", "阿卜杜拉·买买提", "乌鲁木齐市天山区1号"),
    ("王芳女士，13800001007转801，深圳市南山区科技园1栋", "王芳女士", "深圳市南山区科技园1栋"),
    ("Ann Lee 13800001007 北京市朝阳区建国路88号", "Ann Lee", "北京市朝阳区建国路88号"),
    (f"【收货人】张三【手机】13800001007【地址】{PLACE}", NAME, PLACE),
    (f"收 件 人：张三\n手 机：13800001007\n地 址：{PLACE}", NAME, PLACE),
    (f"1、张三 2、13800001007 3、{PLACE}", NAME, PLACE),
    (f"收货信息：张三 13800001007 {PLACE}", NAME, PLACE),
    (f"快递寄到{PLACE} 张三 13800001007", NAME, PLACE),
    (f"收货人: 张三\n手机号码: 13800001007\n详细地址: {PLACE}\n\n发自我的iPhone", NAME, PLACE),
    (
        "姓名:张三;电话:13800001007;省份:广东;城市:深圳市;区县:南山区;详细地址:科技园1栋",
        NAME,
        "广东 深圳市 南山区 科技园1栋",
    ),
    ("張三 13800001007 香港九龍彌敦道100號", "張三", "香港九龍彌敦道100號"),
]
CHINESE[0] = (*CHINESE[0][:2], "广东省深圳市南山区粤海街道 科技园1栋")
CHINESE[1] = (*CHINESE[1][:2], "广东省 深圳市 科技园1栋 518000")
WESTERN = [
    "Ann Lee\n12 Main St\nSpringfield, IL 62704\n+1 217 555 0123",
    "+1 217 555 0123\nAnn Lee\n12 Main St\nSpringfield, IL 62704",
    "12 Main St\nSpringfield, IL 62704\nAnn Lee\n(217) 555-0123",
    "12 Main St\nSpringfield, IL 62704\n217-555-0123\nAnn Lee",
    "Ann Lee, 12 Main St, Springfield, IL 62704, +1 217 555 0123",
    "Ship to: Ann Lee\n12 Main St\nSpringfield, IL 62704\nTel: (217) 555-0123",
    "Name\nAnn Lee\nPhone\n+12175550123\nAddress\n12 Main St, Springfield, IL 62704",
    "Full name: Ann Lee\nMobile: 217.555.0123\nShipping address: 12 Main St, Springfield, IL 62704",
    "Attn: Ann Lee, 12 Main St, Springfield, IL 62704. Phone: 217-555-0123",
    "Ann Lee\nann@example.com\n12 Main St\nSpringfield, IL 62704\n+1 217 555 0123\nThanks!",
    "To: Ann Lee\n12 Main St\nSpringfield, IL 62704\nPhone: (217) 555-0123",
    "First name: Ann\nLast name: Lee\nAddress: 12 Main St, Springfield, IL 62704\nPhone: 217 555 0123",
    "My name is Ann Lee, my address is 12 Main St, Springfield, IL 62704 and my phone is 217 555 0123",
    "Name - Ann Lee\nPhone - 217 555 0123\nAddress - 12 Main St, Springfield, IL 62704",
    "name=Ann Lee; phone=2175550123; address=12 Main St, Springfield, IL 62704",
    "Hi, ship to Ann Lee, 12 Main St, Springfield, IL 62704, phone 217 555 0123, thank you",
]
SAYINGS = (
    """
谢谢|谢谢你们|多谢！|好的|好|嗯|是的|对|不是|不要|?|？|1|２|三|第2个|[呲牙]|👍|🎉🎉|ok|OK thanks|yes
Yes!|no|nope|sure|thanks a lot
thank you|hi|hello|在吗|你好|我|本人|我自己|me|myself|later|稍等|等一下|不知道|idk|I don't know|什么时候发货？|怎么填
how long does it take?|what do you need|when will it arrive|是免费的吗|多少钱|same|同上|收货人|name|电话
13800001007|123456|....
好滴|谢啦|没有了|你猜|是我|我老婆|我的|它|那个谁|it's me|mine|http://x.cn/abc|ann@example.com|A
""".replace("\n", "|")
    .strip("|")
    .split("|")
)


@pytest.mark.parametrize(("pasted", "name", "address"), CHINESE, ids=[row[0][:12] for row in CHINESE])
def test_a_chinese_block_is_told_apart(pasted: str, name: str, address: str) -> None:
    assert read_parcel(pasted, "CN").said == {"name": name, "phone": f"+86{PHONE}", "address": address}


@pytest.mark.parametrize("pasted", WESTERN)
def test_a_western_block_is_told_apart(pasted: str) -> None:
    assert read_parcel(pasted, "US").said == {"name": LEE, "phone": CALLS, "address": STREET}


# what shops, couriers and phones copy: the number and the place are those of above
COPIED = [
    f"张三[8765]\n13800001007-8765\n{PLACE}",
    f"收件人：张三\n电话：13800001007转8765\n地址：{PLACE}",
    f"顺丰速运 运单号：SF1234567890123\n收方：张三 13800001007\n{PLACE}",
    f"运单号 SF1234567890123\n收件人 张三\n收件电话 13800001007\n收件地址 {PLACE}",
    f"订单编号：1234567890123456789\n收货人：张三\n电话：13800001007\n收货地址：{PLACE}\n下单时间：2026-11-01 10:00:00",
    f"收货人：张三\n手机号码：86-13800001007\n详细地址：{PLACE}\n设为默认地址",
    f"收货人：张三\n联系方式：138 0000 1007\n收货地址：{PLACE}\n复制以上信息",
    f"张三\n手机\n+86 138 0000 1007\n住宅\n{PLACE}",
    f"张三\n\n手机: +86 138-0000-1007\n住宅地址: {PLACE}",
    f"BEGIN:VCARD\nN:张;三;;;\nFN:张三\nTEL;type=CELL:+86 138 0000 1007\nADR;type=HOME:;;{PLACE};;;;\nEND:VCARD",
    f"姓名\t电话\t地址\n张三\t13800001007\t{PLACE}",
    f"张三\t13800001007\t{PLACE}",
    f"姓名：张三；电话：１３８００００１００７；地址：{PLACE}",
    f"【收货人】：张三【联系电话】：13800001007【详细地址】：{PLACE}",
    f"张三 (86)13800001007 {PLACE}",
    f"张三 0086 138 0000 1007 {PLACE}",
    f"收货信息：张三，13800001007，{PLACE}",
    f"买家：张三 13800001007 {PLACE}",
    f"@zhangsan\n张三 13800001007\n{PLACE}",
]
COPIED_WESTERN = [
    "Ann Lee (@annlee)\n+1 217 555 0123\n12 Main St, Springfield, IL 62704",
    "Name: Ann Lee\nUsername: @annlee\nPhone: +12175550123\nAddress: 12 Main St, Springfield, IL 62704",
    "Order #112-3456789-0123456\nShip to\nAnn Lee\n12 Main St\nSpringfield, IL 62704\nPhone: +1 217-555-0123",
    "Ann Lee\nmobile\n(217) 555-0123\nhome\n12 Main St\nSpringfield, IL 62704",
    "Ann Lee\t+1 217 555 0123\t12 Main St, Springfield, IL 62704",
    "Ann Lee\n12 Main St\nSpringfield, IL 62704\n(217) 555-0123 ext. 45",
    "Delivery address\nAnn Lee\n12 Main St\nSpringfield, IL 62704\n+1 217 555 0123",
    "Tracking number: 1Z999AA10123456784\nConsignee: Ann Lee, 12 Main St, Springfield, IL 62704, +1 217 555 0123",
    "BEGIN:VCARD\nFN:Ann Lee\nitem1.TEL:+1 217 555 0123\nADR:;;12 Main St;Springfield;IL 62704;;\nEND:VCARD",
]
SENDERS = [
    ("寄件人：", "收件人："),
    ("【寄件人】", "【收件人】"),
    ("寄方：", "收方："),
    ("寄：", "收："),
    ("寄件方\n", "收件方\n"),
    ("寄件人信息\n", "收件人信息\n"),
    ("发货人：", "收货人："),
    ("发货信息：", "收货信息："),
    ("发件人 ", "收件人 "),
    ("發貨人：", "收貨人："),
    ("卖家：", "买家："),
    ("From: ", "To: "),
    ("FROM\n", "TO\n"),
    ("Sender: ", "Recipient: "),
    ("SHIP FROM:\n", "SHIP TO:\n"),
    ("Shipper: ", "Consignee: "),
    ("Return address: ", "Delivery address: "),
    ("Bill to:\n", "Ship to:\n"),
]
FIELD_BY_FIELD = [
    (
        "寄件人姓名：李四\n寄件人电话：13900001008\n寄件人地址：上海市浦东新区张江路1号\n",
        f"收件人姓名：张三\n收件人电话：13800001007\n收件人地址：{PLACE}\n",
        "CN",
    ),
    (
        "寄件人：李四\n电话：13900001008\n地址：上海市浦东新区张江路1号\n",
        f"收件人：张三\n电话：13800001007\n地址：{PLACE}\n",
        "CN",
    ),
    (
        "发货人：李四 13900001008\n发货地址：上海市浦东新区张江路1号\n",
        f"收货人：张三 13800001007\n收货地址：{PLACE}\n",
        "CN",
    ),
    (
        "Sender name: Bob Hill\nSender phone: 303 555 0199\nSender address: 9 Oak Ave, Denver, CO 80202\n",
        "Receiver name: Ann Lee\nReceiver phone: 217 555 0123\nReceiver address: 12 Main St, Springfield, IL 62704\n",
        "US",
    ),
]
WHOLE = {
    "CN": {"name": NAME, "phone": f"+86{PHONE}", "address": PLACE},
    "US": {"name": LEE, "phone": CALLS, "address": STREET},
}


@pytest.mark.parametrize("pasted", COPIED)
def test_what_shops_and_couriers_copy_is_told_apart(pasted: str) -> None:
    read = read_parcel(pasted, "CN").said
    assert read | {"address": read["address"].replace("中国 ", "")} == WHOLE["CN"]
    assert holds_parcel(pasted)


@pytest.mark.parametrize("pasted", COPIED_WESTERN)
def test_what_western_shops_copy_is_told_apart(pasted: str) -> None:
    assert read_parcel(pasted, "US").said == WHOLE["US"]


@pytest.mark.parametrize(("sender", "recipient"), SENDERS)
@pytest.mark.parametrize("first", ["sender", "recipient"])
@pytest.mark.parametrize("region", ["CN", "US"])
def test_of_a_shipping_order_only_the_recipient_is_taken(sender: str, recipient: str, first: str, region: str) -> None:
    if region == "CN":
        blocks = [f"{sender}李四 13900001008 上海市浦东新区张江路1号", f"{recipient}张三 13800001007 {PLACE}"]
    else:
        blocks = [
            f"{sender}Bob Hill\n9 Oak Ave\nDenver, CO 80202\n+1 303 555 0199",
            f"{recipient}Ann Lee\n12 Main St\nSpringfield, IL 62704\n+1 217 555 0123",
        ]
    pasted = "\n".join(blocks if first == "sender" else reversed(blocks))
    assert read_parcel(pasted, region).said == WHOLE[region]
    assert holds_parcel(pasted)


@pytest.mark.parametrize(("sender", "recipient", "region"), FIELD_BY_FIELD)
def test_of_an_order_field_by_field_only_the_recipient_is_taken(sender: str, recipient: str, region: str) -> None:
    for pasted in (sender + recipient, recipient + sender):
        assert read_parcel(pasted, region).said == WHOLE[region]


def test_who_sends_alone_is_whoever_wrote_it() -> None:
    assert read_parcel(f"寄件人：张三 {PHONE} {PLACE}", "CN").phone == f"+86{PHONE}"
    assert read_parcel(f"张三 {PHONE} {PLACE}\n寄件人：李四 13900001008", "CN").said == WHOLE["CN"]


# what has digits, places or names in it and says of no parcel where it goes
ELSE = [
    "【菜鸟】您的包裹已到北京市朝阳区建国路88号驿站，取件码8-2-3301，电话13800001007",
    "生产批号是20261101A，保质期12个月",
    "我在2楼等了3小时，电话13800001007",
    "我在北京市朝阳区建国路88号1号楼的店里买的，没有码怎么办",
    "你们公司地址是上海市浦东新区张江路1号2楼吗？",
    "快递到哪了，单号SF1234567890123",
    "Your verification code is 123456. Do not share it. Call 800 555 0199",
    "my order number is 1234567890 when does it ship",
    f"退订 {PHONE}",
    f"stop texting {PHONE}",
    f"积分 {PHONE}",
    f"单号 {PHONE}",
    PHONE,
]


@pytest.mark.parametrize("said", ELSE)
def test_what_is_said_of_something_else_is_no_parcel(said: str) -> None:
    assert not holds_parcel(said)
    assert said == PHONE or recognise_phone(said, frozenset()) is None


def test_no_ordinary_sentence_is_a_parcel() -> None:
    assert [sentence for sentence in SENTENCES if holds_parcel(sentence) and "收货人" not in sentence] == []


def test_a_wish_is_no_name() -> None:
    assert [as_name(wish) for wish in ("STOP", "退订", "unsubscribe", "stop texting me", "垃圾活动")] == [None] * 5


_CUTS = st.sampled_from([" ", ",", "，", "\n", "\t", ";", "；", "、", " | ", "\n\n", "/ ", "\r\n"])
_LABELS = st.tuples(
    st.sampled_from(["收货人: ", "收件人：", "姓名：", "收件人", "[姓名] "]),
    st.sampled_from(["手机号码: ", "电话：", "手机 ", "联系电话：", "【电话】"]),
    st.sampled_from(["详细地址: ", "收货地址：", "地址：", "地址", "[地址]"]),
)
_NAMES = st.sampled_from(["张三", "王小明", "欧阳娜娜", "李想", "陳大文", "郑爽", "那英"])
_PLACES = st.sampled_from(
    [PLACE, "上海市浦东新区张江路1号", "内蒙古呼和浩特市新城区2号楼", "北京朝阳区建国路88号3单元1204室"]
)
_ORDERS = st.sampled_from(list(permutations(range(3))))


@given(_NAMES, _PLACES, _CUTS, _ORDERS, st.none() | _LABELS)
def test_any_order_and_any_separator_say_the_same(
    name: str, place: str, cut: str, order: tuple[int, ...], labels: tuple[str, str, str] | None
) -> None:
    fields = [before + field for before, field in zip(labels or ("", "", ""), (name, PHONE, place), strict=True)]
    read = read_parcel(cut.join(fields[each] for each in order), "CN")
    assert read == Parcel(name, f"+86{PHONE}", place, labelled=labels is not None)


@given(
    st.sampled_from(["Ann Lee", "José da Silva", "Bo Chen", "Mr. J. R. Smith"]),
    _ORDERS,
    st.sampled_from(["\n", "\n\n"]),
)
def test_any_order_of_western_lines_says_the_same(name: str, order: tuple[int, ...], cut: str) -> None:
    fields = (name, "+1 217 555 0123", "12 Main St\nSpringfield, IL 62704")
    assert read_parcel(cut.join(fields[each] for each in order), "US").said == {
        "name": name,
        "phone": CALLS,
        "address": STREET,
    }


@pytest.mark.parametrize("saying", SAYINGS)
def test_what_people_say_is_neither_a_name_nor_an_address(saying: str) -> None:
    assert (as_name(saying), as_address(saying), read_parcel(saying, None).said) == (None, None, {})


def test_no_sentence_is_taken_for_a_whole_parcel() -> None:
    assert len(SENTENCES) > 100
    taken = [sentence for sentence in SENTENCES if len(read_parcel(sentence, None).said) > 1]
    assert [sentence for sentence in taken if "地址" not in sentence] == []


@given(st.text(max_size=600), st.sampled_from(["CN", "US", None]))
def test_any_text_is_a_parcel_or_harmless(text: str, region: str | None) -> None:
    said = read_parcel(text, region).said
    assert len(said.get("name", "")) <= 60
    assert len(said.get("address", "")) <= 200


def _won(stage: Stage) -> Stage:
    stage.publish(SURE)
    assert keys_of(play(stage)) == ["redeem.won", "delivery.name"]
    return stage


def _kept(stage: Stage) -> tuple[str | None, str | None, str | None]:
    (claim,) = claims(stage)
    known = details_of(stage.keys, claim)
    return known.name, known.phone, known.address


# id, what is said to "who receives it?" and so on, what is asked after each, what is kept
CONVERSATIONS = [
    ("all at once", [f"{NAME} {PHONE} {PLACE}"], ["delivery.confirm"], (NAME, f"+86{PHONE}", PLACE)),
    ("a labelled block", [CHINESE[2][0]], ["delivery.confirm"], (NAME, f"+86{PHONE}", PLACE)),
    ("a shipping order", [f"【寄件人】李四 13900001008 上海市浦东新区张江路1号【收件人】{NAME} {PHONE} {PLACE}"],
     ["delivery.confirm"], (NAME, f"+86{PHONE}", PLACE)),
    ("no number", [f"{NAME} {PLACE}"], ["delivery.phone"], (NAME, None, PLACE)),
    ("no address", [f"收货人：{NAME}\n电话：{PHONE}"], ["delivery.address"], (NAME, f"+86{PHONE}", None)),
    ("no name", [f"{PHONE}\n{PLACE}"], ["delivery.name"], (None, f"+86{PHONE}", PLACE)),
    ("two numbers", [f"{NAME} {PHONE}/13900001008 {PLACE}", PHONE], ["delivery.phone", "delivery.confirm"], None),
    ("a hidden number", ["姓名：张三\n地址：深圳市南山区1栋\n电话：138****1007"], ["delivery.phone"], None),
    ("the number first", [PHONE, NAME, PLACE], ["delivery.name", "delivery.address", "delivery.confirm"], None),
    ("all at the address", [NAME, PHONE, f"{NAME} {PHONE} {PLACE}"], ["delivery.phone", "delivery.address",
     "delivery.confirm"], (NAME, f"+86{PHONE}", PLACE)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "said", "asked", "kept"), CONVERSATIONS, ids=[row[0] for row in CONVERSATIONS])
def test_what_is_missing_is_asked(stage: Stage, name: str, said: list[str], asked: list[str], kept: object) -> None:
    _won(stage)
    assert [keys_of(stage.say(text))[-1] for text in said] == asked
    assert kept is None or _kept(stage) == kept
    if asked[-1] == "delivery.confirm":
        assert keys_of(stage.say("对的"))[0] == "claim.ready"
        assert states(stage) == ["ready"]
    assert faults(stage) == []


def test_a_block_puts_all_of_it_right_while_it_is_shown(stage: Stage) -> None:
    _won(stage)
    stage.say(f"李四 13900001008 {PLACE}")
    assert f"name={NAME}" in stage.say(f"{NAME}，{PHONE}，上海市浦东新区张江路1号")
    assert _kept(stage) == (NAME, f"+86{PHONE}", "上海市浦东新区张江路1号")
    assert faults(stage) == []


def test_nothing_that_is_said_in_between_becomes_a_part(stage: Stage) -> None:
    _won(stage)
    for saying in ("谢谢", "yes", "好的", "?", "1", "客服", "什么时候发货？"):
        assert keys_of(stage.say(saying))[-1] in {"delivery.name", "question.dropped"}, saying
        stage.say("prizes")
    stage.say(NAME)
    stage.say(PHONE)
    for saying in ("谢谢你们啊", "thank you", "how long does it take?", "我不知道"):
        assert keys_of(stage.say(saying))[-1] in {"delivery.address", "question.dropped"}, saying
        stage.say("prizes")
    assert _kept(stage) == (NAME, f"+86{PHONE}", None)
    assert faults(stage) == []


BLOCK = f"{NAME} {PHONE} {PLACE}"
ELSEWHERE = "李四，13900001008，上海市浦东新区张江路1号"
# what is said where nothing waits to be sent, and nobody can be recommended
NOWHERE = [
    BLOCK,
    f"姓名：{NAME}\n电话：{PHONE}\n地址：{PLACE}",
    f"姓名：{NAME}\n电话：{PHONE}",
    f"{NAME} {PHONE}",
    f"我的地址是{PLACE}，电话{PHONE}",
    PLACE,
    PHONE,
    f"+86 {PHONE}",
    f"tel: {PHONE}",
    f"我的手机号是{PHONE}",
    "my phone number is +1 217 555 0123",
    "Ann Lee, 12 Main St, Springfield, IL 62704, +1 217 555 0123",
    "Ann Lee\n12 Main St\nSpringfield, IL 62704\n(217) 555-0123",
    "12 Main St, Springfield, IL 62704",
    "Ann Lee +1 217 555 0123",
    "Phone: +1 217 555 0123\nAddress: 12 Main St, Springfield, IL 62704",
    "Flat 2, 12B Baker Street, London NW1 6XE, +44 20 7946 0958",
]


@pytest.fixture
def plain(stage: Stage) -> Stage:
    """A stage on which no friends are recommended."""
    stage.publish(SURE[: SURE.index("invites:")])
    return stage


def test_where_nothing_is_to_be_sent_that_is_said_and_nothing_kept(plain: Stage) -> None:
    plant(*NOWHERE)
    assert keys_of(plain.say(BLOCK, by="new")) == ["welcome.answer", "delivery.unasked"]
    plain.say("hello")
    answers = [(pasted, keys_of(plain.say(pasted))) for pasted in NOWHERE]
    assert answers == [(pasted, ["delivery.unasked"]) for pasted in NOWHERE]
    assert all_of(plain, Player) == []
    with plain.sessions() as session:
        assert session.scalar(select(func.sum(Guesses.wrong))) is None
        clear = repr([session.execute(select(table)).all() for table in Base.metadata.sorted_tables])
    assert [each for each in (NAME, PHONE, PLACE, "Springfield", "217 555") if each in clear] == []
    assert faults(plain) == []


def test_no_part_of_an_address_costs_a_try(plain: Stage) -> None:
    plain.codes(1)
    plain.say("hello")
    postcode = "Ann Lee\n71 King Street\nLondon N4 7FD\n020 7946 0958"  # N47FD0207946 ends in its check symbol
    assert recognise_code(postcode, frozenset({(12, True)})) is not None
    assert keys_of(plain.say(postcode)) == ["delivery.unasked"]
    with plain.sessions() as session:
        assert session.scalar(select(func.sum(Guesses.wrong))) is None


def test_an_address_is_no_code_and_a_code_beside_it_counts(plain: Stage) -> None:
    (code,) = plain.codes(1)
    assert keys_of(plain.say(f"{BLOCK} {code}"))[:2] == ["redeem.won", "delivery.name"]
    assert faults(plain) == []


@pytest.mark.parametrize("pasted", [BLOCK, f"{NAME} {PHONE}", PHONE, f"我的手机号是{PHONE}", f"{PHONE} {PLACE}"])
def test_a_delivery_that_wants_it_takes_what_is_pasted_later(stage: Stage, pasted: str) -> None:
    _won(stage)
    stage.say("leave")
    kept = read_parcel(pasted, "CN")
    missing = next((field for field in ("name", "phone", "address") if field not in kept.said), "confirm")
    assert keys_of(stage.say(pasted)) == [f"delivery.{missing}"]
    assert _kept(stage) == (kept.name, kept.phone, kept.address)
    assert states(stage) == ["open"]
    assert faults(stage) == []


def test_a_block_after_the_question_has_expired_is_not_lost(stage: Stage) -> None:
    _won(stage)
    stage.wait(days=2)
    assert keys_of(stage.say(BLOCK)) == ["delivery.confirm"]


def test_what_was_said_is_replaced_only_by_a_yes(stage: Stage) -> None:
    _won(stage)
    stage.say(BLOCK)
    stage.say("yes")
    before = _kept(stage)
    for answer, kept in (("no", before), ("2", before), ("yes", ("李四", "+8613900001008", "上海市浦东新区张江路1号"))):
        asked = stage.say(ELSEWHERE)
        assert keys_of(asked)[0] == "delivery.instead"
        assert "name=李四" in asked
        assert _kept(stage) == before
        assert keys_of(stage.say(answer)) == ["delivery.confirm"]
        assert _kept(stage) == kept
        stage.say("leave")
    (claim,) = claims(stage)
    assert (claim.state, claim.revision, details_of(stage.keys, claim).offered) == ("ready", 2, None)
    assert keys_of(stage.say(ELSEWHERE)) == ["delivery.confirm"]
    assert faults(stage) == []


def test_while_it_is_asked_another_block_stands_in_its_place(stage: Stage) -> None:
    _won(stage)
    stage.say(BLOCK)
    stage.say("yes")
    stage.say(ELSEWHERE)
    assert keys_of(stage.say("points"))[-1] == "delivery.instead"
    assert "name=王五" in stage.say(f"王五 {PHONE} {PLACE}")
    stage.say("yes")
    assert _kept(stage) == ("王五", f"+86{PHONE}", PLACE)
    assert faults(stage) == []


def test_on_a_linked_address_what_is_offered_is_masked(stage: Stage) -> None:
    _won(stage)
    stage.say(BLOCK)
    stage.say("yes")
    link_up(stage, ("u2", "second"), ("u1", "test"))
    stage.say(ELSEWHERE)
    assert "delivery.instead" not in stage.say("points", by="u2", channel="second"), "it is asked where it was said"
    asked = stage.say("prizes", by="u2", channel="second")
    assert "delivery.confirm" in asked
    assert "南山" not in asked
    assert "delivery.confirm" in stage.say("yes")
    assert _kept(stage) == ("李四", "+8613900001008", "上海市浦东新区张江路1号")
    assert "浦东" in stage.say("prizes")
    assert "浦东" not in stage.say("prizes", by="u2", channel="second")


def test_a_part_that_differs_is_asked_about(stage: Stage) -> None:
    _won(stage)
    stage.say(f"{NAME} {PHONE}")
    stage.say("leave")
    assert keys_of(stage.say(f"王五 {PLACE} 13900001008"))[0] == "delivery.instead"
    assert keys_of(stage.say("yes")) == ["delivery.confirm"]
    assert _kept(stage) == ("王五", "+8613900001008", PLACE)


def test_what_has_been_sent_is_told_instead(plain: Stage) -> None:
    play(plain)
    plain.say(BLOCK)
    plain.say("yes")
    (claim,) = claims(plain)
    assert ship(plain.runtime, claim.id, Shipped("SF", "1", 1), plain.now)
    assert keys_of(plain.say(ELSEWHERE)) == ["delivery.unasked", "claim.shipped_with"]
    assert _kept(plain) == (NAME, f"+86{PHONE}", PLACE)


# with friends: what is said after all is known, and how it is answered
FRIENDS = [
    (PHONE, "recommend.waits"),
    (f"推荐 {PHONE}", "recommend.waits"),
    (f"my friend's number is {PHONE}", "recommend.waits"),
    (f"我的电话：{PHONE}", "delivery.instead"),
    (f"姓名：王五\n手机：{PHONE}", "recommend.waits"),
    (f"王五 {PHONE}", "delivery.instead"),
    (f"王五 {PHONE} {PLACE}", "delivery.instead"),
]


@pytest.mark.parametrize(("said", "answered"), FRIENDS)
def test_a_number_alone_is_a_friends_where_no_courier_wants_one(stage: Stage, said: str, answered: str) -> None:
    _won(stage)
    for text in (ELSEWHERE, "yes"):
        stage.say(text)
    assert keys_of(stage.say(said))[0] == answered
    assert faults(stage) == []


def test_a_friends_name_and_number_recommend(stage: Stage) -> None:
    stage.publish(SURE)
    assert keys_of(stage.say(f"王五 {PHONE}"))[0] == "recommend.waits"
    assert keys_of(stage.say(f"推荐 {PHONE}"))[0] == "recommend.again"


def test_a_machine_that_signs_with_its_address_is_soon_left_alone(plain: Stage) -> None:
    plain.brake = Brake()
    plain.say("hello")
    assert sum(plain.say(BLOCK) != Answered.NEW for _ in range(20)) == Brake().helpless
