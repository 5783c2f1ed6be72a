"""The page of a card: leads into the chats with the code filled in, and tells nobody whether there is such a code."""

import re

import pytest

from core.codes.alphabet import grouped
from core.messages import Manner
from huoju.channels.ours import Contact
from huoju.compose import Installation
from huoju.doors import create_app
from huoju.logs import configure
from huoju.settings import Settings
from tests.playground.rig import Door
from tests.stage import CAMPAIGN, Stage

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
    assert "../playground/?say=ABCD-2345-EFGH" in page.text
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


@pytest.mark.parametrize(
    "code", ["x", "A" * 33, "A" * 41, "%3Cscript%3E123456", "ABCDEF%00GH", "码码码码码码码", "1234567.89/"]
)
def test_what_has_no_codes_shape_is_told_so_and_not_said_back(door: Door, code: str) -> None:
    page = door.client.get(f"/c/{code}")
    assert page.status_code == 404
    assert "script>" not in page.text.replace("</script>", "")


def test_only_campaigns_that_take_codes_now_are_named(door: Door) -> None:
    assert "Open a bag" in door.client.get(f"/c/{CODE}").text
    door.stage.publish(PLAYED.replace("name: snack", "name: tea").replace("Open a bag", "Drink tea"))
    door.app = create_app(
        Installation(Settings(), door.stage.database, door.stage.keys, lambda: door.stage.now, door.stage.randomness),
        door.engine,
        playground=False,
    )
    page = door.app.test_client().get(f"/c/{CODE}").text
    assert "Open a bag" in page
    assert "Drink tea" in page
    door.stage.wait(days=91)
    assert "No campaign takes codes right now" in door.app.test_client().get(f"/c/{CODE}").text


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
    assert door.stage.say(payload, channel="telegram", manner=Manner.TAPPED).startswith("redeem.points")


def test_the_page_and_its_files_are_served(door: Door) -> None:
    assert door.client.get("/c/page/base.css").status_code == 200
    assert door.client.post(f"/c/{CODE}").status_code == 405
