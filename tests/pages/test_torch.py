"""A torch as it leaves the server: states, languages, pictures, headers. What it looks like is in test_torch_look."""

import html
import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import segno
from flask import Flask

from core.blame import Unavailable
from handlers.relay.views import ChainTotals, TorchState, TorchView
from pages.pictures.badge import Badge
from pages.pictures.poster import Poster
from pages.torch.serve import Drawings, TorchPages, blueprint
from pages.torch.wording import WORDING
from tests.pages.pictures import modules_of_png, modules_of_svg
from tests.pages.test_invite import HOSTILE
from tests.pages.torches import NOON, PAGE, VIEW, Torches, served

WORD = "7K2M9QXR"
MINUTE = timedelta(minutes=1)
OVER = NOON + 10 * MINUTE
PNG, SVG = "image/png", "image/svg+xml"
PICTURES = {"badge.png": PNG, "poster.png": PNG, "tree.svg": SVG, "tall.svg": SVG, "tree.png": PNG, "qr.svg": SVG}


def said(torches: Torches, query: str = "") -> str:
    answer = served(torches).test_client().get(f"/t/{WORD}{query}")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", html.unescape(re.sub("<[^>]+>", " ", answer.text.partition("<body>")[2])))


STATES: dict[str, tuple[TorchState, datetime, datetime | None, list[str], str]] = {
    "unlit": (
        TorchState.UNLIT,
        NOON,
        None,
        ["Waiting to be lit", "Until 12:10"],
        "lit again",
    ),
    "last moment": (TorchState.UNLIT, OVER - timedelta(microseconds=1), None, ["Waiting to be lit"], "Gone out"),
    "no clock yet": (TorchState.UNLIT, OVER, None, ["Gone out", "Time ran out at 12:10"], "Waiting"),
    "lit": (TorchState.LIT, OVER + MINUTE, None, ["Burning", "Unlocked: the Sacred Flame skin"], "12:10"),
    "out for ever": (TorchState.OUT, OVER, None, ["Gone out", "It cannot be lit again."], "skin"),
    "out for now": (TorchState.OUT, OVER, OVER + 60 * MINUTE, ["It may be lit again from 13:10"], "now:"),
    "may be lit": (TorchState.OUT, OVER + 60 * MINUTE, OVER + 60 * MINUTE, ["It may be lit again now"], "13:10"),
}


@pytest.mark.parametrize(("state", "now", "relight_at", "told", "untold"), STATES.values(), ids=STATES)
def test_every_state_is_told(
    state: TorchState, now: datetime, relight_at: datetime, told: list[str], untold: str
) -> None:
    torches = Torches(now)
    torches.turn(state, relight_at=relight_at)
    page = said(torches)
    always = ["Pass the torch", "Leg of this torch 3", "Torches 1,057", "Burning 31", "Longest leg 6"]
    assert [each for each in always + told if each not in page] == []
    assert untold not in page


def test_how_to_join_is_told_step_by_step() -> None:
    page = said(Torches(), "?lang=zh")
    for told in (
        "Anna 的火炬",
        "这支火炬的邀请码 7K2M-9QXR 复制",
        "打开您常用的聊天应用 WeChat 微信 在这里只扫码还不够，请按聊天里的提示打字回复。 Telegram",
        "发送这个邀请码： 7K2M-9QXR",
        "您会得到自己的火炬，传给下一位朋友的时限是 10分钟",
        "主办方：火炬汽水",
    ):
        assert told in page
    assert page.count("只扫码还不够") == 1
    assert "您会得到自己的火炬" not in said(Torches(friend_has=None), "?lang=zh")
    assert "演练场" not in page
    assert "在演练场里试一试" in said(Torches(chats=(), playground=True), "?lang=zh")
    closed = said(Torches(open=False), "?lang=zh")
    assert "这个活动现在不能参加" in closed
    assert "如何参加" not in closed


