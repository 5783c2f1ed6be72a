"""Draws: a roll anybody can compute again, odds that grow with points, stock that is never overdrawn."""

import hashlib
import json
import shutil
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from core.campaign.live import kept_seed
from core.campaign.publication import CampaignRefused, change_state, get_campaign, reveal
from core.database import open_database
from core.models import CampaignVersion, Player
from handlers.draws.latest import latest_draws
from handlers.draws.lottery import Chances, Odds, roll
from handlers.draws.rules import DrawRules
from handlers.draws.tables import Draw, Prize
from handlers.draws.verify import DrawRow, what_is_wrong
from tests.stage import CAMPAIGN, START, Stage
from tests.talking import play

DRAW = """
draw:
  odds: 1/2
  boost: {every: 20 points, adds: 25%, at_most: 150%}
  otherwise: 10 points
  prizes:
    - {name: phone, title: {zh: 手机, en: A phone}, value: 29 CNY, stock: 2, weight: 1}
    - {name: bag, title: {zh: 一袋, en: A bag}, value: 5 CNY, stock: 5, weight: 9}
"""
LIVELY = CAMPAIGN[: CAMPAIGN.index("draw:")] + DRAW.lstrip()


def _chances(**rules: object) -> Chances:
    prizes = [
        {"name": "phone", "title": {"zh": "手机", "en": "phone"}, "value": "1 CNY", "stock": 10, "pace": "daily"},
        {"name": "bag", "title": {"zh": "袋", "en": "bag"}, "value": "1 CNY", "stock": 1000, "weight": 3},
    ]
    made = DrawRules.model_validate({"odds": "1/200", "prizes": prizes, **rules})
    return Chances.compile(made, START, START + timedelta(days=10))


BOOST = {"every": "100 points", "adds": "10%", "at_most": "200%"}
ODDS = [(0, "1/200"), (99, "1/200"), (100, "11/2000"), (950, "19/2000"), (1000, "1/100"), (10**9, "1/100")]


@pytest.mark.parametrize(("points", "odds"), ODDS)
def test_more_points_are_better_odds(points: int, odds: str) -> None:
    found = _chances(boost=BOOST).odds(points)
    assert Fraction(found.wins, found.of) == Fraction(odds)


