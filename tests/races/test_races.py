"""Races for everything that is limited: a message, a code, the last prize, a first join, a correction, an expiry."""

import random
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from core.campaign.publication import change_state
from core.engine.runtime import Runtime
from core.messages import Answered
from core.models import Inbox, Join, Outbox, Player, Transfer
from handlers.codes.batches import activate, void
from handlers.codes.tables import Redemption
from handlers.draws.tables import Draw
from handlers.points import verbs as points
from handlers.points.verbs import expire_due
from tests.races.crowd import PROCESSES, Crowd, Part, Says, count, dealt, faults, play, texts, told, wait_for_the_others
from tests.stage import CAMPAIGN, START, Stage

LAST_PRIZE = CAMPAIGN.replace("1/1000000000", "1/1").replace("stock: 10}", "stock: 1}")
GENEROUS = CAMPAIGN.replace("per_player_per_day: 10", "per_player_per_day: 1000")
EARNED = "redeem.points balance=10 points=10"


def _address(url_stage: Stage) -> str:
    return url_stage.database.url.render_as_string(hide_password=False)


@pytest.mark.parametrize("processes", [2, PROCESSES])
def test_a_message_delivered_many_times_at_once_counts_once(stage: Stage, crowd: Crowd, processes: int) -> None:
    stage.publish(GENEROUS)
    dice = random.Random(processes)
    codes = stage.codes(60)
    once = [Says(f"p{number % 12}", code, f"m{number}") for number, code in enumerate(codes)]
    deliveries = [says for says in once for _ in range(dice.randint(1, 4))]
    said = crowd.play(_address(stage), dealt(deliveries, processes, 6, "deliveries"))
    answers = told(said)
    assert len(said) == len(deliveries) > len(once)
    assert len(answers) == len(once)
    assert {len(different) for different in answers.values()} == {1}
    assert [answer.how for _, answer in said].count(Answered.NEW) == len(once)
    assert all(each.startswith("redeem.points") for each in texts(said))
    assert count(stage, Redemption) == count(stage, Inbox) == count(stage, Outbox) == len(once)
    assert faults(stage) == []


@pytest.mark.parametrize("processes", [2, PROCESSES])
def test_one_code_is_redeemed_by_exactly_one_of_many(stage: Stage, crowd: Crowd, processes: int) -> None:
    stage.publish()
    codes = stage.codes(3)
    for race, code in enumerate(codes):
        racers = [Says(f"p{number}", code, f"race{race}") for number in range(64)]
        said = crowd.play(_address(stage), dealt(racers, processes, 4, code))
        expected = f"redeem.points balance={10 * (race + 1)} points=10"
        outcomes = sorted(texts(said))
        assert outcomes[0].startswith("redeem.points balance=")
        assert outcomes[1:] == ["redeem.used"] * 63, expected
    assert count(stage, Redemption) == len(codes)
    assert faults(stage) == []


def test_the_last_prize_is_won_by_exactly_one_of_many(arena: Stage, crowd: Crowd) -> None:
    arena.publish(LAST_PRIZE)
    senders = [Says(f"p{number}", code, "m") for number, code in enumerate(arena.codes(200))]
    said = crowd.play(_address(arena), dealt(senders, PROCESSES, 3, "last prize"))
    assert [answer.how for _, answer in said] == [Answered.NEW] * 200
    assert sorted(texts(said)) == [EARNED] * 199 + ["redeem.won balance=0 prize=A phone"]
    assert count(arena, Draw) == 200
    assert count(arena, Draw, Draw.prize.is_not(None)) == 1
    assert faults(arena) == []


def test_first_messages_of_one_address_make_one_player(arena: Stage, crowd: Crowd) -> None:
    arena.publish()
    codes = iter(arena.codes(30 * PROCESSES))
    newcomers = [f"new{number}" for number in range(30)]
    turns = [[[Says(by, next(codes), f"m{process}")] for by in newcomers] for process in range(PROCESSES)]
    said = crowd.play(_address(arena), turns)
    balances = [{f"redeem.points balance={10 * n} points=10" for n in range(1, PROCESSES + 1)}] * 30
    assert [
        {t for (says, _), t in zip(said, texts(said), strict=True) if says.by == by} for by in newcomers
    ] == balances
    assert count(arena, Player) == count(arena, Join) == 30
    assert faults(arena) == []


