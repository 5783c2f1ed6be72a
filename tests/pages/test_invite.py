"""An invitation as it leaves the server: words, languages, pictures, headers. What it looks like is in test_look."""

import html
import re

import pytest
import segno
from flask import Flask
from flask.testing import FlaskClient

from bots.playground import web_page
from core.blame import Unavailable
from pages.chats import Chat
from pages.invite.serve import InvitePages, blueprint
from pages.invite.wording import WORDING
from pages.pictures.poster import Poster
from pages.wording import LANGUAGES
from tests.pages.pictures import modules_of_png, modules_of_svg
from tests.pages.rig import SNACK, Invites, served

WORD = "7K2M9QXR"
LINK = "https://play.example/i/7K2M-9QXR"


@pytest.fixture
def client() -> FlaskClient:
    return served(Invites()).test_client()


@pytest.mark.parametrize("typed", [WORD, "7K2M-9QXR", "7k2m-9qxr", "7K2M%209QXR"])
def test_the_page_tells_what_to_send_and_where(client: FlaskClient, typed: str) -> None:
    answer = client.get(f"/i/{typed}", headers={"Accept-Language": "en-GB,en;q=0.8"})
    assert answer.status_code == 200
    page = re.sub(r"\s+", " ", html.unescape(re.sub("<[^>]+>", " ", answer.text)))
    for told in (
        "A friend invites you to Open a bag",
        "by Huoju Foods",
        "Open the chat you use WeChat 微信 Telegram",
        "Your friend's invite code 7K2M-9QXR Copy ",
        "Share Copy the link",
        "Send this code: 7K2M-9QXR",
        "Then send the code from your card",
    ):
        assert told in page
    assert "playground" not in page
    tried = served(Invites(chats=(), playground=True)).test_client().get(f"/i/{typed}").text
    assert "Try it in the playground" in tried
    assert 'href="../playground/?say=7K2M-9QXR"' in tried


@pytest.mark.parametrize(
    ("gets", "told"),
    [
        ((0, 0), ""),
        ((1, 0), "You get 1 point as soon as you have sent your first code."),
        ((0, 2000), "Your friend gets 2,000 points as soon as you have sent your first code."),
        ((20, 30), "You get 20 points as soon as you have sent your first code, your friend 30."),
    ],
)
def test_what_a_friend_gets_and_whoever_invites_is_told(gets: tuple[int, int], told: str) -> None:
    invites = Invites(name="Anna", friend_gets=gets[0], inviter_gets=gets[1])
    client = served(invites).test_client()
    page = client.get(f"/i/{WORD}").text
    assert ('<p class="gets">' in page) is bool(told)
    assert told in page
    assert "<title>Anna invites you to Open a bag</title>" in page
    assert '<meta property="og:image" content="https://play.example/i/7K2M-9QXR/poster.png?lang=en">' in page
    assert "og:image" not in served(invites, None).test_client().get(f"/i/{WORD}").text
    assert client.get(f"/i/{WORD}/poster.png?lang=zh").content_type == "image/png"
    shown = Poster("开袋赢大奖", "火炬食品", "7K2M-9QXR", LINK, "Anna", torch=False)
    assert invites.drawn == [(shown, "zh")]


def test_a_chat_that_a_link_opens_is_a_link_and_others_are_names() -> None:
    chats = (Chat("WeChat 微信 火炬"), Chat("Telegram @SnackBot", link="https://t.me/SnackBot?start=7K2M-9QXR"))
    page = served(Invites(chats=chats)).test_client().get(f"/i/{WORD}").text
    assert '<a href="https://t.me/SnackBot?start=7K2M-9QXR">Telegram @SnackBot</a>' in page
    assert "<li>WeChat 微信 火炬</li>" in page


@pytest.mark.parametrize(
    ("accepted", "query", "language"),
    [
        ("en-GB,en", "", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "", "zh"),
        ("en;q=0.5,zh-TW", "", "zh"),
        ("fr", "", "en"),
        (None, "", "en"),
        ("en", "?lang=zh", "zh"),
        ("zh", "?lang=en", "en"),
        ("zh", "?lang=fr", "zh"),
        ("zh", "?lang=%3Cscript%3E", "zh"),
    ],
)
def test_the_language_is_what_was_asked_for(
    client: FlaskClient, accepted: str | None, query: str, language: str
) -> None:
    answer = client.get(f"/i/{WORD}{query}", headers={"Accept-Language": accepted} if accepted else {})
    assert answer.headers["Content-Language"] == WORDING[language]["tag"]
    assert f'<html lang="{WORDING[language]["tag"]}">' in answer.text
    assert SNACK.title[language] in answer.text
    assert f'href="?lang={"en" if language == "zh" else "zh"}"' in answer.text


def test_everything_is_said_in_both_languages() -> None:
    assert set(WORDING) == set(LANGUAGES) == {"en", "zh"}
    assert list(WORDING["en"]) == list(WORDING["zh"])


def test_a_campaign_that_is_not_open_offers_no_steps() -> None:
    page = served(Invites(open=False)).test_client().get(f"/i/{WORD}").text
    assert "cannot be played right now" in page
    assert "<ol>" not in page
    assert "playground/" not in page


HOSTILE = {
    "unknown": "7K2M9QXS",
    "NUL": "%00",
    "NUL after": WORD + "%00",
    "script": "<script>alert(1)</script>".replace("/", "%5C"),
    "quote": "%22onload=alert(1)",
    "template": "{{7*7}}{% raw %}",
    "dots": "..%5C..",
    "dots alone": "...",
    "not UTF-8": "%ff%fe",
    "right to left": "%E2%80%AE7K2M",
    "lone surrogate": "%ED%A0%80",
    "newline": "a%0D%0ASet-Cookie:x",
    "long": "7" * 41,
    "very long": "A" * 8000,
}


