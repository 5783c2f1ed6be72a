"""Menus and QR codes, as the platform is told of them."""

from datetime import timedelta

import pytest

from bots.wechat.client import Client, Failed
from bots.wechat.commands import QrCode, make_qr, put_menu
from tests.adapters.wechat.rig import NOW, Door, account
from tests.fakes.wechat import Platform, event


@pytest.fixture
def api(platform: Platform):
    api = Client(account(api_url=platform.url))
    yield api
    api.close()


def test_a_menu(platform: Platform, api: Client) -> None:
    put_menu(
        api, [("积分", "points"), ("网站", "https://snack.example/"), ("更多", [("帮助", "help"), ("规则", "rules")])]
    )
    assert platform.menu == [
        {"type": "click", "name": "积分", "key": "points"},
        {"type": "view", "name": "网站", "url": "https://snack.example/"},
        {
            "name": "更多",
            "sub_button": [
                {"type": "click", "name": "帮助", "key": "help"},
                {"type": "click", "name": "规则", "key": "rules"},
            ],
        },
    ]
    put_menu(api, [])
    assert platform.menu is None


def test_a_tap_on_the_menu_says_what_it_means(platform: Platform, api: Client) -> None:
    put_menu(api, [("积分", "points")])
    assert platform.menu is not None
    door = Door()
    door.deliver(event("u", "CLICK", platform.menu[0]["key"]))
    assert [taken.text for taken in door.taken] == ["points"]


@pytest.mark.parametrize(
    ("items", "says"),
    [
        ([("a", "b")] * 4, "3 items"),
        ([("", "b")], "label"),
        ([("六个汉字太长", "b")], "label '六个汉字太长'"),
        ([("a", "")], "words"),
        ([("a", "x" * 129)], "words"),
        ([("a", "https://" + "x" * 1024)], "address"),
        ([("a", [])], "submenu has 1"),
        ([("a", [("b", "c")] * 6)], "submenu has 1"),
        ([("a", [("x" * 61, "c")])], "label"),
    ],
    ids=[
        "four",
        "no label",
        "long label",
        "no words",
        "many words",
        "long address",
        "empty",
        "six",
        "long label below",
    ],
)
def test_a_menu_that_would_not_be_shown(platform: Platform, api: Client, items, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        put_menu(api, items)
    assert platform.calls == []


def test_a_menu_that_is_refused_says_why(platform: Platform, api: Client) -> None:
    platform.misbehave("/menu/create", 48001)
    with pytest.raises(Failed, match="not verified"):
        put_menu(api, [("a", "b")])


def test_a_qr_code_brings_a_word_along(platform: Platform, api: Client) -> None:
    picture = "https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket=ticket%2FKX7Q%3D%3D"
    spells = "http://weixin.qq.com/q/KX7Q"
    assert make_qr(api, "KX7Q", lambda: NOW) == QrCode(spells, picture, NOW + timedelta(days=30))
    assert make_qr(api, "KX7Q", lambda: NOW, None) == QrCode(spells, picture, None)
    scene = {"scene": {"scene_str": "KX7Q"}}
    assert platform.tickets == [
        {"action_name": "QR_STR_SCENE", "action_info": scene, "expire_seconds": 2592000},
        {"action_name": "QR_LIMIT_STR_SCENE", "action_info": scene},
    ]


@pytest.mark.parametrize(("name", "key"), [("subscribe", "qrscene_KX7Q"), ("SCAN", "KX7Q")])
def test_a_scan_says_the_word(name: str, key: str) -> None:
    door = Door()
    door.deliver(event("u", name, key))
    assert [(taken.text, taken.typed) for taken in door.taken] == [("KX7Q", False)]


@pytest.mark.parametrize(
    ("word", "lasts"), [("", None), ("x" * 65, None), ("x", timedelta(days=31)), ("x", timedelta(seconds=1))], ids=str
)
def test_a_qr_code_that_cannot_be(platform: Platform, api: Client, word: str, lasts: timedelta | None) -> None:
    with pytest.raises(ValueError, match=r"word|lasts"):
        make_qr(api, word, lambda: NOW, lasts)
    assert platform.calls == []
