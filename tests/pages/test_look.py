"""The invite page in a real headless Chromium: on a phone, in the dark, with and without its script."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server

from tests.pages.rig import Invites, served
from tests.pages.test_file import CONTENT, LINK, Files
from tests.pages.test_file import served as files_served
from tests.playground.contrast import UNREADABLE

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = make_server("127.0.0.1", 0, served(Invites(), None), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/i/7K2M9QXR"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_word_is_copied_at_a_touch(browser: Browser, address: str) -> None:
    context = browser.new_context(locale="en-GB", permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text))
    page.goto(address)
    expect(page.get_by_role("button", name="Share")).to_have_count(0)  # which this browser cannot
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "7K2M-9QXR"
    page.get_by_role("button", name="Copy the link").press("Enter")
    expect(page.get_by_role("status")).to_have_text("The link is copied")
    assert page.evaluate("navigator.clipboard.readText()") == address.replace("7K2M9QXR", "7K2M-9QXR")
    page.add_init_script("window.shared = []; navigator.share = async (what) => { shared.push(what); };")
    page.reload()
    page.get_by_role("button", name="Share").click()
    assert page.evaluate("shared.map((one) => [one.title, one.url])") == [
        ["A friend invites you to Open a bag", address.replace("7K2M9QXR", "7K2M-9QXR")]
    ]
    assert page.get_by_alt_text("QR code of this page's link").evaluate("image => image.naturalWidth") > 0
    page.get_by_role("link", name="中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("朋友邀请您参加 开袋赢大奖")
    assert (faults, context.cookies()) == ([], [])
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_everything_is_readable_and_fits(browser: Browser, address: str, width: int, scheme: Any) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    for shown in (address, f"{address}?lang=zh", f"{address}x"):
        page.goto(shown)
        judged = page.evaluate(UNREADABLE)
        assert judged["count"] >= 4
        assert judged["unreadable"] == []
        assert page.evaluate("document.documentElement.scrollWidth") == width
    context.close()


def test_a_file_that_is_given_once_is_taken_by_its_button(browser: Browser, tmp_path: Path) -> None:
    server = make_server("127.0.0.1", 0, files_served(Files(tmp_path)), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    context = browser.new_context(viewport={"width": 390, "height": 800}, color_scheme="dark", locale="zh-CN")
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text))
    address = f"http://127.0.0.1:{server.port}/file/{LINK}"
    for language in ("zh", "en", "en"):  # looking spends nothing
        page.goto(f"{address}?lang={language}")
        assert page.evaluate(UNREADABLE)["unreadable"] == []
        assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("button", name="Take the file").focus()
    with page.expect_download() as taken:
        page.keyboard.press("Enter")
    assert taken.value.suggested_filename == "codes-3.csv"
    assert Path(taken.value.path()).read_bytes() == CONTENT
    assert faults == []
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("这个链接的文件已被取走")
    expect(page.get_by_role("button")).to_have_count(0)
    assert page.evaluate(UNREADABLE)["unreadable"] == []
    context.close()
    server.shutdown()
    thread.join()
    server.server_close()


def test_without_its_script_the_page_says_the_same(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(address)
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.locator("ol > li").nth(1)).to_have_text("发送这个邀请码：7K2M-9QXR")
    context.close()