@pytest.mark.parametrize("door", ["", "/qr.svg", "/qr.png"])
@pytest.mark.parametrize("word", HOSTILE.values(), ids=HOSTILE)
def test_any_other_word_is_told_kindly_and_never_said_back(word: str, door: str) -> None:
    invites = Invites()
    answer = served(invites).test_client().get(f"/i/{word}{door}")
    if word != HOSTILE["NUL after"]:  # what is no letter and no digit is not part of a word
        assert answer.status_code == 404
        assert "This invitation is not known" in answer.text
        assert "没有找到这个邀请" in answer.text
        assert answer.text == served(invites).test_client().get(f"/i/another{door}").text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert all(len(asked) <= 40 for asked in invites.asked)


@pytest.mark.parametrize(
    "path", ["/i/", "/i", "/i/a/b", "/i/a%2Fb", "/i/../secret", "/i/page/invite.html", "/i/page/x"]
)
def test_no_other_address_is_served(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json) == (404, {"error": "address: there is nothing here"})


def test_a_campaign_s_words_stay_words() -> None:
    hostile = "<script>alert('1')</script>\"&"
    titles = {"en": hostile, "zh": hostile}
    hostile_name = "<script>alert('1')</script>"
    invites = Invites(title=titles, organiser=titles, chats=(Chat(hostile),), word='"><img src=x>-&', name=hostile_name)
    page = served(invites).test_client().get("/i/imgsrcx").text
    assert "<script>" not in page
    assert "<img src=x>" not in page
    assert page.count("&lt;script&gt;") >= 7


def test_what_the_page_lets_in_and_keeps(client: FlaskClient) -> None:
    page = client.get(f"/i/{WORD}")
    policy = dict(part.strip().partition(" ")[::2] for part in page.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["form-action"] == policy["frame-ancestors"] == "'none'"
    assert set(policy.values()) == {"'none'", "'self'"}
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|style=|javascript:", page.text)
    assert set(re.findall(r"https?://[^/\"]+", page.text)) == {"https://play.example"}  # the link preview alone
    linked = re.findall(r'(?:src|href)="(page/[^"]+)"', page.text)
    assert set(linked) == {"page/base.css", "page/copy.js", "page/torch.svg"}
    files = [client.get(f"/i/{name}") for name in set(linked)]
    assert [file.headers["Cache-Control"] for file in files] == ["no-cache"] * 3
    assert sum(len(answer.data) for answer in (page, *files)) < 20_000
    again = client.get("/i/page/base.css", headers={"If-None-Match": client.get("/i/page/base.css").headers["ETag"]})
    assert again.status_code == 304
    answers = [page, *files, client.get("/i/another"), client.get(f"/i/{WORD}/qr.png")]
    assert [answer.headers.get("Set-Cookie") for answer in answers] == [None] * len(answers)


def test_the_same_headers_as_the_playground(client: FlaskClient) -> None:
    ours = client.get(f"/i/{WORD}").headers
    theirs = {name: told for name, told in web_page._HEADERS.items() if name != "Content-Security-Policy"}
    assert len(theirs) >= 5
    assert {name: ours.get(name) for name in theirs} == theirs


def test_asking_changes_nothing_and_only_asking_is_taken(client: FlaskClient) -> None:
    assert client.get(f"/i/{WORD}").data == client.get(f"/i/{WORD}").data
    assert client.head(f"/i/{WORD}").status_code == 200
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert client.open(f"/i/{WORD}", method=method).status_code == 405


@pytest.mark.parametrize(
    ("public_url", "asked", "link"),
    [
        ("https://play.example", "7k2m-9qxr", LINK),
        ("https://play.example/huoju", WORD, "https://play.example/huoju/i/7K2M-9QXR"),
        (None, WORD, "http://shop.example:8080/i/7K2M-9QXR"),
    ],
)
def test_both_pictures_hold_the_link(public_url: str | None, asked: str, link: str) -> None:
    client = served(Invites(), public_url).test_client()
    expected = segno.make_qr(link, error="m", boost_error=False)
    assert expected.error == "M"
    modules = [list(row) for row in expected.matrix]
    png, svg = (client.get(f"/i/{asked}/qr.{kind}", base_url="http://shop.example:8080") for kind in ("png", "svg"))
    assert (png.content_type, svg.content_type) == ("image/png", "image/svg+xml")
    assert modules_of_png(png.data, len(modules)) == modules
    assert modules_of_svg(svg.text) == modules
    assert "style=" not in svg.text
    assert png.headers["Cache-Control"] == svg.headers["Cache-Control"] == "private, max-age=86400"


@pytest.mark.parametrize("host", ["", "a" * 3000, "bad host", "<b>"])
def test_an_address_that_cannot_be_one_is_in_no_picture(host: str) -> None:
    answer = served(Invites(), None).test_client().get(f"/i/{WORD}/qr.svg", headers={"Host": host})
    assert answer.status_code in {200, 400}
    assert answer.status_code == 400 or not host


def test_a_database_that_is_away_is_told_kindly() -> None:
    def away(_word: str) -> None:
        raise Unavailable("the database does not answer")

    app = Flask("test", static_folder=None)
    app.register_blueprint(blueprint(InvitePages(away, Invites().draw)))
    answer = app.test_client().get(f"/i/{WORD}")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert "try again in a moment" in answer.text
    assert "请稍后再试" in answer.text
