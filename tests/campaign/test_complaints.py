"""Complaints about a campaign file in the operator's language: the same lines and places, and no English sentence."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.answers import Line
from core.campaign.checks import check_campaign
from core.campaign.platforms import notes
from core.campaign.reader import BadCampaign, Violation, read_content
from handlers import MECHANICS
from handlers.operators.say import Teller
from tests.campaign.test_campaign_files import COMPLAINTS, HOSTILE
from tests.campaign.test_misspelt_files import MISSPELT
from tests.operators.test_phrases import FORMS, PHRASES
from tests.relay.torchbearers import RELAY
from tests.stage import CAMPAIGN

NOW = datetime(2026, 12, 1, tzinfo=UTC)
CHINESE = Teller(PHRASES, "zh")
ROOT = Path(__file__).parents[2]


def _files() -> Iterator[bytes]:
    yield from (CAMPAIGN.replace(old, new, 1).encode() for _, old, new, _, _ in COMPLAINTS)
    yield from (raw for _, raw, _ in HOSTILE)
    yield MISSPELT.encode()


def _complaints(raw: bytes) -> list[Violation]:
    try:
        check_campaign(read_content("bad.yaml", raw, MECHANICS.sections), MECHANICS.texts(), NOW)
    except BadCampaign as refused:
        return refused.violations
    return []


def _lines(one: Line) -> Iterator[Line]:
    yield one
    for value in one.values.values():
        yield from _lines(value) if isinstance(value, Line) else ()


@pytest.mark.reading
def test_every_complaint_is_said_in_chinese_with_the_same_line_and_place() -> None:
    told = [each for raw in _files() for each in _complaints(raw)]
    assert len(told) >= 50
    for each in told:
        lacking = [
            one.sentence for one in _lines(each.told) if one.sentence not in FORMS and PHRASES.lacks(one.sentence)
        ]
        assert lacking == [], each
        where = f"bad.yaml:{each.line}: " + (f"{each.place}: " if each.place else "")
        said = CHINESE.line(each.told)
        assert said.startswith(where)
        assert re.search("[\u4e00-\u9fff]", said.removeprefix(where)), said


def test_words_of_a_file_stay_as_they_are_written() -> None:
    (told,) = _complaints(
        CAMPAIGN.replace("channels: [test, second]", "channels: [test, second]\npoints: {ern: 5 points}").encode()
    )
    assert CHINESE.line(told.told) == "bad.yaml:9: points.ern: 这里没有这个词（您是不是要写 earn？）"
    (told,) = _complaints(CAMPAIGN.replace("stock: 10}", "stock: 10, claim: points}").encode())
    assert "points：claim: points 的奖品要写明多少分" in CHINESE.line(told.told)


def test_what_an_operator_should_know_is_said_in_chinese() -> None:
    rules = read_content(
        "relay.yaml", RELAY.replace("[test, second]", "[test, wechat]").encode(), MECHANICS.sections
    ).rules
    told = [CHINESE.line(note) for note in notes(rules)]
    assert told
    assert all("wechat 上的" in one and "平台禁止有奖邀请" in one and "在那里关闭" in one for one in told), told


def test_nothing_is_wrong_in_a_sentence_that_nobody_can_translate() -> None:
    looked_at = 0
    for path in [*(ROOT / "core/campaign").glob("*.py"), *(ROOT / "handlers").glob("*/rules.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                assert ast.unparse(node.exc.func) != "ValueError", f"{path}:{node.lineno}: raise Unfit, with places"
                looked_at += 1
    assert looked_at > 40
