"""One of the playground's phones becomes an operator's by one tap."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.operators.test_chat import state_of
from tests.playground.rig import PLAYED, Door, Served, installed
from tests.playground.test_browser import Visitor
from tests.stage import Stage

pytestmark = pytest.mark.reading


@pytest.fixture
def door(stage: Stage) -> Iterator[Door]:
    stage.publish(PLAYED)
    door = Door(stage)
    yield door
    door.engine.close()


def test_the_word_makes_a_phone_an_owner_once(door: Door) -> None:
    word = door.client.post("/playground/operator", json={"name": "Anna"}).json["word"]
    assert "Anna" in door.say(f"/operator join {word}", id="1").json["texts"][0]
    assert "snack is paused now." in door.say("/campaign pause snack", id="2").json["texts"][0]
    door.say(f"/operator join {word}", phone="bo", id="3")
    door.say("/campaign resume snack", phone="bo", id="4")
    assert state_of(door.stage) == "paused"
    assert door.client.get("/playground/chats").json["operators"] is True


@pytest.mark.parametrize("name", [None, "", "x" * 21, "An na", 7, "<b>"])
def test_a_name_that_is_none_is_refused(door: Door, name: object) -> None:
    assert door.client.post("/playground/operator", json={"name": name}).status_code == 400
    assert door.client.post("/playground/operator", data=b"{").status_code == 400


def test_no_other_page_and_no_proxy_fetches_a_word(door: Door) -> None:
    for headers in (
        {"Origin": "https://evil.example"},
        {"X-Forwarded-For": "1.2.3.4"},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        refused = door.client.post("/playground/operator", json={"name": "Anna"}, headers=headers)
        assert refused.status_code == 403, headers


def test_where_visitors_need_a_password_none_becomes_an_operator(stage: Stage) -> None:
    stage.publish(PLAYED)
    door = Door(stage, "open sesame")
    door.client.post("/playground/sign-in", data={"password": "open sesame"})
    assert door.client.get("/playground/chats").json["operators"] is False
    assert door.client.post("/playground/operator", json={"name": "Anna"}).status_code == 404
    door.engine.close()


@pytest.fixture(scope="module")
def shown(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with installed(sqlite_template, tmp_path_factory.mktemp("operators")) as served:
        served.stage.publish(PLAYED, spelled=False)
        with served.running():
            yield served


@pytest.mark.browser
@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("locale", "welcome", "first", "verb"),
    [("en-GB", "You are owner here", "/help", "/campaign list"), ("zh-CN", "所有者", "/帮助", "/查活动")],
)
def test_one_phone_is_an_owner_s(
    browser: Browser, shown: Served, locale: str, welcome: str, first: str, verb: str
) -> None:
    visitor = Visitor(browser, shown, locale=locale)
    phone = visitor.page.locator(".phone.operates")
    log = phone.get_by_role("log")
    expect(log).to_contain_text(welcome)
    chips = phone.locator(".chips button")
    expect(chips.first).to_have_text(first)
    phone.get_by_role("button", name=verb, exact=True).click()
    expect(log).to_contain_text("snack")
    said = log.locator(".line").count()
    visitor.page.reload()
    expect(log.locator(".theirs")).to_have_count(2)
    chips.first.click()
    expect(log.locator(".theirs")).to_have_count(3)
    assert log.locator(".line").count() == said + 2
    visitor.context.close()
    assert visitor.faults == []
