"""What an operator sees of one campaign: in a chat, in both languages, and in a terminal."""

import json

import pytest

from core.models import Campaign
from core.operators import Role
from tests.stage import CAMPAIGN, Stage
from tests.talking import faults

SHORT = CAMPAIGN.replace("90 days after opening", "6 days after opening")
RICH = SHORT.replace("{length: 12,", "{length: 12, planned: 1000,") + (
    "points: {worth: 0.50 CNY}\n"
    "gifts: [{name: mug, title: {zh: 马克杯, en: A mug}, price: 20 points, stock: 4, claim: counter}]\n"
    "texts: {en: {redeem.used: 'Used.'}}\n"
)


@pytest.fixture
def office(stage: Stage) -> Stage:
    stage.publish(RICH, spelled=False)
    code, _ = stage.codes(2)
    stage.say(code, by="anna")
    stage.appoint(Role.SUPPORT)
    return stage


@pytest.mark.reading
def test_one_campaign_is_told_in_lines(office: Stage) -> None:
    office.wait(days=3)
    told = office.command("/campaign show snack", by="boss")
    for sentence in (
        "开袋赢大奖 / Open a bag",
        "snack: version 1, live. Published on 2026-12-01 04:00 (UTC).",
        "It runs from 2026-12-01 12:00:00 Asia/Shanghai to 2026-12-07 12:00:00 Asia/Shanghai.",
        "It closes in 3 days.",
        "Where: test, second.",
        "Codes: 2 active, 0 not activated yet, 0 void.",
        "So many are planned: 1000.",
        "It can cost at most 34990 CNY of a budget of 100000 CNY.",
        "draw · 29990 CNY\npoints · 5000 CNY",
        "players joined: 1\ncodes redeemed: 1\nprizes won: 0\nworth of prizes won: 0.00 CNY",
        "points outstanding: 10\nliability: 5.00 CNY",
        "name · stock · left · by plan · value · title\nphone · 10 · 10 · 5 · 2999 CNY · 手机 / A phone",
        "\nmug · 4 · 4 · 2 · -",
        "Its first answer is in English. Texts of its own: 0 in Chinese, 1 in English; /campaign text shows them.",
    ):
        assert sentence in told
    assert not faults(office)


@pytest.mark.reading
def test_the_same_is_told_in_chinese(office: Stage) -> None:
    office.wait(minutes=1)
    office.say("中文", by="boss")
    told = office.command("/看活动 snack", by="boss")
    for sentence in (
        "snack：第 1 版，进行中。发布于 2026-12-01 04:00（UTC）。",
        "还有 5 天结束。",
        "码：有效 2 个，未激活 0 个，作废 0 个。",
        "最多花费 34990 CNY，预算是 100000 CNY。",
        "积分负债：5.00 CNY",
        "phone · 10 · 10 · 10 · 2999 CNY · 手机 / A phone",
        "第一次回答用英文。自己写的文字：中文 0 条, 英文 1 条；/活动文字 可以查看。",
    ):
        assert sentence in told
    assert "Codes" not in told


@pytest.mark.reading
def test_how_long_a_campaign_runs_is_said_as_it_is(office: Stage) -> None:
    office.wait(days=5, hours=1)
    assert "It closes within a day." in office.command("/campaign show snack", by="boss")
    office.wait(days=1)
    office.appoint(Role.OWNER)
    assert "By its dates it is over since 2026-12-07 04:00 (UTC)." in office.command("/campaign show snack", by="boss")
    with office.sessions.begin() as session:
        session.get_one(Campaign, 1).state = "ended"
    assert "It was ended on 2026-12-07 04:00 (UTC)." in office.command("/campaign show snack", by="boss")
    later = CAMPAIGN.replace("name: snack", "name: later").replace("at publication", "2027-01-01 00:00 Asia/Shanghai")
    office.publish(later, spelled=False)
    told = office.command("/campaign show later rules=yes", by="boss")
    assert "It opens in 24 days." in told
    assert json.loads(told.rpartition("\n\n")[2])["name"] == "later"


@pytest.mark.reading
def test_a_campaign_of_points_has_no_stock_and_no_costs(stage: Stage) -> None:
    free = CAMPAIGN.split("draw:")[0].replace("budget: 100000 CNY\n", "") + "points: {earn: 1 points}\n"
    stage.publish(free, spelled=False)
    stage.appoint(Role.SUPPORT)
    told = stage.command("/campaign show snack", by="boss")
    assert "players joined: 0" in told
    assert "Prizes" not in told
    assert "cost" not in told