def test_who_has_no_torch_and_no_name_is_shown_no_chain() -> None:
    page = said(Torches(torch=None, chain=None, name=None))
    assert "A torch of the relay" in page
    assert "No torch yet" in page
    assert "The chain" not in page
    assert "Send this code: 7K2M-9QXR" in page


def test_everything_is_said_in_both_languages() -> None:
    assert list(WORDING["en"]) == list(WORDING["zh"])


def test_words_of_others_stay_words() -> None:
    hostile = "<script>alert('1')</script>\"&"
    titles = {"en": hostile, "zh": hostile}
    torches = Torches(title=titles, organiser=titles, perk=titles, name="\u202e" + hostile, word='"><img src=x>-&')
    page = served(torches).test_client().get("/t/imgsrcx").text
    assert "<script>" not in page
    assert "<img src=x>" not in page
    assert "\u202e" not in page  # which would turn around what stands beside it
    assert page.count("&lt;script&gt;") >= 8


@pytest.mark.parametrize("door", ["", "/state", *(f"/{name}" for name in PICTURES)])
@pytest.mark.parametrize("word", ["unknown", "NUL", "script", "not UTF-8", "long"])
def test_any_other_word_is_told_kindly_and_never_said_back(word: str, door: str) -> None:
    torches = Torches()
    answer = served(torches).test_client().get(f"/t/{HOSTILE[word]}{door}")
    assert answer.status_code == 404
    assert "This torch is not known" in answer.text
    assert "没有找到这支火炬" in answer.text
    assert answer.text == served(torches).test_client().get(f"/t/another{door}").text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert all(len(asked) <= 40 for asked in torches.asked)


@pytest.mark.parametrize("door", ["", "/state", "/badge.png"])
def test_a_database_that_is_away_is_told_kindly(door: str) -> None:
    def away(_word: str) -> None:
        raise Unavailable("the database does not answer")

    app, torches = Flask("test", static_folder=None), Torches()
    pages = TorchPages(away, Drawings(*[torches.draw] * 5), torches.clock)
    app.register_blueprint(blueprint(pages))
    answer = app.test_client().get(f"/t/{WORD}{door}")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert "请稍后再试" in answer.text


