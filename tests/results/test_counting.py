"""What came of people after a moment of their own: each counts once, within the time, with whoever was linked."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Select, literal, select, union_all

from core.database import Instant
from core.models import Join, Player
from core.results.conversation import ANSWERS, OPT_OUTS
from core.results.instants import later
from core.results.result import Tally, tally
from handlers import MECHANICS
from handlers.purchases.tables import Purchase
from tests.stage import CAMPAIGN, Stage
from tests.talking import link_up

SHOP = CAMPAIGN.replace("draw:", "purchases: {currency: CNY}\ndraw:")
DAY = timedelta(days=1)


def moments(stage: Stage, *each: tuple[str, datetime | None, str]) -> Select[int, datetime, str]:
    """By whom, since when, in which arm."""
    with stage.sessions() as session:
        found = {
            by: session.scalar(select(Join.player_id).where(Join.address_key == stage.key(by))) for by, _, _ in each
        }
    rows = [
        select(literal(found[by]).label("player_id"), literal(at, Instant()).label("since"), literal(arm).label("arm"))
        for by, at, arm in each
    ]
    listed = union_all(*rows).subquery()
    return select(listed.c.player_id, listed.c.since, listed.c.arm)


def came(stage: Stage, name: str, asked: Select[int, datetime, str], within: timedelta = DAY) -> dict[str, Tally]:
    with stage.sessions() as session:
        return tally(session, MECHANICS.results[name], asked, within)


def test_each_counts_once_from_their_moment_on(stage: Stage) -> None:
    stage.publish(SHOP)
    codes = stage.codes(12)
    for by in "abcde":
        stage.say(codes.pop(), by=by)
    began = stage.now
    asked = moments(stage, *((by, began, "said" if by in "abc" else "held") for by in "abcde"), ("a", None, "held"))
    stage.wait(days=1)
    stage.say(codes.pop(), by="a")
    stage.say(codes.pop(), by="a")
    stage.say("points", by="b")
    stage.say("stop", by="d")
    stage.now += timedelta(microseconds=1)
    stage.say(codes.pop(), by="e")
    assert came(stage, "codes", asked) == {"said": Tally(3, 1, 2, 0), "held": Tally(2, 0, 0, 0)}
    assert came(stage, "codes", asked, 2 * DAY)["held"] == Tally(2, 1, 1, 0)
    assert came(stage, "answers", asked) == {"said": Tally(3, 2, 3, 0), "held": Tally(2, 0, 0, 0)}
    with stage.sessions() as session:
        assert tally(session, OPT_OUTS, asked, DAY)["held"].did == 1


def test_who_is_linked_is_one_person_from_the_first_moment_on(stage: Stage) -> None:
    stage.publish(SHOP)
    codes = stage.codes(5)
    stage.say(codes.pop(), by="a")
    stage.say(codes.pop(), by="b", channel="second")
    first = stage.now
    with stage.sessions() as session:
        keys = [stage.key("a"), stage.key("b", channel="second")]
        ids = [session.scalar(select(Join.player_id).where(Join.address_key == key)) for key in keys]
    stage.wait(hours=1)
    stage.say(codes.pop(), by="a")
    stage.say(codes.pop(), by="b", channel="second")
    link_up(stage, ("b", "second"), ("a", "test"))
    with stage.sessions() as session:
        linked = {each.id: each.merged_into for each in session.scalars(select(Player))}
    assert [one is None for one in linked.values()].count(False) == 1
    rows = [
        select(literal(one).label("player_id"), literal(at, Instant()).label("since"), literal(arm).label("arm"))
        for one, at, arm in ((ids[0], first, "said"), (ids[1], stage.now, "held"))
    ]
    both = union_all(*rows).subquery()
    asked = select(both.c.player_id, both.c.since, both.c.arm)
    stage.wait(hours=1)
    stage.say(codes.pop(), by="b", channel="second")
    assert came(stage, "codes", asked) == {"said": Tally(1, 1, 3, 0)}


def test_what_was_given_back_is_no_result(stage: Stage) -> None:
    stage.publish(SHOP)
    for code, by in zip(stage.codes(3), "abc", strict=True):
        stage.say(code, by=by)
    asked = moments(stage, *((by, stage.now, "said") for by in "abc"))
    with stage.sessions.begin() as session:
        campaign_id = session.scalar(select(Player.campaign_id).limit(1))
        ids = session.scalars(select(Player.id).order_by(Player.id)).all()
        for number, (amount, refunded) in enumerate(((3000, 500), (1000, 1000), (0, 0))):
            bought = {"campaign_id": campaign_id, "source": "till", "ref": str(number), "player_id": ids[number]}
            later_on = {"at": stage.now + timedelta(hours=1), "amount": amount, "refunded": refunded}
            session.add(Purchase(id=number + 1, **bought, **later_on))
        session.flush()
    assert came(stage, "purchases", asked) == {"said": Tally(3, 2, 2, 2500)}


@pytest.mark.parametrize("fraction", [0, 1, 999_400, 999_999])
def test_an_instant_moves_by_whole_seconds(stage: Stage, fraction: int) -> None:
    at = stage.now.replace(microsecond=fraction, second=59, minute=59, hour=23, day=31, month=12)
    with stage.sessions() as session:
        found = session.scalar(select(later(literal(at, Instant()), timedelta(days=60, seconds=1))))
    assert found == at + timedelta(days=60, seconds=1)


def test_every_result_is_rows_of_players() -> None:
    assert next(iter(MECHANICS.results)) == ANSWERS.name
    assert MECHANICS.results.keys() == {"answers", "codes", "claims", "purchases"}
    for each in MECHANICS.results.values():
        assert list(each.rows.selected_columns.keys()) == ["player_id", "at", "amount"]
        assert each.says
        assert each.chinese
