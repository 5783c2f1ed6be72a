"""`make run` as somebody meets it who has never heard of it: a walk in a real browser, over the processes of `run`."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.playground.contrast import UNREADABLE
from tests.playground.rig import Served, installed, until
from tests.playground.test_browser import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

DEMO = Path("examples/demo").resolve()
SMALL, LARGE = {"width": 390, "height": 844}, {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def run(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    tmp_path = tmp_path_factory.mktemp("first-minute")
    with installed(sqlite_template, tmp_path) as served:
        process = subprocess.Popen(
            [sys.executable, "-m", "huoju", "run", "--playground", "--demo", str(DEMO), "--port", str(served.port)],
            cwd=tmp_path,
            env=served.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            until(lambda: process.poll() is not None or served.ready())
            yield served
        finally:
            process.send_signal(signal.SIGTERM)
            said, _ = process.communicate(timeout=60)
        assert said.splitlines() == [
            f"Huoju starts on http://127.0.0.1:{served.port} (the playground)",
            "Ctrl-C stops it.",
            "Stopped.",
        ]


def _hand(page: Page) -> list[str]:
    hand: list[str] = page.evaluate("[...document.querySelectorAll('.card')].map((card) => card.innerText)")
    return ["-".join(card.split()) for card in hand]


def _full_hand(page: Page, without: str = "") -> list[str]:
    until(lambda: len(set(_hand(page)) - {"", without}) == 3)
    return _hand(page)


def _shows(image: Locator) -> None:
    expect(image).to_be_visible()
    until(lambda: image.evaluate("image => image.complete && image.naturalWidth > 0"))


def _is_sound(page: Page) -> None:
    """Nothing sticks out, everything can be read, every button has a name and room for a finger."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert page.evaluate(UNREADABLE)["unreadable"] == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
    small = "[...document.querySelectorAll('button')].filter((n) => n.offsetHeight && n.offsetHeight < 24).length"
    assert page.evaluate(small) == 0
    nameless = "button => button.checkVisibility() && !(button.innerText || button.ariaLabel)"
    assert page.evaluate(f"[...document.querySelectorAll('button')].filter({nameless}).length") == 0


def test_the_first_minute(browser: Browser, run: Served) -> None:
    visitor = Visitor(browser, run, viewport=LARGE)
    page = visitor.page
    anna, bo = visitor.log("Anna"), visitor.log("Bo")
    lead = page.locator(".lead")
    assert lead.inner_text().count(". ") + 1 == 2
    tour = page.get_by_role("region", name="Two phones, two people")
    expect(tour).to_contain_text("Step 1 of 6")
    _is_sound(page)
    _the_tour(page)

    hand = _full_hand(page)
    card = page.get_by_role("button", name=f"Send card {hand[0]} from the phone of Anna")
    card.dblclick()
    _full_hand(page, without=hand[0])
    expect(anna.locator(".mine")).to_have_text([f"Anna: {hand[0]}"])
    expect(anna.locator(".theirs").first).to_be_visible()
    page.get_by_role("region", name="Bo").get_by_role("heading").click()
    second = page.get_by_role("button", name=f"Send card {hand[1]} from the phone of Bo")
    second.press("Enter")
    expect(bo.locator(".mine")).to_have_text([f"Bo: {hand[1]}"])
    fresh = _full_hand(page, without=hand[1])
    assert fresh[2] == hand[2]
    assert page.evaluate("document.activeElement.className") == "card"
    _another_tab(visitor, fresh)
    _the_relay(visitor)
    _the_operator(visitor)

    page.reload()
    expect(page.locator("#link.live")).to_be_visible()
    expect(page.get_by_role("button", name="The online torch relay")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#tour")).to_be_hidden()
    expect(anna.locator(".mine")).to_have_text(["Anna: torch"])
    page.get_by_role("button", name="Open a bag and win").click()
    expect(anna.locator(".mine")).to_have_text([f"Anna: {hand[0]}"])
    _full_hand(page)
    page.route("**/cards", lambda route: route.fulfill(json={"cards": []}))
    page.locator(".card").first.click()
    expect(page.get_by_text("All cards of this demo are used up.")).to_be_visible()
    expect(page.locator(".card:visible")).to_have_count(0)
    visitor.context.close()
    assert visitor.faults == []


def _the_tour(page: Page) -> None:
    """Through it and back with the keyboard; skipped, it is taken again from its beginning."""
    page.get_by_role("button", name="Next").press("Enter")
    expect(page.get_by_role("region", name="Tap a card")).to_contain_text("Step 2 of 6")
    expect(page.get_by_role("heading", name="Tap a card")).to_be_focused()
    expect(page.locator("#cards.shown")).to_be_visible()
    page.reload()
    expect(page.get_by_role("region", name="Tap a card")).to_contain_text("Step 2 of 6")
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_text("Step 1 of 6")).to_be_visible()
    page.get_by_role("button", name="Skip the tour").click()
    expect(page.locator("#tour")).to_be_hidden()
    expect(page.locator(".shown")).to_have_count(0)
    page.reload()
    expect(page.locator("#link.live")).to_be_visible()
    expect(page.locator("#tour")).to_be_hidden()
    page.get_by_role("button", name="Tour").click()
    for _ in range(5):
        page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Step 6 of 6")).to_be_visible()
    expect(page.locator(".phone.operates.shown.current")).to_be_visible()
    page.get_by_role("button", name="Done").click()
    expect(page.locator("#tour")).to_be_hidden()
    page.get_by_role("textbox", name="Message from Anna").focus()