def test_overlapping_turns_never_deadlock(arena: Stage, crowd: Crowd) -> None:
    arena.publish(GENEROUS.replace("1/1000000000", "1/3"))
    codes = arena.codes(160)
    players = [f"p{number}" for number in range(12)]
    arena.take(*[arena.delivery("hello", by=by) for by in players])
    dice = random.Random("deadlock")
    hands = []
    for process in range(PROCESSES):
        mine = [Says(dice.choice(players), code, f"{process}-{n}") for n, code in enumerate(dice.sample(codes, 160))]
        hands.append([mine[start : start + 8] for start in range(0, 160, 8)])
    said = crowd.play(_address(arena), hands)
    assert {answer.how for _, answer in said} == {Answered.NEW}
    assert sum(each.startswith(("redeem.points", "redeem.won")) for each in texts(said)) == 160
    assert count(arena, Redemption) == 160
    with arena.database.connect() as connection:
        asked = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        assert connection.scalar(text(asked)) == 0
    assert faults(arena) == []


def _correct_all(runtime: Runtime, keys: list[bytes], refs: list[str], at: datetime) -> list[int | None]:
    return [
        points.correct(runtime, key, "snack", 5, ref=ref, note="sorry", at=at)
        for key, ref in zip(keys, refs, strict=True)
    ]


def test_a_correction_is_made_once_whoever_asks(arena: Stage, crowd: Crowd) -> None:
    arena.publish()
    codes = arena.codes(10)
    arena.take(*[arena.delivery(code, by=f"p{number}") for number, code in enumerate(codes)])
    keys = [arena.keys.address_key("test", "main", f"p{number}") for number in range(10)] * 3
    refs = [f"case-{number // 10}" for number in range(30)]
    answers = crowd.race(_address(arena), [Part(_correct_all, (keys, refs, START))] * PROCESSES)
    for balances in zip(*answers, strict=True):
        assert len([balance for balance in balances if balance is not None]) == 1
    assert count(arena, Transfer, Transfer.reason == "correction") == 30
    assert count(arena, Outbox, Outbox.ref.like("notice:%")) == 30
    assert faults(arena) == []


def _expire_and_earn(runtime: Runtime, at: datetime, rounds: list[list[Says]]) -> None:
    for number, says in enumerate(rounds):
        wait_for_the_others(3)
        expire_due(runtime, at + timedelta(days=4 * number))
        wait_for_the_others(3)
        play(runtime, [says], at + timedelta(days=4 * number))


def test_points_expire_once_however_many_clocks_tick(arena: Stage, crowd: Crowd) -> None:
    arena.publish(CAMPAIGN + "points: {expire: 2 days}\n")
    codes = iter(arena.codes(60 * 5))
    rounds = [[Says(f"p{number}", next(codes), f"m{turn}") for number in range(60)] for turn in range(5)]
    parts = [Part(_expire_and_earn, (START, [says[process::3] for says in rounds])) for process in range(3)]
    crowd.race(_address(arena), parts)
    assert count(arena, Transfer, Transfer.reason == "expired") == 60 * 4
    assert count(arena, Player, Player.points == 10) == 60
    assert faults(arena) == []


def _operate(runtime: Runtime, batches: list[int], at: datetime) -> None:
    for batch in batches:
        for move in ("pause", "resume"):
            with runtime.sessions.begin() as session:
                change_state(session, "snack", move)
        with runtime.sessions.begin() as session:
            void(session, batch, at)
        with runtime.sessions.begin() as session:
            activate(session, batch + 1, at)


def test_an_operator_may_pause_and_void_while_turns_run(arena: Stage, crowd: Crowd) -> None:
    arena.publish(GENEROUS)
    batches, codes = [], []
    for number in range(8):
        batch, printed = arena.issue(20, active=number % 2 == 0)
        batches.append(batch.batch_id)
        codes += printed
    messages = [Says(f"p{number % 9}", code, f"m{number}") for number, code in enumerate(codes)]
    turns = dealt(messages, 3, 2, "operator")
    parts = [Part(play, (mine,)) for mine in turns] + [Part(_operate, (batches[::2], START))]
    *played, _ = crowd.race(_address(arena), parts)
    said = [each for answers in played for each in answers]
    outcomes = texts(said)
    redeemed = sum(each.startswith("redeem.points") for each in outcomes)
    assert {each.split(" ")[0] for each in outcomes} <= {
        "redeem.points",
        "redeem.unknown",
        "redeem.locked",
        "campaign.paused",
    }
    assert count(arena, Redemption) == redeemed
    again = [arena.say(code, by=f"late {number}").split(" ")[0] for number, code in enumerate(codes)]
    of_void = [says for number, says in enumerate(again) if number // 20 % 2 == 0]
    assert set(of_void) == {"redeem.unknown"}
    assert set(again[20:40]) <= {"redeem.points", "redeem.used"}
    assert count(arena, Redemption) == redeemed + again.count("redeem.points")
    assert faults(arena) == []
