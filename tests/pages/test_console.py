"""The doors of the console: a page for whoever has its link, and numbers that come once."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from pages.console.view import BODY_LIMIT, MOST_LEGS, MOST_PRIZES, Prize
from tests.pages.screens import LINK, NOW, VIEW, Screens, served

PAGE_LIMIT = 60_000
AT = f"/console/{LINK}"
FILES = ("console.css", "console.js", "tree.js", "torch.svg")

# All that a screen may be sent: keys, and what stands under them. A text is a title of the organiser's, or our word.
COUNT, MAYBE = int, (int, type(None))
TITLES = {"zh": str, "en": str}
SCHEMA: Any = {
    "title": TITLES,
    "state": re.compile("live|paused|over|not_open"),
    "zone": re.compile("[A-Za-z_/+-]+"),
    "figures": dict.fromkeys(VIEW.figures, COUNT),
    "prizes": [{"title": TITLES, "stock": COUNT, "left": COUNT, "planned": COUNT}],
    "more_prizes": COUNT,
    "torches": {"granted": COUNT, "lit": COUNT, "out": COUNT, "legs": [COUNT]},
    "outbox": {"waiting": COUNT, "oldest_at": MAYBE},
    "failures": {"messages": COUNT, "timers": COUNT, "texts": COUNT},
    "money": {"currency": re.compile("[A-Z]{3}"), "given": MAYBE, "liability": MAYBE, "budget": MAYBE},
    "proof": {
        "commitment": re.compile("[0-9a-f]{16}"),
        "log_head": re.compile("[0-9a-f]{16}"),
        "log_entries": COUNT,
        "log_whole": (bool, type(None)),
        "verified_at": MAYBE,
    },
}
OPTIONAL = {"torches", "money", "log_head", *VIEW.figures}


def fits(found: Any, schema: Any) -> bool:
    """Whether ``found`` has the keys of ``schema`` and no others, with values of its types."""
    match schema:
        case dict():
            keys = {key for key in schema if key not in OPTIONAL or found.get(key) is not None}
            told = {key for key, value in found.items() if key not in OPTIONAL or value is not None}
            return told == keys and all(fits(found[key], schema[key]) for key in keys)
        case list():
            return isinstance(found, list) and all(fits(one, schema[0]) for one in found)
        case re.Pattern():
            return isinstance(found, str) and schema.fullmatch(found) is not None
    return isinstance(found, schema) and (schema is not int or not isinstance(found, bool))


@pytest.fixture
def screens() -> Screens:
    return Screens()


@pytest.fixture
def client(screens: Screens) -> FlaskClient:
    return served(screens).test_client()


def test_a_schema_sees_what_does_not_belong_there() -> None:
    good = VIEW.document()
    assert fits(good, SCHEMA)
    for wrong in (
        {**good, "phone": "+8613912345678"},
        {**good, "outbox": {"waiting": "anna", "oldest_at": None}},
        {**good, "figures": {**VIEW.figures, "anna": 1}},
        {**good, "state": "anna"},
        {key: value for key, value in good.items() if key != "proof"},
    ):
        assert not fits(wrong, SCHEMA)


def test_numbers_are_sent_once(client: FlaskClient, screens: Screens) -> None:
    first = client.get(f"{AT}/console.json")
    assert (first.status_code, first.content_type) == (200, "application/json")
    assert fits(first.json, SCHEMA)
    has = {"If-None-Match": first.headers["ETag"]}
    screens.held = NOW + timedelta(seconds=12)
    again = client.get(f"{AT}/console.json", headers=has)
    assert (again.status_code, again.data) == (304, b"")
    assert (first.headers["Age"], again.headers["Age"]) == ("0", "12")
    assert int(again.headers["X-Now"]) - int(first.headers["X-Now"]) == 12_000
    screens.turn(figures={**VIEW.figures, "redeemed": 48_211})
    fresh = client.get(f"{AT}/console.json", headers=has)
    assert fresh.status_code == 200
    assert fresh.json
    assert fresh.json["figures"]["redeemed"] == 48_211


def test_a_large_campaign_fits(client: FlaskClient, screens: Screens) -> None:
    titles = {"zh": "奖" * 200, "en": "p" * 200}
    legs = list(range(40, 0, -1))
    torches = VIEW.torches and VIEW.torches._replace(legs=legs)
    screens.turn(title=titles, prizes=[Prize(titles, 10**9, 10**9, 10**9)] * 50, torches=torches)
    answer = client.get(f"{AT}/console.json")
    assert len(answer.data) <= BODY_LIMIT
    assert answer.json
    assert fits(answer.json, SCHEMA)
    assert (len(answer.json["prizes"]), answer.json["more_prizes"]) == (MOST_PRIZES, 50 - MOST_PRIZES)
    assert len(answer.json["torches"]["legs"]) == MOST_LEGS
    assert sum(answer.json["torches"]["legs"]) == sum(legs)


def test_the_page_loads_nothing_from_elsewhere_and_is_small(client: FlaskClient) -> None:
    page = client.get(AT)
    assert page.status_code == 200
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert page.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in page.headers["Content-Security-Policy"]
    assert 'content="noindex"' in page.text
    files = {name: client.get(f"/console/page/{name}") for name in FILES}
    assert {name: one.status_code for name, one in files.items()} == dict.fromkeys(FILES, 200)
    assert len(page.data) + sum(len(one.data) for one in files.values()) < PAGE_LIMIT
    everything = page.text + "".join(one.text for one in files.values())
    assert set(re.findall(r"(?:https?:)?//[\w.]+", everything)) <= {"http://www.w3.org"}
    assert " style=" not in page.text
    assert set(re.findall(r'(?:src|href)="([^"?][^"]*)"', page.text)) == {
        "page/console.css",
        "page/console.js",
        "page/torch.svg",
    }


@pytest.mark.parametrize(
    ("asked", "accepted", "spoken"),
    [("", "", "zh"), ("", "en-GB", "en"), ("", "fr", "zh"), ("?lang=en", "zh-CN", "en"), ("?lang=xx", "", "zh")],
)
def test_the_page_speaks_as_asked_else_as_the_browser_else_as_the_campaign(
    client: FlaskClient, asked: str, accepted: str, spoken: str
) -> None:
    page = client.get(f"{AT}{asked}", headers={"Accept-Language": accepted})
    assert f'<h1 id="title">{VIEW.title[spoken]}</h1>' in page.text


@pytest.mark.reading
@pytest.mark.parametrize("link", ["x", "a" * 201, "%00", "码", "page", f"{LINK}x"])
@pytest.mark.parametrize("behind", ["", "/console.json"])
def test_a_link_that_is_none_of_ours_shows_nothing(client: FlaskClient, link: str, behind: str) -> None:
    answer = client.get(f"/console/{link}{behind}")
    assert answer.status_code == 404
    assert "Open a bag" not in answer.text
    assert "48,210" not in answer.text
    assert answer.headers.get("Referrer-Policy") in {"no-referrer", None}


def test_a_link_that_is_over_is_told_kindly(client: FlaskClient, screens: Screens) -> None:
    screens.over = True
    for path in (AT, f"{AT}/console.json"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "This link shows nothing any more" in answer.text
        assert "这个链接已经失效" in answer.text
        assert "Open a bag" not in answer.text


def test_a_database_that_is_away_is_told_as_such(client: FlaskClient, screens: Screens) -> None:
    screens.away = True
    for path in (AT, f"{AT}/console.json"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


def test_nothing_can_be_sent_to_it(client: FlaskClient) -> None:
    assert client.post(AT).status_code == client.post(f"{AT}/console.json").status_code == 405
    assert json.loads(client.get(f"{AT}/console.json").data) == VIEW.document()
