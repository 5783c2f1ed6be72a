"""What operators are told of a campaign: eight lines, beside the week before, in any order of words."""

from datetime import timedelta

import pytest

from core.measures.comparison import Asked, Stretch
from core.measures.measure import Period, count, count_all
from core.measures.rollup import roll_up
from core.measures.verbs import told
from core.operators import Role, VerbRefused
from core.verbs import Desk, by_name
from handlers import MECHANICS
from tests.beginnings import begin
from tests.engine.test_turn import Statements
from tests.stage import CAMPAIGN, Stage
from tests.talking import faults, play

pytestmark = pytest.mark.reading


def redeem_for_a_week(stage: Stage) -> None:
    """A campaign of which one code was redeemed a week ago, 30 by the same hour of today, and 2 later."""
    stage.publish()
    stage.appoint(Role.AUDITOR)
    play(stage, "anna")
    stage.wait(days=7, hours=-1)
    for number in range(30):
        play(stage, f"p{number}", channel=("test", "second")[number % 2])
    stage.wait(hours=1)
    roll_up(stage.runtime, stage.now)


@pytest.fixture
def office(stage: Stage) -> Stage:
    return begin(stage, redeem_for_a_week)


def test_a_day_is_told_beside_the_same_hours_of_the_week_before(office: Stage) -> None:
    told = office.command("/stats", by="boss").splitlines()
    assert told[0] == "snack, all channels: today so far, beside the same hours a week before."
    assert "codes redeemed · 30 · 0 · ▲ 30" in told, "few are told by their number"
    assert told[-1] == "As of 2026-12-08 12:00 (Asia/Shanghai)."
    assert sum(" · " in line for line in told) <= 1 + 8
    assert not faults(office)


@pytest.mark.parametrize("called", ["短信", "sms", "SMS"])
def test_a_channel_is_called_as_people_call_it(stage: Stage, called: str) -> None:
    stage.publish(CAMPAIGN.replace("[test, second]", "[sms, wechat]"))
    play(stage, "anna", channel="sms")
    stage.wait(minutes=1)
    stage.appoint(Role.AUDITOR)
    stage.say("中文", by="boss")
    told = stage.command(f"/统计 {called} 周", by="boss")
    assert "短信" in told.splitlines()[0]
    assert "兑换码 · 1" in told
    assert "兑换码 · 0" in stage.command("/统计 微信 周", by="boss")
    assert "请这样说" in stage.command("/统计 电报", by="boss"), "not of this campaign"


def test_a_week_is_told_beside_the_one_before(office: Stage) -> None:
    office.wait(days=7)
    roll_up(office.runtime, office.now)
    for number in range(20):
        play(office, f"p{number}")
    office.wait(minutes=1)
    told = office.command("/stats week", by="boss").splitlines()
    assert "codes redeemed · 20 · 30 · ▼ 33 %" in told
    assert any(line.startswith("The biggest change: ") and line.endswith(" % fewer.") for line in told)


@pytest.mark.reading
@pytest.mark.parametrize(
    "said", ["/stats snack week second", "/stats second week snack", "/统计 周 second", "/数据 SECOND 本周"]
)
def test_words_stand_in_any_order(office: Stage, said: str) -> None:
    told = office.command(said, by="boss").splitlines()
    assert told[0] == "snack, second: the last 7 days, beside the 7 before."
    assert any(line.startswith("codes redeemed · 15 · ") for line in told)


@pytest.mark.reading
@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("/stats yesteryear", "yesteryear is no campaign, no channel and no stretch of time"),
        ("/stats week day", "day is one too many"),
        ("/stats snack snack", "snack is one too many"),
    ],
)
def test_what_is_nothing_of_it_is_refused(office: Stage, said: str, why: str) -> None:
    assert why in office.command(said, by="boss")


def test_of_several_campaigns_one_is_named(office: Stage) -> None:
    office.publish(CAMPAIGN.replace("name: snack", "name: soda"))
    assert "say which campaign: snack, soda" in office.command("/stats", by="boss")
    assert office.command("/stats soda since", by="boss").startswith("soda, all channels: since it opened.")


@pytest.mark.reading
def test_all_measures_are_explained_in_both_languages(office: Stage) -> None:
    phrases = MECHANICS.phrases()
    for each in MECHANICS.measures.values():
        assert not phrases.lacks(each.says), each.says
        assert phrases.say(each.name, "zh") != each.name
        assert not phrases.lacks(each.unit.value)
    assert "codes redeemed" in office.command("/measures list", by="boss")
    office.say("中文", by="boss")
    told = office.command("/统计", by="boss")
    assert "活跃玩家" in told
    assert "截至 2026-12-08 12:00" in told


def test_days_are_counted_anew_on_demand(office: Stage) -> None:
    verb, desk = by_name(MECHANICS.verbs)["measures rebuild"], Desk(office.runtime, office.now, tuple)
    (told,) = verb.carry_out(desk, {"campaign": "snack"}).parts
    assert str(told) == "Counted 7 days of snack anew."
    with pytest.raises(VerbRefused, match="there is no campaign soda"):
        verb.carry_out(desk, {"campaign": "soda"})
    assert not faults(office)


@pytest.mark.reading
def test_a_month_asks_as_much_as_a_week_however_young_the_campaign_is(office: Stage) -> None:
    watch = Statements(office)

    def asked(stretch: Stretch) -> int:
        with watch.counted() as seen, office.sessions() as session:
            campaign = office.shelf.read(session)[1]
            told(office.runtime, session, campaign, Asked(1, stretch, None, office.now))
            return len(seen)

    assert asked("month") == asked("week") > 0
    with office.sessions() as session:
        period = Period.of(session, MECHANICS.sections, 1, office.now - timedelta(days=8), office.now)
        alone = {name: count(session, each, period) for name, each in MECHANICS.measures.items()}
        with watch.counted() as seen:
            assert count_all(session, list(MECHANICS.measures.values()), period) == alone
    assert len(seen) <= len(alone) - 10, "what is counted of the same rows is counted by one statement"
