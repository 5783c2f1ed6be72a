"""The page of a card: leads into the chats with the code filled in, and tells nobody whether there is such a code."""

import re
from urllib.parse import urljoin

import pytest

from core.alphabet import grouped
from core.campaign.publication import change_state
from core.messages import InboundKind
from huoju.account_registry import Contact
from huoju.bootstrap import Installation
from huoju.logs import configure
from huoju.settings import Settings
from huoju.web.application import create_app
from tests.playground.rig import Door
from tests.stage import CAMPAIGN, Stage

pytestmark = pytest.mark.reading


PLAYED = CAMPAIGN.replace("[test, second]", "[playground, telegram, sms, wechat]")
CODE = "ABCD2345EFGH"


def _contacts(channel: str, word: str) -> list[Contact]:
    return {
        "telegram": [Contact("snack", "@snackbot", f"https://t.me/snackbot?start={word}")],
        "sms": [Contact("main", "1069", f"sms:1069?&body={word}")],
        "wechat": [Contact("main", "火炬零食", None)],
    }.get(channel, [])


@pytest.fixture
def door(stage: Stage) -> Door:
    stage.publish(PLAYED)
    made = Door(stage)
    installation = Installation(Settings(), stage.database, stage.keys, lambda: stage.now, stage.randomness)
    made.app = create_app(installation, made.engine, playground=True, contacts=_contacts)
    made.client = made.app.test_client()
    yield made
    made.engine.close()


def test_every_chat_is_opened_with_the_code_in_it(door: Door) -> None:
    page = door.client.get(f"/c/{CODE}")
    assert page.status_code == 200
    assert "https://t.me/snackbot?start=ABCD-2345-EFGH" in page.text
    assert "sms:1069?&amp;body=ABCD-2345-EFGH" in page.text
    assert "WeChat 微信 火炬零食" in page.text
    assert '<strong id="word" translate="no">ABCD-2345-EFGH</strong>' in page.text
    assert page.text.index("@snackbot") < page.text.index("火炬零食")  # what a tap opens stands first
    assert "playground" not in page.text  # which nobody needs who has a chat
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page.text
    chinese = door.client.get(f"/c/{CODE}?lang=zh")
    assert "开袋赢大奖" in chinese.text
    assert "卡片上的码" in chinese.text


