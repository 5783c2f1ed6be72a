"""Templates with several fields: what is refused where the account is read, and what the platform is handed."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bots.wechat.client import Client
from bots.wechat.notice import KINDS, Notice, misfit, told
from bots.wechat.outbound import WeChatSends
from core.sending.outbound import Delivered, Refused, SendMode, TryAgain
from tests.adapters.wechat.rig import NOW, account, outbound
from tests.fakes.wechat import Platform

MINI = {"app_id": "wx0123456789abcdef", "page": "pages/index?from=notice"}

# a field, values that the platform's documents give as good, and such as it refuses
FIELDS = [
    ("thing1", ["奖品已寄出", "a" * 20], ["a" * 21, "two\nlines"]),
    ("thing01", ["奖品"], ["奖" * 21]),
    ("const3", ["已完成"], ["完" * 21]),
    ("character_string2", ["KX7Q-2026", "#" * 32], ["订单7", "7" * 33]),
    ("letter1", ["abcXYZ"], ["abc1", "中"]),
    ("number01", ["12", "12.50", "-3"], ["12a", "一", "1" * 33]),
    ("symbol1", ["#@!"], ["abc", "#@!#@!"]),
    (
        "time3",
        ["15:01", "15:01:30", "2019年10月1日 15:01", "15:01~16:00", "2018-01-01 15:01"],
        ["now", "2019年10月1日"],
    ),
    (
        "date4",
        ["2019年10月1日", "2019年10月1日 15:01", "2018-01-01", "2018/01/01", "01-01", "10月1日"],
        ["soon", "15:01"],
    ),
    ("amount1", ["¥100.5", "100元", "7"], ["abc", "12345678901", "100 000 元整"]),
    ("phone_number1", ["+86-0766-66888866", "10086"], ["call us", "1" * 18]),
    ("car_number1", ["粤A8Z888挂", "粤A8Z888"], ["粤粤A8Z8", "粤A8Z88888"]),
    ("name1", ["张三", "Anna Bell", "张" * 10], ["张" * 11, "a" * 21]),
    ("phrase5", ["配送中"], ["正在配送中呢", "on its way"]),
    ("keyword1", ["anything at all, as long as one likes"], []),
    ("enum_string2", ["anything"], []),
    ("remark", ["anything"], []),
]


@pytest.mark.parametrize(("name", "good", "bad"), FIELDS, ids=[one[0] for one in FIELDS])
def test_a_value_that_the_platform_refuses_is_refused_where_the_account_is_read(name, good, bad) -> None:
    for value in good:
        assert Notice(id="t", field="thing9", also={name: value}).also == {name: value}
    for value in bad:
        with pytest.raises(ValidationError, match=f"also: {name}: it takes"):
            Notice(id="t", field="thing9", also={name: value})


def test_every_kind_is_tried() -> None:
    assert KINDS
    assert {name.rstrip("0123456789") for name, *_ in FIELDS} >= set(KINDS)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"field": "time2"}, "field: time2 takes a time such as 15:01, and no words; give its value in also"),
        ({"field": ["thing1", "phrase2"]}, "field: phrase2 takes Chinese characters, and no words"),
        ({"field": ["thing1", "thing1"]}, "stands there twice"),
        ({"field": "thing1", "also": {"thing1": "a"}}, "thing1 is filled with the words"),
        ({"also": {"phrase2": "{time}"}}, "also: phrase2: it takes Chinese characters, 5 characters at most"),
        ({"url": "snack.example"}, "url"),
        ({"mini": {"app_id": "gh_7f083739789a"}}, "mini.app_id"),
    ],
)
def test_a_template_that_cannot_be_is_refused(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Notice(**{"id": "t", **given})
    assert says in str(refused.value)


@given(st.text(), st.lists(st.sampled_from(["thing1", "thing2", "thing3", "keyword4"]), min_size=1, unique=True))
def test_whatever_is_said_fits_its_fields_and_nothing_is_lost_in_silence(text: str, fields: list[str]) -> None:
    notice = Notice(id="t", field=tuple(fields), characters=40, also={"time9": "{time}"})
    values, cut = notice.filled(text, NOW)
    assert set(values) == {*fields, "time9"}
    for name in fields:
        assert 0 < len(values[name]) <= (40 if name == "keyword4" else 20)
        assert misfit(name, values[name]) is None
        assert values[name].isprintable() or not text.isprintable()
    assert cut or "".join(values[name] for name in fields).replace(" ", "").rstrip("-").startswith(
        "".join(text.split()).rstrip("-") if text.isprintable() else ""
    )


@pytest.mark.parametrize("hour", range(24))
def test_the_time_fits_fields_for_times_and_days(hour: int) -> None:
    for name in ("time1", "date2"):
        assert misfit(name, told(NOW.replace(hour=hour))) is None


WAYS = [
    (SendMode.CONSENT, "notice", "/cgi-bin/message/subscribe/bizsend", "page"),
    (SendMode.TEMPLATE, "template", "/cgi-bin/message/template/send", "url"),
]


@pytest.fixture
def sends_of(platform: Platform) -> Iterator[Callable[..., WeChatSends]]:
    """Accounts whose templates have several fields; they hang up in the end."""
    with ExitStack() as ends:

        def open_account(**given: Any) -> WeChatSends:
            notice = {"field": ("thing1", "thing2"), "also": {"time3": "{time}", "phrase4": "进行中"}, **given}
            one, other = Notice(id="notice", **notice), Notice(id="template", **notice)
            api = Client(account(api_url=platform.url, notices=(one,), template=other))
            ends.callback(api.close)
            return WeChatSends(api)

        yield open_account


@pytest.mark.parametrize(("mode", "template", "path", "address"), WAYS)
def test_all_fields_and_where_a_tap_leads(platform, sends_of, mode, template, path, address) -> None:
    sends = sends_of(url="https://snack.example/p", mini=MINI)
    said = outbound("Your prize is on its way, and here soon", mode=mode, template=template)
    assert isinstance(sends.send(said), Delivered)
    assert platform.calls[-1] == path
    assert platform.sent[0]["data"] == {
        "time3": {"value": "2026年12月1日 12:00"},
        "phrase4": {"value": "进行中"},
        "thing1": {"value": "Your prize is on its"},
        "thing2": {"value": "way, and here soon"},
    }
    assert platform.sent[0][address] == "https://snack.example/p"
    assert platform.sent[0]["miniprogram"] == {"appid": MINI["app_id"], "pagepath": MINI["page"]}


@pytest.mark.parametrize(("mode", "template", "path", "address"), WAYS)
def test_a_mini_program_that_is_not_linked_closes_no_account(platform, sends_of, mode, template, path, address) -> None:
    said = outbound(mode=mode, template=template)
    platform.misbehave(path, 40013, 85005, 40013)
    sends = sends_of(mini=MINI)
    assert sends.send(said) == Refused("wechat_40166", elsewhere=True)
    assert sends.send(said) == Refused("wechat_85005", elsewhere=True)
    assert isinstance(sends_of().send(said), TryAgain)
    platform.misbehave("/stable_token", 40013)
    assert isinstance(sends_of(mini=MINI).send(said), TryAgain)
    assert platform.sent == []
