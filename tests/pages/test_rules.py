"""The page of rules: all that a chat tells of them, in both languages, of campaigns that are open or over."""

import html
import re
from pathlib import Path

import pytest

from tests.playground.rig import Door
from tests.stage import Stage

pytestmark = pytest.mark.reading

SNACK = Path("examples/snack.yaml").read_text(encoding="utf-8")
RELAY = Path("examples/torch-relay.yaml").read_text(encoding="utf-8")


def shown(text: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub("<[^>]+>", " ", text)))


def published(stage: Stage, text: str) -> None:
    stage.publish(text.replace("[playground,", "[test, playground,"), spelled=False)


def test_the_page_tells_all_that_a_chat_tells(stage: Stage) -> None:
    published(stage, SNACK)
    told = {"en": stage.say("rules"), "zh": stage.say("规则", by="b")}
    published(stage, RELAY.replace("name: torch-relay", "name: relay"))
    door = Door(stage)
    for language, said in told.items():
        answer = door.client.get(f"/rules/snack?lang={language}")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=60")
        page = shown(answer.text)
        lines = [line.removeprefix("- ") for line in said.splitlines()[3 if language == "zh" else 2 :] if line]
        assert len(lines) > 8
        assert [line for line in lines if line not in page] == []
    assert 'href="../b/relay' in door.client.get("/rules/relay").text
    assert 'href="../b/' not in door.client.get("/rules/snack").text
    assert 'href="../rules/relay?lang=en"' in door.client.get("/b/relay").text
    assert door.client.get("/rules/nothing").status_code == 404
    assert door.client.get(f"/rules/{'s' * 41}").status_code == 404


def test_rules_that_a_campaign_words_itself_are_shown_as_they_are(stage: Stage) -> None:
    odds = "odds prizes gifts claims invites relay conditions commitment"
    places = f"title opens closes zone organiser play {odds}".split(" ")
    own = " ".join(f"{{{place}}}" for place in places)
    text = SNACK.replace("codes:\n", f'texts: {{en: {{rules.answer: "<b>Hear</b>: {own}"}}}}\ncodes:\n', 1)
    published(stage, text)
    page = Door(stage).client.get("/rules/snack?lang=en").text
    assert "&lt;b&gt;Hear&lt;/b&gt;: Open a bag and win" in page
    assert "<h2>" not in page