def _another_tab(visitor: Visitor, hand: list[str]) -> None:
    """Two tabs hold one hand: what one sends is no card of the other's any more."""
    other = visitor.context.new_page()
    other.goto(visitor.page.url)
    expect(other.locator("#link.live")).to_be_visible()
    assert sorted(_full_hand(other)) == sorted(hand)
    other.get_by_role("button", name=f"Send card {hand[0]} ").click()
    expect(other.get_by_role("log", name="Conversation of Anna").locator(".mine")).to_have_count(2)
    expect(visitor.page.get_by_role("button", name=f"Send card {hand[0]} ")).to_have_count(0)
    until(lambda: set(_hand(visitor.page)) == set(_hand(other)) and len(set(_hand(other))) == 3)
    other.close()


def _the_relay(visitor: Visitor) -> None:
    page, anna = visitor.page, visitor.log("Anna")
    page.get_by_role("group", name="What is played").get_by_role("button", name="The online torch relay").click()
    expect(anna.locator(".line")).to_have_count(0)
    chips = page.get_by_role("group", name="Quick words for Anna").get_by_role("button")
    expect(chips.first).to_have_text("torch")
    expect(chips.filter(has_text="gifts")).to_have_count(0)
    chips.first.click()
    expect(anna).to_contain_text("leg 1")
    _shows(anna.get_by_role("img", name="The torch, as a picture"))
    anna.get_by_role("button", name="Hand it to Bo").click()
    expect(visitor.log("Bo")).to_contain_text("leg 2")
    expect(page.locator(".phone.current").get_by_role("heading")).to_have_text("Bo")
    expect(anna.locator(".theirs")).to_have_count(2)
    expect(anna.get_by_role("button", name="Hand it to Chloe").first).to_be_visible()
    page.set_viewport_size(SMALL)
    _is_sound(page)
    page.set_viewport_size(LARGE)


def _the_operator(visitor: Visitor) -> None:
    phone: Any = visitor.page.locator(".phone.operates")
    phone.get_by_role("button", name="/stats demo-relay").click()
    _shows(phone.get_by_role("img", name="Chart of the last days"))
    expect(phone.get_by_role("img", name="Chart of the last days")).to_be_in_viewport()
    expect(phone.get_by_role("log")).not_to_contain_text("/chart/")
    phone.get_by_role("button", name="/help").click()
    expect(phone.get_by_role("log")).to_contain_text("What you can say")


def test_in_chinese_on_a_phone(browser: Browser, run: Served) -> None:
    visitor = Visitor(browser, run, locale="zh-CN", viewport=SMALL, has_touch=True)
    page = visitor.page
    assert page.locator(".lead").inner_text().count("。") == 2
    expect(page.get_by_text("第 1 步，共 6 步")).to_be_visible()
    _full_hand(page)
    _is_sound(page)
    page.locator(".card").first.tap()
    expect(visitor.page.get_by_role("log", name="小安的对话").locator(".theirs").first).to_be_visible()
    assert "您" in page.get_by_role("log", name="小安的对话").inner_text()
    page.get_by_role("button", name="操作员").tap()
    expect(page.locator(".phone:visible .chips button").first).to_have_text("/帮助")
    page.locator(".card").last.tap()
    expect(page.get_by_role("log", name="小安的对话").locator(".mine")).to_have_count(2)
    _is_sound(page)
    visitor.context.close()
    assert visitor.faults == []
