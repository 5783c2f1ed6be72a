"""Measures count what happened, from the rows themselves: between two instants, and by channel."""

from datetime import timedelta

from core.measures.measure import Period, Sum, Tally, Unit, count, total
from handlers import MECHANICS
from tests.stage import CAMPAIGN, START, Stage
from tests.talking import buy, link_up

EVERYTHING = (
    CAMPAIGN.replace("odds: 1/1000000000", "odds: 1/1").replace("codes: {", "codes: {planned: 100, ")
    + """
points: {worth: 0.01 CNY}
gifts:
  - {name: mug, title: {zh: 马克杯, en: A mug}, price: 200 points, stock: 10, value: 20 CNY, claim: counter}
invites: {inviter: 20 points, invitee: 20 points, after: first redemption}
"""
)


def values(stage: Stage, *, hours: int = 24, after: int = 0) -> dict[str, int]:
    """All measures of the campaign from ``after`` hours behind the start on, without those that are 0."""
    since = START + timedelta(hours=after)
    with stage.sessions() as session:
        period = Period.of(session, MECHANICS.sections, 1, since, since + timedelta(hours=hours))
        found = {name: total(count(session, measure, period)) for name, measure in MECHANICS.measures.items()}
    return {name: value for name, value in found.items() if value}


def by_channel(stage: Stage, name: str) -> dict[str, Tally]:
    with stage.sessions() as session:
        period = Period.of(session, MECHANICS.sections, 1, START, START + timedelta(hours=24))
        return count(session, MECHANICS.measures[name], period)


def test_every_measure_says_what_it_counts() -> None:
    assert len(MECHANICS.measures) > 20
    assert len({each.chinese for each in MECHANICS.measures.values()}) == len(MECHANICS.measures)
    for each in MECHANICS.measures.values():
        assert each.says.endswith("."), each.name
        assert each.sum is not Sum.STANDING or not each.kept, each.name


def test_what_happened_is_counted_once_where_it_happened(stage: Stage) -> None:
    stage.publish(EVERYTHING)
    codes = stage.codes(4)
    stage.say(codes[0], by="anna")
    stage.say(codes[0], by="anna")
    stage.say(stage.issue(1, active=False)[1][0], by="anna")
    stage.say(codes[1], by="ben", channel="second")
    stage.wait(hours=1)
    stage.say(codes[2], by="anna")
    stage.say("stop", by="ben", channel="second")
    assert by_channel(stage, "codes redeemed") == {"test": Tally(2, 2), "second": Tally(1, 1)}
    assert by_channel(stage, "players joined") == {"test": Tally(1, 1), "second": Tally(1, 1)}
    assert by_channel(stage, "worth of prizes won") == {"test": Tally(599800, 2), "second": Tally(299900, 1)}
    assert by_channel(stage, "wrong codes") == {"": Tally(1, 1)}
    assert by_channel(stage, "opted out") == {"second": Tally(1, 1)}
    assert values(stage)["prizes left"] == 7
    assert values(stage, hours=1)["codes redeemed"] == 2, "what happens at the end of a period is of the next one"
    assert by_channel(stage, "active players") == {"test": Tally(1, 4), "second": Tally(1, 2)}
    assert values(stage, after=1) == {
        "active players": 2,
        "codes redeemed": 1,
        "draws": 1,
        "messages heard": 2,
        "opted out": 1,
        "prizes left": 7,
        "prizes won": 1,
        "texts sent": 2,
        "worth of prizes won": 299900,
    }


def test_points_are_what_the_ledger_says(stage: Stage) -> None:
    stage.publish(EVERYTHING.replace("odds: 1/1", "odds: 1/1000000000"))
    codes = stage.codes(3)
    stage.say(codes[0], by="anna")
    stage.say(codes[1], by="ben")
    stage.give(300, by="anna")
    stage.give(-10, by="ben")
    buy(stage, "mug", by="anna")
    found = values(stage)
    assert {name: value for name, value in found.items() if name.startswith("points ")} == {
        "points given": 320,
        "points spent": 200,
        "points taken": 10,
        "points outstanding": 110,
    }
    assert found["liability"] == 110
    assert MECHANICS.measures["liability"].unit is Unit.CENTS
    assert found["gifts bought"] == found["claims opened"] == 1


def test_whom_a_player_has_become_changes_no_number_of_before(stage: Stage) -> None:
    stage.publish()
    codes = stage.codes(2)
    stage.say(codes[0], by="anna")
    stage.say(codes[1], by="ben", channel="second")
    before = values(stage, hours=1)
    stage.wait(hours=1)
    link_up(stage, ("ben", "second"), ("anna", "test"))
    assert {name: value for name, value in values(stage, hours=1).items() if name != "texts waiting"} == before
    assert by_channel(stage, "points given") == {"test": Tally(10, 1), "second": Tally(10, 1)}
