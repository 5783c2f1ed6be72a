"""The page in a real headless Chromium: what a visitor does with keyboard, phone, screen reader and a bad network."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import phonenumbers
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.playground.contrast import UNREADABLE
from tests.playground.rig import PLAYED, Served, deliver, installed, tell

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]


class Visitor:
    """One browser on the page."""

    def __init__(self, browser: Browser, served: Served, **context: Any) -> None:
        self.context = browser.new_context(locale=context.pop("locale", "en-GB"), **context)
        self.page: Page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        self.page.goto(f"http://127.0.0.1:{served.port}/playground/")
        expect(self.page.locator("#link.live")).to_be_visible()
        expect(self.page.locator(".phone.operates .theirs")).to_have_count(1)

    def say(self, name: str, text: str) -> None:
        box = self.page.get_by_role("textbox", name=f"Message from {name}")
        box.fill(text)
        box.press("Enter")

    def log(self, name: str) -> Any:
        return self.page.get_by_role("log", name=f"Conversation of {name}")

    def phone_id(self, number: int = 0) -> str:
        numbers: list[str] = self.page.evaluate("JSON.parse(localStorage.getItem('huoju-playground')).numbers")
        return numbers[number]


@pytest.fixture(scope="module")
def shown(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One installation for all visitors, who are different people."""
    with installed(sqlite_template, tmp_path_factory.mktemp("browser")) as served:
        served.stage.publish(PLAYED, spelled=False)
        with served.running():
            yield served


@pytest.fixture
def visitor(browser: Browser, shown: Served) -> Iterator[Visitor]:
    visitor = Visitor(browser, shown)
    yield visitor
    visitor.context.close()
    assert visitor.faults == []


def test_two_phones_chat_and_a_code_counts_once(visitor: Visitor, shown: Served) -> None:
    (code,) = shown.stage.codes(1)
    visitor.say("Anna", code)
    expect(visitor.log("Anna")).to_contain_text("No prize this time, but here are 10 points for you. You now have 10.")
    visitor.say("Bo", code)
    expect(visitor.log("Bo")).to_contain_text("This code has already been used.")
    expect(visitor.log("Anna").locator(".line")).to_have_count(2)
    draws = visitor.page.get_by_role("region", name="Last draws").get_by_role("listitem")
    expect(draws.first).to_contain_text("no prize")
    expect(draws.first).to_contain_text("odds 1/1000000000")


def test_a_later_message_arrives_without_reload(visitor: Visitor, shown: Served) -> None:
    (code,) = shown.stage.codes(1)
    visitor.say("Anna", code)
    expect(visitor.log("Anna")).to_contain_text("You now have 10.")
    tell(shown.stage, visitor.phone_id(), 5, "r1")
    deliver(shown.stage)
    expect(visitor.log("Anna")).to_contain_text("we've corrected your points by +5 (sorry). You now have 15 points.")
    expect(visitor.log("Bo").locator(".line")).to_have_count(0)


def test_a_message_that_an_answer_overtook_takes_its_place_when_it_is_delivered(
    visitor: Visitor, shown: Served
) -> None:
    (code,) = shown.stage.codes(1)
    visitor.say("Anna", code)
    theirs = visitor.log("Anna").locator(".theirs")
    expect(theirs).to_have_count(1)
    tell(shown.stage, visitor.phone_id(), 5, "r1")
    visitor.say("Anna", "points")
    expect(theirs.last).to_contain_text("you have 15 points")
    with visitor.page.expect_response("**/news*%3A3%2C2&*"):
        expect(theirs).to_have_count(2)
    deliver(shown.stage)
    expect(theirs).to_have_count(3)
    expect(theirs.nth(1)).to_contain_text("we've corrected your points by +5")