def test_what_the_page_lets_in_keeps_and_weighs() -> None:
    client = served(Torches()).test_client()
    page = client.get(f"/t/{WORD}")
    policy = dict(part.strip().partition(" ")[::2] for part in page.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["form-action"] == policy["frame-ancestors"] == "'none'"
    assert set(policy.values()) == {"'none'", "'self'"}
    assert page.headers["Cache-Control"] == "no-store"
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|style=|javascript:", page.text)
    assert set(re.findall(r"https?://[^/\"]+", page.text)) == {"https://play.example"}  # the link preview alone
    linked = set(re.findall(r'(?:src|href)="(page/[^"]+)"', page.text))
    assert linked == {f"page/{name}" for name in ("base.css", "torch.css", "torch.js", "copy.js", "torch.svg")}
    files = [client.get(f"/t/{name}") for name in linked]
    assert [file.headers["Cache-Control"] for file in files] == ["no-cache"] * 5
    assert sum(len(answer.data) for answer in (page, *files)) < 40_000
    answers = [page, *files, client.get("/t/another"), client.get(f"/t/{WORD}/state")]
    assert [answer.headers.get("Set-Cookie") for answer in answers] == [None] * len(answers)
    assert client.get("/t/page/torch.html").status_code == 404


@pytest.mark.parametrize(("public_url", "previewed"), [("https://play.example", True), (None, False)])
def test_a_link_is_previewed_where_the_address_is_known(public_url: str | None, previewed: bool) -> None:
    page = served(Torches(), public_url).test_client().get(f"/t/{WORD}?lang=zh").text
    assert '<meta property="og:title" content="Anna 的火炬 · 火炬在线传递">' in page
    image = '<meta property="og:image" content="https://play.example/t/7K2M-9QXR/badge.png?lang=zh">'
    assert (image in page) is previewed
    assert ("og:image" in page) is previewed


def test_the_state_is_told_in_a_few_bytes_with_the_server_s_time() -> None:
    torches = Torches(NOON + MINUTE)
    client = served(torches).test_client()
    answer = client.get(f"/t/{WORD}/state")
    assert answer.json is not None
    assert set(answer.json) == {"now", "version"}
    assert answer.json["now"] == (NOON + MINUTE).timestamp() * 1000
    assert f'data-version="{answer.json["version"]}"' in client.get(f"/t/{WORD}").text
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(answer.data) < 100


def version(view: TorchView = VIEW, now: datetime = NOON) -> str:
    return replace(PAGE, view=view).version(now)


def test_the_version_follows_what_is_told_and_not_the_time() -> None:
    torch, chain = VIEW.torch, VIEW.chain
    assert torch
    assert chain
    out = replace(VIEW, torch=replace(torch, state=TorchState.OUT, relight_at=OVER + MINUTE))
    told = [
        version(),
        version(now=OVER),
        version(replace(VIEW, torch=replace(torch, state=TorchState.LIT))),
        version(out, OVER),
        version(out, OVER + MINUTE),
        version(replace(VIEW, open=False)),
        version(replace(VIEW, name=None)),
        version(replace(VIEW, chain=ChainTotals(1057, 32, 6))),
        version(replace(VIEW, chain=ChainTotals(1057, 31, 7))),
        version(replace(VIEW, chain=ChainTotals(1157, 31, 6))),
    ]
    assert len(set(told)) == len(told)
    assert version() == version(now=OVER - MINUTE) == version(replace(VIEW, chain=ChainTotals(1058, 31, 6)))


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_that_the_browser_has_is_not_drawn_again_until_the_torch_is_lit(name: str) -> None:
    torches = Torches()
    client = served(torches).test_client()
    first = client.get(f"/t/{WORD}/{name}")
    assert (first.content_type.partition(";")[0], first.headers["Cache-Control"]) == (
        PICTURES[name],
        "private, max-age=15",
    )
    drawn = len(torches.drawn)
    has = {"If-None-Match": first.headers["ETag"]}
    again = client.get(f"/t/{WORD}/{name}", headers=has)
    assert (again.status_code, again.data, len(torches.drawn)) == (304, b"", drawn)
    assert client.get(f"/t/{WORD}/{name}?lang=zh", headers=has).status_code == 200
    torches.light()
    lit = client.get(f"/t/{WORD}/{name}", headers=has)
    assert lit.status_code == 200
    assert lit.headers["ETag"] != first.headers["ETag"]


def test_pictures_are_drawn_of_the_torch_as_it_stands() -> None:
    torches = Torches(OVER)
    client = served(torches).test_client()
    for name in ("badge.png", "poster.png?lang=zh", "tree.svg"):
        assert client.get(f"/t/{WORD}/{name}").status_code == 200
    kept_for = f"-{int(OVER.timestamp() // 120)}"  # names of others are in it
    assert torches.drawn == [
        (Badge(TorchState.OUT, 3, "Anna", "Pass the torch", 1057), "en"),
        (Poster("火炬在线传递", "火炬汽水", "7K2M-9QXR", "https://play.example/t/7K2M-9QXR", "Anna"), "zh"),
        ("7K2M-9QXR", PAGE.version(OVER) + kept_for, "en", None),
    ]


def test_both_qr_pictures_hold_the_link() -> None:
    client = served(Torches(), None).test_client()
    modules = [
        list(row) for row in segno.make_qr("http://shop.example:8080/t/7K2M-9QXR", error="m", boost_error=False).matrix
    ]
    png, svg = (client.get(f"/t/{WORD}/qr.{kind}", base_url="http://shop.example:8080") for kind in ("png", "svg"))
    assert modules_of_png(png.data, len(modules)) == modules
    assert modules_of_svg(svg.text) == modules


def test_only_asking_is_taken() -> None:
    client = served(Torches()).test_client()
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert client.open(f"/t/{WORD}", method=method).status_code == 405
