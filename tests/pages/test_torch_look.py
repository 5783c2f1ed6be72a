"""The torch page in a real headless Chromium: its countdown, how it lights up, and how it reads everywhere."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from handlers.relay.views import TorchState
from tests.pages.torches import Torches, served
from tests.playground.contrast import UNREADABLE

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

ASKED_AT = """{
  const ask = fetch;
  window.askedAt = [];
  window.fetch = (...all) => { askedAt.push(performance.now()); return ask(...all); };
}"""
ANSWERED = """{
  const ask = fetch;
  window.unanswered = 0;
  window.fetch = async (...all) => {
    unanswered += 1;
    const answer = await ask(...all);
    const read = answer.json.bind(answer);
    answer.json = () => read().finally(() => { unanswered -= 1; });
    return answer;
  };
}"""
WRONG_CLOCK = "{ const now = Date.now; Date.now = () => now() + 3_600_000; }"


class Burning(Torches):
    """A torch by the clock of this machine, unless it is held."""

    def __init__(self) -> None:
        super().__init__()
        self.held_at: datetime | None = None
        self.granted(timedelta(minutes=10))

    def clock(self) -> datetime:
        return self.held_at or datetime.now(UTC)

    def granted(self, left: timedelta, state: TorchState = TorchState.UNLIT) -> None:
        ends_at = self.clock() + left
        self.turn(state, granted_at=ends_at - timedelta(minutes=10), ends_at=ends_at)

    def seconds_left(self) -> float:
        assert self.view.torch
        return (self.view.torch.ends_at - self.clock()).total_seconds()


@pytest.fixture
def torches() -> Burning:
    return Burning()


@pytest.fixture
def address(torches: Burning) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, served(torches, None), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/t/7K2M9QXR"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB", viewport={"width": 390, "height": 800})
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    assert (faults, context.cookies()) == ([], [])
    context.close()


def stop_time(page: Page) -> None:
    """Let no time pass on the page but what a test lets pass, however long the page takes to load."""
    page.clock.install(time=0)
    page.clock.pause_at(1000)


def shown_seconds(page: Page) -> int:
    minutes, _, seconds = page.get_by_role("timer").inner_text().partition(":")
    return 60 * int(minutes) + int(seconds)


def test_the_countdown_keeps_the_server_s_time_whatever_the_phone_s_clock_says(
    page: Page, address: str, torches: Burning
) -> None:
    page.add_init_script(WRONG_CLOCK)
    page.goto(address)
    for _ in range(3):
        shown, left = shown_seconds(page), torches.seconds_left()
        assert abs(shown - left) < 30  # the phone is wrong by an hour
        page.wait_for_timeout(400)


def test_the_torch_lights_up_before_the_player_s_eyes(page: Page, address: str, torches: Burning) -> None:
    page.goto(address)
    page.get_by_role("link", name="Save the badge").focus()
    torches.light()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # as when the phone is taken up again
    expect(page.locator("#news")).to_have_text("Burning")
    expect(page.locator("#flame")).to_have_class("flame lit fresh")
    expect(page.get_by_role("timer")).to_have_count(0)
    expect(page.get_by_role("link", name="Save the badge")).to_be_focused()


def test_at_its_end_it_goes_out_without_waiting_to_be_told(page: Page, address: str, torches: Burning) -> None:
    torches.held_at = torches.clock()
    torches.granted(timedelta(seconds=2))
    page.add_init_script(ASKED_AT)
    stop_time(page)
    page.goto(address)
    expect(page.get_by_role("timer")).to_be_visible()
    torches.held_at += timedelta(seconds=2)
    page.clock.run_for(3_200)
    expect(page.locator("#state")).to_have_text("Gone out")
    assert page.evaluate("askedAt[0]") < 4_900  # at 5,000 it would have asked anyway


def test_a_server_that_fails_is_asked_less_and_less(page: Page, address: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/state") else None)
    page.add_init_script(ANSWERED)
    stop_time(page)
    page.goto(address)

    def pass_minutes(count: int) -> int:
        asked.clear()
        for _ in range(count * 10):
            page.clock.run_for(6_000)
            while page.evaluate("unanswered"):
                pass
        return len(asked)

    assert 6 <= pass_minutes(1) <= 15
    page.route("**/state", lambda route: route.fulfill(body="no answer"))
    assert 2 <= pass_minutes(2) <= 6


def test_everything_is_readable_and_fits(page: Page, address: str, torches: Burning) -> None:
    for state in TorchState:
        torches.turn(state)
        for language in ("zh", "en"):
            page.goto(f"{address}?lang={language}")
            for width, scheme in ((320, "light"), (320, "dark"), (1280, "dark")):
                page.set_viewport_size({"width": width, "height": 800})
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                judged = page.evaluate(UNREADABLE)
                assert judged["count"] >= 25
                assert judged["unreadable"] == []
                assert page.evaluate("document.documentElement.scrollWidth") == width


def test_without_its_script_and_without_motion_the_page_says_the_same(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, reduced_motion="reduce", locale="zh-CN")
    page = context.new_page()
    page.goto(address)
    expect(page.locator("#state")).to_have_text("等待点燃")
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.get_by_text("请重新打开本页")).to_be_visible()
    expect(page.locator("time")).to_be_visible()
    context.close()