@pytest.mark.parametrize("lost", ["request", "answer"])
def test_a_message_sent_again_counts_once(visitor: Visitor, shown: Served, lost: str) -> None:
    """The network fails before the engine hears it, or after: the page sends the same id, and one answer is shown."""
    (code,) = shown.stage.codes(1)
    ids: list[str] = []

    def fail(route: Any) -> None:
        ids.append(route.request.post_data_json["id"])
        if lost == "answer":
            route.fetch()
        route.abort()

    visitor.page.route("**/say", fail)
    visitor.page.route("**/news*", lambda route: route.abort())
    visitor.say("Anna", code)
    again = visitor.log("Anna").get_by_role("button", name="Send again")
    expect(again).to_be_visible()
    expect(visitor.page.get_by_text("No connection, trying again")).to_be_visible()
    visitor.page.unroute("**/say")
    visitor.page.on("request", lambda request: ids.append(request.post_data_json["id"]) if request.post_data else None)
    again.click()
    answer = visitor.log("Anna").locator(".theirs")
    expect(answer).to_contain_text("You now have 10.")
    expect(visitor.page.get_by_role("textbox", name="Message from Anna")).to_be_focused()
    visitor.page.unroute("**/news*")
    expect(visitor.page.locator("#link.live")).to_be_visible(timeout=60_000)
    expect(answer).to_have_count(1)
    expect(again).to_have_count(0)
    expect(visitor.page.get_by_text("counted once, same answer")).to_have_count(1 if lost == "answer" else 0)
    assert len(ids) == 2
    assert len(set(ids)) == 1
    visitor.say("Anna", "points")
    expect(visitor.log("Anna")).to_contain_text("you have 10 points")
    visitor.faults = [fault for fault in visitor.faults if "ERR_FAILED" not in fault]


def test_a_refusal_is_shown_and_not_offered_again(visitor: Visitor) -> None:
    visitor.page.route("**/say", lambda route: route.fulfill(status=409, json={"error": "id: used before"}))
    visitor.say("Anna", "help")
    expect(visitor.log("Anna")).to_contain_text("Refused: id: used before")
    expect(visitor.log("Anna").get_by_role("button")).to_have_count(0)
    visitor.faults = [fault for fault in visitor.faults if "409" not in fault]


def test_a_reload_shows_the_conversation_again_in_its_order(visitor: Visitor, shown: Served) -> None:
    (code,) = shown.stage.codes(1)
    visitor.say("Anna", code)
    expect(visitor.log("Anna").locator(".theirs")).to_have_count(1)
    tell(shown.stage, visitor.phone_id(), 5, "r1")
    deliver(shown.stage)
    expect(visitor.log("Anna").locator(".theirs")).to_have_count(2)
    visitor.say("Anna", "points")
    expect(visitor.log("Anna").locator(".theirs")).to_have_count(3)
    before = visitor.log("Anna").locator(".line p").all_inner_texts()
    assert [text.split(":")[0] for text in before] == ["Anna", "Huoju", "Huoju", "Anna", "Huoju"]
    visitor.page.reload()
    expect(visitor.log("Anna").locator(".line")).to_have_count(5)
    assert visitor.log("Anna").locator(".line p").all_inner_texts() == before


def test_two_visitors_are_different_people(browser: Browser, visitor: Visitor, shown: Served) -> None:
    other = Visitor(browser, shown)
    visitor.say("Anna", "help")
    expect(visitor.log("Anna").locator(".theirs")).to_have_count(1)
    assert visitor.phone_id() != other.phone_id()
    other.page.reload()
    expect(other.page.locator("#link.live")).to_be_visible()
    expect(other.log("Anna").locator(".line")).to_have_count(0)
    other.context.close()


