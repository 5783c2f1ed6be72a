"""Publishing again: what was issued and won under older rules must be safe and paid for under the new ones."""

import pytest

from core.campaign.reader import BadCampaign
from handlers.points.verbs import expire_due
from tests.stage import CAMPAIGN, Stage

POINTS_ONLY = CAMPAIGN[: CAMPAIGN.index("draw:")].replace("length: 12", "length: 8") + "points: {earn: 1 points}\n"
WITH_DRAW = CAMPAIGN.replace("length: 12", "length: 12")


def test_codes_that_were_safe_for_points_are_not_for_prizes(stage: Stage) -> None:
    stage.publish(POINTS_ONLY)
    stage.codes(100)
    with pytest.raises(BadCampaign, match="of 8 symbols at most 31 codes can live safely, not 100"):
        stage.publish(WITH_DRAW)
    assert stage.say("rules").startswith("rules.answer")


def test_codes_that_are_out_count_for_plan_and_budget(stage: Stage) -> None:
    stage.publish()
    stage.codes(100)
    with pytest.raises(BadCampaign, match="99 codes are planned, but there would be 100"):
        stage.publish(CAMPAIGN.replace("length: 12", "length: 12, planned: 99"))
    dear = CAMPAIGN.replace("draw:", "points: {worth: 100 CNY}\ndraw:").replace("length: 12", "length: 12, planned: 1")
    with pytest.raises(BadCampaign, match="planned"):
        stage.publish(dear)


def test_stock_cannot_fall_below_what_is_won(stage: Stage) -> None:
    sure = CAMPAIGN.replace("1/1000000000", "1/1")
    stage.publish(sure)
    for code in stage.codes(3):
        assert "redeem.won" in stage.say(code)
    with pytest.raises(BadCampaign, match="3 of phone are won already"):
        stage.publish(sure.replace("stock: 10", "stock: 2"))
    assert stage.publish(sure.replace("stock: 10", "stock: 3")).version == 2


def test_a_new_expiry_holds_for_points_that_were_there(stage: Stage) -> None:
    stage.publish()
    stage.say(stage.codes(1)[0])
    stage.wait(days=5)
    stage.publish(CAMPAIGN.replace("draw:", "points: {expire: 2 days}\ndraw:"))
    assert expire_due(stage.runtime, stage.now) == 1
    assert "balance=0" in stage.say("points")
    stage.publish(CAMPAIGN.replace("draw:", "points: {expire: 30 days}\ndraw:"))
    assert expire_due(stage.runtime, stage.now) == 0
