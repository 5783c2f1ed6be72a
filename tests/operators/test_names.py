"""What somebody has called something is no word of ours, whatever it is."""

import pytest

from core.answers import NAMES, Answer, Column, Table, line
from core.operators import Role
from handlers import MECHANICS
from handlers.operators.say import Teller
from tests.stage import CAMPAIGN, Stage

pytestmark = pytest.mark.reading

TELLER = Teller(MECHANICS.phrases(), "zh", verbs=MECHANICS.verbs)


@pytest.mark.reading
def test_a_campaign_that_is_called_as_we_call_a_state_keeps_its_name(stage: Stage) -> None:
    stage.publish(CAMPAIGN.replace("name: snack", "name: paused"))
    stage.appoint(Role.OWNER)
    stage.say("中文", by="boss")
    assert "paused · 1 · 进行中" in stage.command("/查活动", by="boss")
    assert stage.command("/暂停活动 paused", by="boss") == "paused 现在已暂停。"


@pytest.mark.parametrize("place", sorted(NAMES))
def test_a_name_stays_and_a_word_is_said_in_chinese(place: str) -> None:
    assert TELLER.line(line(f"{{{place}}} / {{state}}", **{place: "paused", "state": "paused"})) == "paused / 已暂停"
    table = Table("rows", (Column(place), Column("state")), [("paused", "paused")])
    assert TELLER.answer(Answer([table])).splitlines()[1] == "paused · 已暂停"
    assert TELLER.line(line(f"{{{place}}}", **{place: line("somebody")})) != "somebody", "a sentence is said"