def test_everything_can_be_done_with_the_keyboard(visitor: Visitor) -> None:
    page = visitor.page
    reached = page.locator("button:visible, input:visible, [role=log]").count()
    assert reached == 5 + 2 * 8 + 10
    for _ in range(reached):
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        page.evaluate("document.activeElement.dataset.reached = 'yes'")
    assert page.locator("[data-reached]").count() == reached
    page.get_by_role("group", name="Quick words for Bo").get_by_role("button", name="help").focus()
    page.keyboard.press("Enter")
    expect(visitor.log("Bo")).to_contain_text("Open a bag by Huoju Foods: send the code from your card to play.")
    page.get_by_role("button", name="Add a phone").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Message from Chloe")).to_be_focused()
    page.keyboard.type("help")
    page.keyboard.press("Enter")
    expect(visitor.log("Chloe")).to_contain_text("Open a bag by Huoju Foods: send the code")
    for _ in range(4):
        page.get_by_role("button", name="Add a phone").press("Enter")
    expect(page.get_by_role("textbox")).to_have_count(8)
    expect(page.get_by_role("button", name="Add a phone")).to_be_hidden()


def test_a_screen_reader_finds_names_and_hears_what_comes(visitor: Visitor) -> None:
    visitor.say("Anna", "help")
    expect(visitor.log("Anna")).to_have_attribute("aria-live", "polite")
    expect(visitor.log("Anna").locator(".mine p")).to_have_text("Anna: help")
    expect(visitor.log("Anna").locator(".theirs p")).to_contain_text("Huoju: Open a bag")
    tree = visitor.page.locator("body").aria_snapshot()
    for line in (
        'heading "火炬 Huoju playground" [level=1]',
        "navigation",
        "status: Live",
        'region "Anna"',
        'heading "Anna" [level=2]',
        'log "Conversation of Anna"',
        'group "Quick words for Anna"',
        'textbox "Message from Anna"',
        'region "Last draws"',
    ):
        assert line in tree
    assert visitor.page.evaluate(
        "[...document.querySelectorAll('button, input, [role]')].every((node) => node.computedName ?? true)"
    )


def test_a_narrow_screen_shows_one_phone_at_a_time(browser: Browser, shown: Served) -> None:
    visitor = Visitor(browser, shown, viewport={"width": 360, "height": 740}, has_touch=True)
    page = visitor.page
    visitor.say("Anna", "rules")
    expect(visitor.log("Anna")).to_contain_text("Provably fair")
    visitor.say("Anna", "a" * 300)
    expect(visitor.log("Anna").locator(".theirs")).to_have_count(2)
    expect(page.get_by_role("textbox")).to_have_count(1)
    page.get_by_role("button", name="Bo", exact=True).tap()
    expect(page.get_by_role("textbox", name="Message from Bo")).to_be_visible()
    expect(page.get_by_role("textbox")).to_have_count(1)
    page.get_by_role("button", name="Anna", exact=True).tap()
    wide = "[...document.querySelectorAll('*')].filter((n) => n.getBoundingClientRect().right > 360.5).length"
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.evaluate(wide) == 0
    assert visitor.log("Anna").evaluate("log => log.scrollWidth - log.clientWidth") == 0
    small = "[...document.querySelectorAll('button')].filter((n) => n.offsetHeight && n.offsetHeight < 24).length"
    assert page.evaluate(small) == 0
    visitor.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_readable_in_both_schemes(browser: Browser, shown: Served, scheme: Any) -> None:
    (code,) = shown.stage.codes(1)
    visitor = Visitor(browser, shown, color_scheme=scheme, reduced_motion="reduce")
    visitor.say("Anna", code)
    expect(visitor.page.get_by_role("listitem").first).to_be_visible()
    visitor.page.route("**/say", lambda route: route.abort())
    visitor.say("Bo", "help")
    expect(visitor.page.get_by_role("button", name="Send again")).to_be_visible()
    dark = visitor.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert dark == ("rgb(20, 16, 13)" if scheme == "dark" else "rgb(239, 235, 228)")
    judged = visitor.page.evaluate(UNREADABLE)
    assert judged["count"] > 20
    assert judged["unreadable"] == []
    visitor.context.close()