@given(st.integers(0, 2**64 - 1), st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_roll_wins_exactly_below_the_odds(value: int, wins: int, of: int) -> None:
    assert Odds(wins, of).won_by(value) == (Fraction(value, 2**64) < Fraction(wins, of))


def test_the_edge_of_the_odds_is_a_loss() -> None:
    assert [Odds(1, 2).won_by(value) for value in (2**63 - 1, 2**63)] == [True, False]
    assert Odds(1, 1).won_by(2**64 - 1)


RELEASED = [(-1, 0), (0, 1), (23, 1), (24, 2), (24 * 9, 10), (24 * 20, 10)]


@pytest.mark.parametrize(("hours", "released"), RELEASED)
def test_pace_releases_the_stock_day_by_day(hours: int, released: int) -> None:
    chances = _chances()
    assert chances.released(chances.rules.prizes[0], START + timedelta(hours=hours)) == released
    assert chances.in_stock({"phone": 9, "bag": 3}, START + timedelta(hours=max(hours, 0)))["phone"] == max(
        released - 1, 0
    )


@given(st.integers(0, 2**64 - 1), st.booleans(), st.booleans())
def test_a_pick_falls_only_on_what_is_in_stock(pick: int, phones: bool, bags: bool) -> None:
    stock = {"phone": int(phones), "bag": int(bags)}
    prize = _chances().choose(pick, stock)
    assert (prize is None) == (not phones and not bags)
    assert prize is None or stock[prize.name] == 1


@given(st.binary(min_size=16, max_size=16), st.integers(0, 3000), st.integers(0, 3), st.integers(0, 3))
def test_the_second_implementation_agrees(code_hash: bytes, points: int, phones: int, bags: int) -> None:
    seed, chances = b"seed" * 8, _chances(odds="1/3", boost=BOOST)
    rolled, odds, stock = roll(seed, "snack", code_hash), chances.odds(points), {"phone": phones, "bag": bags}
    won = odds.won_by(rolled.value)
    prize = chances.choose(rolled.pick, stock) if won else None
    rules = {"name": "snack", "draw": chances.rules.model_dump(mode="json")}
    seen = json.dumps(stock) if won else None
    name = prize.name if prize else None
    row = DrawRow(code_hash, f"{rolled.value:016x}", Fraction(odds.wins, odds.of), points, seen, name)
    assert what_is_wrong(seed, rules, row) is None
    assert what_is_wrong(b"another" * 5, rules, row) is not None


def test_prizes_run_out_and_then_points_are_won(stage: Stage) -> None:
    stage.publish(LIVELY.replace("odds: 1/2", "odds: 1/1").replace("  boost:", "  # boost:"))
    answers = [stage.say(code, by=f"p{number}") for number, code in enumerate(stage.codes(9))]
    assert sum("prize=A phone" in answer for answer in answers) == 2
    assert sum("prize=A bag" in answer for answer in answers) == 5
    assert [answer for answer in answers if "redeem.points" in answer] == answers[-2:]
    with stage.sessions() as session:
        assert session.scalars(select(Prize.stock_left)).all() == [0, 0]


def _history(url: str, folder: Path) -> list[str]:
    database = open_database(url)
    stage = Stage(database, folder)
    stage.publish(LIVELY)
    said = [stage.say(code, by=f"p{number % 3}") for number, code in enumerate(stage.codes(24))]
    with stage.sessions() as session:
        ids = session.scalars(select(Player.id).order_by(Player.id)).all()
        rolls = session.scalars(select(Draw.roll).order_by(Draw.roll)).all()
    database.dispose()
    return [*said, *map(str, ids), *rolls]


def test_the_same_seed_plays_the_same_history_on_both_databases(
    sqlite_template: Path, postgres_url: str, tmp_path: Path
) -> None:
    shutil.copy(sqlite_template, tmp_path / "huoju.db")
    history = _history(f"sqlite:///{tmp_path / 'huoju.db'}", tmp_path)
    assert any("redeem.won" in line for line in history)
    assert history == _history(postgres_url, tmp_path)


def test_points_seen_and_odds_are_kept_with_each_draw(stage: Stage) -> None:
    stage.publish(LIVELY)
    for code in stage.codes(10):
        stage.say(code)
    with stage.sessions() as session:
        draws = session.scalars(select(Draw)).all()
    assert {draw.points_seen for draw in draws} > {0, 10}
    for draw in draws:
        boosted = Fraction(1, 2) * min(100 + draw.points_seen // 20 * 25, 150) / 100
        assert Fraction(draw.odds, draw.odds_in) == boosted


def test_rolls_and_wins_may_be_limited(stage: Stage) -> None:
    certain = LIVELY.replace("odds: 1/2", "odds: 1/1").replace("  boost:", "  # boost:")
    stage.publish(certain.replace("  otherwise:", "  per_player_per_day: 2\n  wins_per_player: 3\n  otherwise:"))
    codes = stage.codes(8)
    first_day = [stage.say(code).split()[0] for code in codes[:4]]
    stage.wait(days=1)
    second_day = [stage.say(code).split()[0] for code in codes[4:]]
    assert first_day == ["redeem.won", "redeem.won", "redeem.points", "redeem.points"]
    assert second_day == ["redeem.won", "redeem.points", "redeem.points", "redeem.points"]


def test_the_commitment_is_shown_before_and_the_seed_after_the_end(stage: Stage) -> None:
    done = stage.publish()
    assert done.seed_commitment in stage.say("rules")
    with stage.sessions.begin() as session, pytest.raises(CampaignRefused, match="end it first"):
        reveal(session, "snack", stage.now, stage.keys)
    with stage.sessions.begin() as session:
        change_state(session, "snack", "end")
    with stage.sessions.begin() as session:
        seed = reveal(session, "snack", stage.now, stage.keys)
        assert bytes.fromhex(seed) == kept_seed(get_campaign(session, "snack"), stage.keys)
    assert hashlib.sha256(bytes.fromhex(seed)).hexdigest() == done.seed_commitment


def test_a_change_of_rules_is_a_new_version_and_old_draws_stay_right(stage: Stage) -> None:
    first = stage.publish(LIVELY)
    assert stage.publish(LIVELY).changed is False
    for code in stage.codes(4):
        stage.say(code)
    second = stage.publish(LIVELY.replace("odds: 1/2", "odds: 1/3").replace("stock: 5", "stock: 9"))
    for code in stage.codes(4):
        stage.say(code, by="u2")
    assert (first.version, second.version) == (1, 2)
    assert first.seed_commitment == second.seed_commitment
    with stage.sessions() as session:
        versions = session.scalars(select(CampaignVersion)).all()
        assert len({version.rules_hash for version in versions}) == 2
        assert set(session.scalars(select(Draw.version))) == {1, 2}
        bag = session.get_one(Prize, (1, "bag"))
        assert bag.stock == 9


def test_the_newest_draws_come_first_however_long_ago_they_were(stage: Stage) -> None:
    stage.publish()
    began = stage.now
    for hours in (0, 1, 30):
        stage.wait(hours=hours)
        play(stage)

    def drawn(most: int) -> list[timedelta]:
        return [one.at - began for one in latest_draws(stage.sessions, stage.shelf, stage.now, most)]

    first, second, third = timedelta(), timedelta(hours=1), timedelta(hours=31)
    assert (drawn(1), drawn(2), drawn(9)) == ([third], [third, second], [third, second, first])
    stage.wait(days=9)
    assert drawn(2) == [third, second]