def test_no_page_tells_whether_a_code_exists_or_was_used(door: Door) -> None:
    (used, fresh), (inert,) = door.stage.codes(2), door.stage.issue(1, active=False)[1]
    door.say(used)
    pages = {
        re.sub(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", "CODE", door.client.get(f"/c/{code}").text)
        for code in (used, fresh, inert, CODE, used.lower(), used.replace("-", ""))
    }
    assert len(pages) == 1


@pytest.mark.reading
@pytest.mark.parametrize(
    "code",
    [
        "x",
        "A" * 33,
        f"x/{CODE}",
        f"{'1' * 5_000}/{CODE}",
        f"1/2/{CODE}",
        "1/x",
        "A" * 41,
        "%3Cscript%3E123456",
        "ABCDEF%00GH",
        "码码码码码码码",
        "1234567.89/",
    ],
)
def test_what_has_no_codes_shape_is_told_so_and_not_said_back(door: Door, code: str) -> None:
    page = door.client.get(f"/c/{code}")
    assert page.status_code == 404
    assert "script>" not in page.text.replace("</script>", "")


def _page(door: Door, path: str) -> str:
    return door.client.get(f"/c/{path}").text


def _two_brands(door: Door) -> None:
    """Snack has codes of 12 symbols, tea of 10, and coffee, where nothing was printed, will have 12."""
    door.stage.codes(1)
    tea = PLAYED.replace("name: snack", "name: tea").replace("Open a bag", "Drink tea")
    door.stage.publish(tea.replace("length: 12", "length: 10"))
    door.stage.codes(1, "tea")
    door.stage.publish(tea.replace("name: tea", "name: coffee").replace("Drink tea", "Drink coffee"))
    _reread(door)


def _reread(door: Door) -> None:
    """As two seconds later."""
    stage = door.stage
    made = Installation(Settings(), stage.database, stage.keys, lambda: stage.now, stage.randomness)
    door.app = create_app(made, door.engine, playground=True, contacts=_contacts)
    door.client = door.app.test_client()


def _move(door: Door, move: str, campaign: str) -> None:
    with door.stage.sessions.begin() as session:
        change_state(session, campaign, move)
    _reread(door)


BRANDS = ["Open a bag", "Drink tea", "Drink coffee"]


@pytest.mark.parametrize(
    ("path", "named"),
    [
        (CODE, ["Open a bag", "Drink coffee"]),
        ("ABCD23-EFGH", ["Drink tea"]),
        ("ABCD2345", []),
        (f"1/{CODE}", ["Open a bag"]),
        (f"2/{CODE}", ["Drink tea"]),
        (f"3/{CODE}", ["Drink coffee"]),
        (f"4/{CODE}", ["Open a bag", "Drink coffee"]),
    ],
)
def test_a_card_names_no_brand_but_those_whose_code_it_may_be(door: Door, path: str, named: list[str]) -> None:
    _two_brands(door)
    page = _page(door, path)
    assert [brand for brand in BRANDS if brand in page] == named
    assert ("No campaign takes this code right now" in page) == (not named)


def test_only_campaigns_that_take_codes_now_are_named(door: Door) -> None:
    _two_brands(door)
    _move(door, "pause", "coffee")
    _move(door, "end", "tea")
    assert [brand for brand in BRANDS if brand in _page(door, CODE)] == ["Open a bag"]
    assert "No campaign takes this code right now" in _page(door, "ABCD23-EFGH")
    door.stage.wait(days=91)
    _reread(door)
    assert "No campaign takes this code right now" in _page(door, CODE)


def test_the_campaign_that_a_link_names_says_itself_that_it_rests_or_is_over(door: Door) -> None:
    _two_brands(door)
    _move(door, "pause", "coffee")
    _move(door, "end", "tea")
    paused, over = _page(door, f"3/{CODE}"), _page(door, "2/ABCD23EFGH")
    assert "Drink coffee" in paused
    assert "cannot be played right now" in paused
    assert "Drink tea" in over
    assert "This campaign is over" in over
    assert "t.me" not in paused + over


def test_links_of_a_card_that_names_its_campaign_lead_where_they_should(door: Door) -> None:
    installation = Installation(
        Settings(), door.stage.database, door.stage.keys, lambda: door.stage.now, door.stage.randomness
    )
    door.app = create_app(installation, door.engine, playground=True)
    door.client = door.app.test_client()
    page = _page(door, f"1/{CODE}")
    assert "SMS" not in page  # there is no account of ours
    for path in re.findall(r'(?:href|src)="((?:\.\./)+[^"]*)', page):
        assert door.client.get(urljoin(f"/c/1/{CODE}", path)).status_code == 200, path
    assert "../../playground/?say=ABCD-2345-EFGH" in page
    assert "开袋赢大奖" in _page(door, f"1/{CODE}?lang=zh")


def test_a_failure_logs_nothing_of_the_code(
    door: Door, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    configure("info")
    monkeypatch.setattr("pages.card.serve.grouped", lambda code: {}[code])
    assert door.client.get(f"/c/{CODE}").status_code == 500
    logged = capsys.readouterr().err
    assert "KeyError" in logged
    assert CODE not in logged
    assert grouped(CODE) not in logged


def test_a_tapped_link_redeems_the_code(door: Door) -> None:
    (code,) = door.stage.codes(1)
    page = door.client.get(f"/c/{code.replace('-', '')}").text
    (payload,) = re.findall(r"snackbot\?start=([\w-]+)", page)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", payload)  # core.telegram.org/bots/features#deep-linking
    assert door.stage.say(payload, channel="telegram", kind=InboundKind.TAPPED).startswith("redeem.points")


def test_the_page_and_its_files_are_served(door: Door) -> None:
    assert door.client.get("/c/page/base.css").status_code == 200
    assert door.client.post(f"/c/{CODE}").status_code == 405