def test_chinese_for_a_chinese_browser_and_at_a_touch(browser: Browser, shown: Served) -> None:
    visitor = Visitor(browser, shown, locale="zh-CN")
    page = visitor.page
    expect(page).to_have_title("火炬演练场")
    page.get_by_role("group", name="小安的快捷词").get_by_role("button", name="规则").click()
    expect(page.get_by_role("log", name="小安的对话")).to_contain_text("开袋赢大奖")
    page.get_by_role("button", name="English").first.click()
    expect(page.get_by_role("textbox", name="Message from Anna")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "en"
    page.reload()
    expect(page.get_by_role("textbox", name="Message from Anna")).to_be_visible()
    visitor.context.close()


def test_hostile_words_stay_words(visitor: Visitor) -> None:
    hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    visitor.say("Anna", hostile)
    expect(visitor.log("Anna").locator(".mine p")).to_contain_text(hostile)
    expect(visitor.log("Anna").locator(".theirs")).to_have_count(1)
    assert visitor.page.locator(".log img, .log script").count() == 0


def test_every_phone_has_a_number_that_can_be_told(visitor: Visitor) -> None:
    numbers = [visitor.phone_id(number) for number in (0, 1)]
    assert len(set(numbers)) == 2
    for number, name in zip(numbers, ("Anna", "Bo"), strict=True):
        assert phonenumbers.is_valid_number(phonenumbers.parse(number))
        spelt = f"{number[3:6]} {number[6:10]} {number[10:]}"
        expect(visitor.page.get_by_role("region", name=name).get_by_text(spelt, exact=True)).to_be_visible()
    visitor.page.reload()
    expect(visitor.page.locator("#link.live")).to_be_visible()
    assert [visitor.phone_id(number) for number in (0, 1)] == numbers
    visitor.page.evaluate("""localStorage.setItem('huoju-playground', '{"suffix": "abcd", "phones": [[], []]}')""")
    visitor.page.reload()
    expect(visitor.page.locator("#link.live")).to_be_visible()
    assert visitor.phone_id() not in numbers


Choice = tuple[str, str, int | None]
"""What a choice says, its label, and the number of its question."""


def _answering(visitor: Visitor, *texts: str, choices: Sequence[Sequence[Choice]] = ()) -> list[dict[str, Any]]:
    """Let the n-th text, with the n-th choices, be the answer to the n-th message; what was sent."""
    sent: list[dict[str, Any]] = []

    def answer(route: Any) -> None:
        sent.append(route.request.post_data_json)
        at = len(sent)
        given = choices[at - 1] if at <= len(choices) else ()
        shown = [{"says": says, "label": label, "question": question} for says, label, question in given]
        told = {"how": "new", "texts": [texts[at - 1]], "sequence": [at], "choices": [shown], "pictures": [None]}
        route.fulfill(json=told)

    visitor.page.route("**/say", answer)
    return sent


def test_choices_of_the_newest_text_can_be_tapped_and_lines_cannot(visitor: Visitor) -> None:
    texts = ("Gifts:\n1. A cup\n2. A bag", "Sure?\n1. Yes\n2. No", "The board:\n1. Anna: 7\n2. Bo: 5")
    cups: list[Choice] = [("1", "A cup", 7), ("2", "A bag", 7)]
    sent = _answering(visitor, *texts, choices=[cups, [("1", "Yes", 8), ("2", "No", 8)]])
    log = visitor.log("Anna")
    choices = log.get_by_role("group", name="Choices").get_by_role("button")
    visitor.say("Anna", "gifts")
    expect(choices).to_have_text(["A cup", "A bag"])
    log.get_by_role("button", name="A bag").click()
    expect(choices).to_have_text(["Yes", "No"])
    log.get_by_role("button", name="Yes").press("Enter")
    expect(log).to_contain_text("The board:")
    expect(choices).to_have_count(0)
    expect(visitor.page.get_by_role("textbox", name="Message from Anna")).to_be_focused()
    assert [(one["text"], one["typed"], one["question"]) for one in sent] == [
        ("gifts", True, None),
        ("2", False, 7),
        ("1", False, 8),
    ]


def test_only_links_to_this_site_are_links(visitor: Visitor, shown: Served) -> None:
    ours = f"http://127.0.0.1:{shown.port}"
    elsewhere = f"http://other.example/ {ours}.other.example/ {ours}@other.example/ javascript:{ours[5:]}"
    text = f"Send this on: {ours}/i/7K2M9QXR. Not {elsewhere}"
    _answering(visitor, text)
    visitor.say("Anna", "invite")
    links = visitor.log("Anna").get_by_role("link")
    expect(links).to_have_text([f"{ours}/i/7K2M9QXR"])
    assert visitor.log("Anna").locator(".theirs p").text_content() == f"Huoju: {text}"
    assert links.evaluate("link => [link.href, link.target, link.rel]") == [f"{ours}/i/7K2M9QXR", "_blank", "noopener"]


def test_a_scanned_word_is_sent_as_nobody_typed_it(visitor: Visitor) -> None:
    page, posted = visitor.page, []
    page.on("request", lambda request: posted.append(request.post_data_json) if request.method == "POST" else None)
    page.goto(f"{page.url}?scan=7K2M-9QXR&lang=en")
    box = page.get_by_role("textbox", name="Message from Bo")
    box.press("Enter")
    expect(visitor.log("Bo").locator(".theirs")).to_have_count(1)
    box.fill("7K2M-9QXR")
    box.press("Enter")
    expect(visitor.log("Bo").locator(".theirs")).to_have_count(2)
    assert [message["typed"] for message in posted] == [False, True]


@pytest.mark.parametrize("width", [360, 1280])
def test_a_word_that_was_handed_over_waits_to_be_sent(visitor: Visitor, width: int) -> None:
    page = visitor.page
    page.set_viewport_size({"width": width, "height": 740})
    posted: list[str] = []
    page.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)
    page.goto(f"{page.url}?say=7K2M-9QXR%3Cb%3E&lang=en#top")
    box = page.get_by_role("textbox", name="Message from Bo")
    expect(box).to_have_value("7K2M-9QXR<b>")
    expect(box).to_be_focused()
    assert page.url.endswith("/playground/?lang=en#top")
    expect(page.locator("#link.live")).to_be_visible()
    assert posted == []
    box.press("Enter")
    expect(visitor.log("Bo").locator(".theirs")).to_have_count(1)
    page.reload()
    expect(page.locator("#text-1")).to_have_value("")


