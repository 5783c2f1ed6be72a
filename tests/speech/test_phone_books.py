"""Phones as phone books print them: one reader for friends, parcels and sources, whatever stands around the digits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.phones import find_phone, find_phones, half_width, read_phone
from handlers.claims.details import details_of
from tests.snack import SNACK, SURE
from tests.stage import CAMPAIGN, Stage
from tests.talking import claims, faults, keys_of, play

pytestmark = pytest.mark.reading

PHONE, OTHER = "+8613800001007", "+8613900001008"
PRINTED = """
13800001007|138 0000 1007|138-0000-1007|138.0000.1007|138·0000·1007|138/0000/1007|138—0000—1007|138–0000–1007
138−0000−1007|138‑0000‑1007|13800001007。|“13800001007”|<13800001007>|📞 13800001007|[138-0000-1007]|138 0000 1007!
\u202a+86 138 0000 1007\u202c|\u202d138 0000 1007\u202c|\u2066+86 138‑0000‑1007\u2069|+86\u202d 138 0000 1007
\u200e138 0000 1007|\ufeff13800001007|138\u200b0000\u200b1007|+86\u00a0138\u00a00000\u00a01007|138\u20090000\u20091007
（+86）13800001007|(+86) 138-0000-1007|（＋86）138 0000 1007|+ 86 138 0000 1007|+86-138-0000-1007|+86.138.0000.1007
+86 (0)138 0000 1007|+86(0)13800001007|+86-013800001007|013800001007|0138 0000 1007|8613800001007|86 138 0000 1007
008613800001007|0086-138-0000-1007|00 86 138 0000 1007|(0086)13800001007|1️⃣3️⃣8️⃣0️⃣0️⃣0️⃣0️⃣1️⃣0️⃣0️⃣7️⃣|①38 0000 1007
１３８００００１００７|１３８－００００－１００７|١٣٨٠٠٠٠١٠٠٧|۱۳۸۰۰۰۰۱۰۰۷|१३८००००१००७|๑๓๘๐๐๐๐๑๐๐๗
tel:+8613800001007|tel:138-0000-1007|sms:+8613800001007|TEL;TYPE=CELL:+86 138 0000 1007
TEL;VALUE=uri:tel:+86-138-0000-1007
item1.TEL;type=CELL;type=VOICE;type=pref:+86 138-0000-1007|Phone: +86 138 0000 1007|Tel. 13800001007|phone13800001007
Mobile number: 13800001007|Cell phone: (+86)138 0000 1007|telephone number 13800001007|手机：13800001007
电话 138 0000 1007|手机号码: 13800001007|联系电话：13800001007|手机号码为13800001007
電話：13800001007|【手机】13800001007|13800001007 分机 801
联系方式 13800001007|+86 138-0000-1007 ext. 5|13800001007 x12|13800001007转5|13800001007#12|13800001007;ext=5
138-0000-1007（微信同号）|138 0000 1007 (home)|手机/微信：13800001007|home: 13800001007|Work +86 138 0000 1007
telprompt:13800001007|+86_138_0000_1007|13800001007,,5#|13800001007p5|一三八零零零零一零零七|幺三八〇〇〇〇幺〇〇七|138零零零零1007|tel://13800001007
""".strip()
WAYS = [way for line in PRINTED.split("\n") for way in line.split("|")]
TWO = [
    "138 0000 1007 139 0000 1008",
    "13800001007/13900001008",
    "13800001007或13900001008",
    "13800001007、13900001008",
    "138-0000-1007, 139-0000-1008",
]
CONTACTS = [
    "BEGIN:VCARD\nVERSION:3.0\nN:;小明;;;\nFN:小明\nTEL;TYPE=CELL:+86 138-0000-1007\nEND:VCARD",
    "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ann\r\nTEL;VALUE=uri;TYPE=cell:tel:+86-138-0000-1007\r\nEND:VCARD",
    "[姓名]小明\n[手机]13800001007",
    "姓名：小明\n电话：138 0000 1007",
    "Name: Ann\nMobile: +86 138 0000 1007",
]


def test_there_are_many_ways() -> None:
    assert len(WAYS) == len(set(WAYS)) > 70


@pytest.mark.parametrize("printed", WAYS)
def test_a_phone_is_read_however_a_phone_book_prints_it(printed: str) -> None:
    assert read_phone(printed, "CN") == find_phone(printed, "CN") == PHONE


_DIGITS = st.sampled_from(["0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९"])
_GAPS = st.sampled_from(["", " ", "-", "\u2011", "\u00a0", "·", "—", "\u202f", "．"])
_BEFORE = st.sampled_from(
    ["", "+86", "（+86）", "+86 (0)", "0086 ", "tel:+86-", "TEL;TYPE=CELL:", "手机号码：", "Phone: +86 "]
)
_AROUND = st.sampled_from(
    ["{}", "\u202a{}\u202c", "\u2066{}\u2069", "\u200e{}\u200e", "{} ext 12", "{}转8001", " {}。"]
)


@given(st.from_regex(r"1(3[0-9]|5[0-35-9]|8[0-9])[0-9]{8}", fullmatch=True), _DIGITS, _GAPS, _BEFORE, _AROUND)
def test_one_number_is_one_number_in_whatever_way_it_is_printed(
    number: str, digits: str, gap: str, before: str, around: str
) -> None:
    groups = gap.join([number[:3], number[3:7], number[7:]]).translate(str.maketrans("0123456789", digits))
    printed = around.format(before + groups)
    assert read_phone(printed, "CN") == find_phone(printed, "CN") == f"+86{number}"


@given(st.text(max_size=40))
def test_half_width_is_half_width_already(text: str) -> None:
    assert half_width(half_width(text)) == half_width(text)


def test_of_two_numbers_one_is_asked_for(stage: Stage) -> None:
    stage.publish(SURE)
    play(stage)
    stage.say("Anna Lee")
    for typed in TWO:
        assert find_phones(typed, "CN") == (PHONE, OTHER)
        assert stage.say(typed) == "delivery.one_phone"
        assert stage.say(typed, by="u2") == "recommend.several"
    assert keys_of(stage.say("13800001007")) == ["delivery.address"]
    assert faults(stage) == []


def test_a_friend_is_recommended_by_whatever_a_phone_book_sends(stage: Stage) -> None:
    stage.publish(SNACK)
    own_words = ("my friend's number is 138 0000 1007", "推荐好友的手机号：13800001007", "推荐 138 0000 1007 转 5")
    for place, printed in enumerate([*WAYS[::6], *CONTACTS, *own_words]):
        assert stage.say(printed, by=f"u{place}") == "recommend.waits inviter=20 phone=138****1007", printed
    assert faults(stage) == []


def test_the_courier_s_number_is_read_from_whatever_a_phone_book_sends(stage: Stage) -> None:
    stage.publish(SURE)
    play(stage)
    for answer in ("Anna Lee", "13900001008", "12 King Street"):
        stage.say(answer)
    for printed in [*WAYS[::8], *CONTACTS[::2]]:
        stage.say("3")
        assert keys_of(stage.say(printed)) == ["delivery.confirm"], printed
        (claim,) = claims(stage)
        assert details_of(stage.keys, claim).phone == PHONE


def test_a_phone_is_never_almost_a_code(stage: Stage) -> None:
    """In a campaign without friends, where it means nothing."""
    stage.publish(CAMPAIGN)
    stage.say("hello")
    assert {stage.say(printed) for printed in WAYS[::3]} == {"unknown.answer", "delivery.unasked"}


def test_a_long_run_of_groups_is_no_list_of_numbers() -> None:
    """Else each of a thousand groups would be tried with each that follows, half a second for one text."""
    assert find_phones("1 " * 1000, "CN") == ()
    assert find_phones("13800001007 " * 3, "CN") == (PHONE,)


@pytest.mark.parametrize(
    "text", ["ABCD EFGH JKMN", "2026-12-01", "192.168.0.1", "order 20261128001", "10 points", "1", "number 5", "ext 5"]
)
def test_what_is_no_phone_is_none(text: str) -> None:
    assert find_phones(text, "CN") == ()
