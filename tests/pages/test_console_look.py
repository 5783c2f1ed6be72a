"""The console in a real headless Chromium: it shows what comes, says how old that is, and recovers by itself."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from pages.console.view import Failures
from tests.pages.screens import LINK, VIEW, Screens, served
from tests.playground.contrast import UNREADABLE

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]


@pytest.fixture
def screens() -> Screens:
    return Screens()


@pytest.fixture
def address(screens: Screens) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, served(screens), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/console/{LINK}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB", reduced_motion="reduce", viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(address)
    expect(page.locator('[data-figure="redeemed"]')).to_have_text("48,210")
    yield page
    assert (faults, context.cookies()) == ([], [])
    context.close()


def test_what_happens_is_shown_by_itself(page: Page, screens: Screens) -> None:
    expect(page.locator("#tree [data-at]")).not_to_have_count(0)
    expect(page.locator("#prizes li")).to_have_count(4)
    expect(page.locator("#whole")).to_have_text("whole, verified 11:58")
    torches = VIEW.torches and VIEW.torches._replace(granted=2_500)
    screens.turn(
        figures={**VIEW.figures, "redeemed": 48_299}, state="paused", torches=torches, failures=Failures(3, 0, 1)
    )
    expect(page.locator('[data-figure="redeemed"]')).to_have_text("48,299")
    expect(page.locator("#state")).to_have_text("Paused")
    expect(page.locator("#granted")).to_have_text("2,500")
    expect(page.locator("#failures")).to_have_text("messages: 3 · texts given up: 1")


def test_the_tree_is_drawn_from_the_counts(page: Page, screens: Screens) -> None:
    screens.turn(torches=VIEW.torches and VIEW.torches._replace(granted=7, lit=2, out=1, legs=[4, 2, 1]))
    expect(page.locator("#tree [data-at]")).to_have_count(7)
    for state, count in (("lit", 2), ("waiting", 4), ("out", 1)):
        expect(page.locator(f"#tree path.{state}")).to_have_count(count)
    screens.turn(torches=VIEW.torches and VIEW.torches._replace(granted=8, lit=3, out=1, legs=[4, 3, 1]))
    expect(page.locator("#tree [data-at]")).to_have_count(8)
    expect(page.locator("#tree .lit.grown, #tree .waiting.grown, #tree .out.grown")).to_have_count(1)


def test_it_says_how_old_its_data_is(page: Page, screens: Screens) -> None:
    age = page.locator("#age")
    expect(age).not_to_have_class("age stale")
    screens.held += timedelta(seconds=42)
    expect(age).to_have_text("data 42 s old")
    expect(age).to_have_class("age stale")


def test_it_recovers_by_itself_when_the_server_is_back(page: Page, screens: Screens) -> None:
    screens.away = True
    expect(page.locator("#age")).to_contain_text("no connection, trying again")
    expect(page.locator('[data-figure="redeemed"]')).to_have_text("48,210")
    screens.turn(figures={**VIEW.figures, "redeemed": 50_000})
    screens.away = False
    expect(page.locator('[data-figure="redeemed"]')).to_have_text("50,000", timeout=10_000)
    expect(page.locator("#age")).not_to_contain_text("no connection")


def test_a_hidden_screen_asks_seldom_and_one_that_fails_less_and_less(page: Page, screens: Screens) -> None:
    assert page.evaluate("document.hidden") is False
    page.clock.install()
    page.reload()
    expect(page.locator("#console")).not_to_have_attribute("aria-busy", "true")
    screens.away = True
    asked = screens.asked
    for _ in range(24):
        page.clock.run_for(5_000)
        page.wait_for_function("() => true")
    assert 3 <= screens.asked - asked <= 20  # at every two seconds it would be sixty


def test_a_link_that_is_over_goes_dark(page: Page, screens: Screens) -> None:
    screens.over = True
    expect(page.get_by_role("heading", level=1)).to_have_text("This link shows nothing any more")
    expect(page.get_by_text("48,210")).to_have_count(0)


def test_everything_is_readable_and_fits(page: Page, address: str) -> None:
    for language in ("zh", "en"):
        page.goto(f"{address}?lang={language}")
        expect(page.locator("#console")).not_to_have_attribute("aria-busy", "true")
        for width, height, scheme in (
            (320, 640, "light"),
            (390, 844, "dark"),
            (1920, 1080, "light"),
            (1920, 1080, "dark"),
        ):
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            judged = page.evaluate(UNREADABLE)
            assert judged["count"] >= 40
            assert judged["unreadable"] == []
            assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.evaluate("document.documentElement.scrollHeight") == height, "a screen is not scrolled"