def test_a_spoilt_memory_begins_afresh(visitor: Visitor) -> None:
    numbers = '"numbers": ["+8619900000000"]'
    for spoilt in (
        "{",
        "null",
        f'{{{numbers}, "phones": [null, [{{"id": 1}}], "x"]}}',
        '{"suffix": "x", "phones": []}',
        '{"numbers": [7], "phones": []}',
    ):
        visitor.page.evaluate("text => localStorage.setItem('huoju-playground', text)", spoilt)
        visitor.page.reload()
        visitor.say("Bo", "help")
        expect(visitor.log("Bo").locator(".theirs").last).to_contain_text("Open a bag")


def test_the_way_in_behind_a_password(browser: Browser, served: Served) -> None:
    served.stage.publish(PLAYED, spelled=False)
    served.environment["HUOJU_PLAYGROUND_PASSWORD"] = "open sesame"
    with served.running():
        context = browser.new_context(locale="en-GB")
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{served.port}/playground/")
        page.keyboard.type("wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("Check the password")
        page.get_by_label("Password").fill("open sesame")
        page.keyboard.press("Enter")
        expect(page.locator("#link.live")).to_be_visible()
        page.get_by_role("textbox", name="Message from Anna").fill("help")
        page.keyboard.press("Enter")
        expect(page.get_by_role("log", name="Conversation of Anna")).to_contain_text("Open a bag")
        context.clear_cookies()
        expect(page.get_by_text("Signed out. Reload the page to sign in.")).to_be_visible()
        context.close()
