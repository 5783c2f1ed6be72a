"""Follow-ups: said once and on time, needless when the reason has gone, later at night and over the limit."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from core.campaign.publication import change_state
from core.models import OutboundJob, Timer
from core.sending.outbound import Category
from core.timers.execution import fire_due
from tests.follow_ups.scene import follow_ups, join, next_due, pass_time, say, timers, unasked
from tests.snack import SURE
from tests.stage import START, Stage
from tests.talking import buy, faults, link_up, play

pytestmark = pytest.mark.reading

COME_BACK = f"name: come-back, when: 24h after first contact, unless: redeemed, {say('come')}"
MISS_YOU = f"name: miss-you, when: 3 days after last word, {say('miss')}"
AGAIN = f"name: again, when: 24h after first contact, {say('again')}"


def test_said_once_and_never_early(stage: Stage) -> None:
    stage.publish(follow_ups(COME_BACK))
    join(stage)
    pass_time(stage, hours=24, microseconds=-1)
    assert unasked(stage) == []
    pass_time(stage, microseconds=1)
    assert unasked(stage) == ["come"]
    pass_time(stage, days=30)
    assert unasked(stage) == ["come"]
    assert faults(stage) == []


def test_it_is_sent_as_marketing(stage: Stage) -> None:
    stage.publish(follow_ups(AGAIN))
    join(stage)
    pass_time(stage, days=1)
    with stage.sessions() as session:
        assert session.scalars(select(OutboundJob.category)).all() == [Category.MARKETING]


# id, when, unless, what the player does an hour after the event, whether it is said
REASONS = [
    ("redeemed", "first contact", "redeemed", "code", False),
    ("redeemed, which was not", "first contact", "redeemed", "points", True),
    ("one of two", "first contact", "[brought a friend, redeemed]", "code", False),
    ("spoke", "first contact", "spoke", "points", False),
    ("spoke, and nobody did", "first contact", "spoke", None, True),
    ("brought a friend", "first contact", "brought a friend", "friend", False),
    ("brought a friend, and nobody came", "first contact", "brought a friend", "code", True),
    ("spoke after the first code", "first code", "spoke", "points", False),
    ("nothing after the first code", "first code", "spoke", None, True),
]


def _do(stage: Stage, what: str | None) -> None:
    if what == "code":
        play(stage)
    elif what == "friend":
        word = stage.say("invite").split("word=")[1].split()[0]
        stage.say(word, by="friend")
    elif what is not None:
        stage.say(what)


@pytest.mark.parametrize(("name", "event", "unless", "does", "told"), REASONS, ids=[row[0] for row in REASONS])
def test_a_reason_that_has_gone(stage: Stage, name: str, event: str, unless: str, does: str | None, told: bool) -> None:
    stage.publish(follow_ups(f"name: one, when: 1 day after {event}, unless: {unless}, {say('one')}"))
    if event == "first code":
        play(stage)
    else:
        join(stage)
    stage.wait(hours=1)
    _do(stage, does)
    pass_time(stage, days=1)
    assert unasked(stage) == (["one"] if told else [])
    assert faults(stage) == []


@pytest.mark.parametrize("claims", [False, True])
def test_a_prize_that_waits_for_its_winner(stage: Stage, claims: bool) -> None:
    rules = follow_ups(f"name: yours, when: 1 day after win, unless: claimed, {say('yours')}")
    stage.publish(rules.replace("odds: 1/1000000000", "odds: 1/1").replace("2999 CNY", "100 CNY"))
    assert "odds: 1/1\n" in SURE
    assert "redeem.won" in play(stage)
    for text in ("Anna Lee", "13800138000", "12 King Street", "yes") if claims else ():
        stage.say(text)
    pass_time(stage, days=1)
    assert unasked(stage) == ([] if claims else ["yours"])


def test_every_win_is_an_event_of_its_own(stage: Stage) -> None:
    rules = follow_ups(f"name: luck, when: 1h after win, {say('luck')}")
    stage.publish(rules.replace("odds: 1/1000000000", "odds: 1/1").replace("2999 CNY", "100 CNY"))
    for _ in range(2):
        play(stage)
    pass_time(stage, hours=1)
    assert unasked(stage) == ["luck"] * 2


def test_the_first_code_is_the_first_one_only(stage: Stage) -> None:
    stage.publish(follow_ups(f"name: thanks, when: 1h after first code, {say('thanks')}"))
    join(stage)
    for _ in range(3):
        stage.wait(days=1)
        play(stage)
    assert timers(stage) == ["due"]
    pass_time(stage, hours=1)
    assert (unasked(stage), timers(stage)) == (["thanks"], ["fired"])


def test_whoever_speaks_is_not_missed_until_they_are_silent(stage: Stage) -> None:
    stage.publish(follow_ups(MISS_YOU))
    join(stage)
    for _ in range(4):
        pass_time(stage, days=2)
        assert unasked(stage) == []
        stage.say("points")
    pass_time(stage, days=3, microseconds=-1)
    assert unasked(stage) == []
    pass_time(stage, microseconds=1)
    assert unasked(stage) == ["miss"]
    stage.say("points")
    pass_time(stage, days=9)
    assert unasked(stage) == ["miss"]


# id, player's address, channel language aside, quiet hours, when it is due (UTC), when it is said (UTC)
NIGHTS = [
    ("by day", "u1", "22:00-08:00", "2026-12-02 04:00", "2026-12-02 04:00"),
    ("over midnight", "u1", "11:00-08:00", "2026-12-02 04:00", "2026-12-03 00:00"),
    ("within a day", "u1", "09:00-21:30", "2026-12-02 04:00", "2026-12-02 13:30"),
    ("begins now", "u1", "12:00-13:00", "2026-12-02 04:00", "2026-12-02 05:00"),
    ("ends now", "u1", "09:00-12:00", "2026-12-02 04:00", "2026-12-02 04:00"),
    ("a phone in Berlin", "+491701234567", "22:00-08:00", "2026-12-02 04:00", "2026-12-02 07:00"),
    ("a phone in New York", "+12125550123", "22:00-08:00", "2026-12-02 04:00", "2026-12-02 13:00"),
    ("a phone of many zones", "+18005550123", "22:00-08:00", "2026-12-02 04:00", "2026-12-02 04:00"),
    ("a phone in Shanghai", "+8613800138000", "11:00-20:00", "2026-12-02 04:00", "2026-12-02 12:00"),
]


@pytest.mark.parametrize(("name", "by", "quiet", "due", "told"), NIGHTS, ids=[row[0] for row in NIGHTS])
def test_quiet_hours_are_the_players_own(stage: Stage, name: str, by: str, quiet: str, due: str, told: str) -> None:
    stage.publish(follow_ups(AGAIN, limits=f'quiet: "{quiet}"'))
    join(stage, by)
    due_at, told_at = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (due, told))
    assert due_at == START + timedelta(days=1)
    pass_time(stage, days=1)
    for early in (timedelta(microseconds=1), timedelta()) if told_at > due_at else ():
        assert unasked(stage, by) == []
        stage.now = told_at - early
        pass_time(stage)
    assert unasked(stage, by) == ["again"]


def test_a_late_clock_wakes_nobody(stage: Stage) -> None:
    stage.publish(follow_ups(AGAIN, limits='quiet: "22:00-08:00"'))
    join(stage)
    pass_time(stage, days=4, hours=11)  # 23:00 in Shanghai
    assert (unasked(stage), timers(stage)) == ([], ["due"])
    pass_time(stage, hours=9)
    assert unasked(stage) == ["again"]


def test_over_the_limit_they_wait_and_none_is_lost(stage: Stage) -> None:
    four = [f"name: n{n}, when: {n}h after first contact, {say(f'n{n}')}" for n in range(1, 5)]
    stage.publish(follow_ups(*four, limits="per_day: 1, per_week: 3"))
    join(stage)
    told = []
    while (due_at := next_due(stage)) is not None:
        stage.now = due_at - timedelta(microseconds=1)
        assert stage.tick() == 0
        pass_time(stage, microseconds=1)
        if len(unasked(stage)) > len(told):
            told.append((stage.now - START) // timedelta(hours=1))
    assert told == [1, 25, 49, 169]
    assert sorted(unasked(stage)) == ["n1", "n2", "n3", "n4"]
    assert faults(stage) == []


def test_two_that_are_due_in_one_chunk_count_for_each_other(stage: Stage) -> None:
    stage.publish(follow_ups(AGAIN, AGAIN.replace("again", "more"), limits="per_day: 1"))
    join(stage)
    pass_time(stage, days=1)
    assert (len(unasked(stage)), timers(stage)) == (1, ["due", "fired"])
    pass_time(stage, days=1)
    assert (sorted(unasked(stage)), timers(stage)) == (["again", "more"], ["fired", "fired"])


def test_a_pause_postpones_and_the_end_drops(stage: Stage) -> None:
    stage.publish(follow_ups(AGAIN, MISS_YOU))
    join(stage)
    for move, states, told in (("pause", ["due", "due"], []), ("resume", ["due", "fired"], ["again"])):
        with stage.sessions.begin() as session:
            change_state(session, "snack", move)
        pass_time(stage, days=1)
        assert (timers(stage), unasked(stage)) == (states, told)
    with stage.sessions.begin() as session:
        change_state(session, "snack", "end")
    pass_time(stage, days=9)
    assert (timers(stage), unasked(stage)) == (["dropped", "fired"], ["again"])


def test_after_the_campaign_has_closed_nobody_is_written_to(stage: Stage) -> None:
    stage.publish(follow_ups(AGAIN).replace("90 days after", "1 day after"))
    join(stage)
    pass_time(stage, days=1)
    assert (timers(stage), unasked(stage)) == (["dropped"], [])


def test_a_new_version_may_drop_or_reword_what_waits(stage: Stage) -> None:
    stage.publish(follow_ups(AGAIN, MISS_YOU))
    join(stage)
    stage.publish(follow_ups(AGAIN.replace("en: again", "en: anew")))
    pass_time(stage, days=5)
    assert (unasked(stage), timers(stage)) == (["anew"], ["dropped", "fired"])


def test_a_name_that_counts_from_another_event_now_breaks_no_turn(stage: Stage) -> None:
    stage.publish(follow_ups(AGAIN))
    join(stage)
    stage.publish(follow_ups(AGAIN.replace("first contact", "first code")))
    assert play(stage).startswith("redeem.")
    pass_time(stage, days=1)
    assert (unasked(stage), timers(stage)) == (["again"], ["dropped", "fired"])


def test_two_who_become_one_are_written_to_once(stage: Stage) -> None:
    stage.publish(follow_ups(AGAIN, f"name: thanks, when: 24h after first code, {say('thanks')}"))
    join(stage)
    stage.wait(hours=1)
    play(stage, channel="second")
    assert link_up(stage, ("u1", "test"), ("u1", "second")).startswith("link.linked")
    pass_time(stage, days=2)
    assert sorted(unasked(stage) + unasked(stage, channel="second")) == ["again", "thanks"]
    assert timers(stage) == ["dropped", "fired", "fired"]
    assert faults(stage) == []


def test_chunks_and_other_kinds_of_timers_mix(stage: Stage) -> None:
    stage.publish(follow_ups(AGAIN.replace("24h", "8 days")))
    names = [f"p{number:02}" for number in range(20)]
    codes = stage.codes(40)
    for name in names:
        stage.take(*(stage.delivery(codes.pop(), by=name) for _ in range(2)))
    buy(stage, "mug", by="p01")
    stage.wait(days=8)
    assert fire_due(stage.runtime, stage.now, chunk=7) == 21
    assert all(unasked(stage, name) == ["again"] for name in names)
    assert sum("claim.reminder" in text for text in stage.told("p01")) == 1
    assert faults(stage) == []


def test_one_that_cannot_be_carried_out_spoils_nobody(stage: Stage) -> None:
    stage.publish(follow_ups(AGAIN))
    for name in ("a", "b", "c"):
        join(stage, name)
    with stage.sessions.begin() as session:
        orphan = Timer(
            owner_id=7, kind="follow-up", subject="again:first contact", occurrence=1, due_at=START, state="due"
        )
        session.add(orphan)
    pass_time(stage, days=1)
    assert timers(stage) == ["failed", "fired", "fired", "fired"]
    assert [unasked(stage, name) for name in ("a", "b", "c")] == [["again"]] * 3


@pytest.mark.parametrize("jump", [timedelta(days=-1), timedelta(days=-400), timedelta(days=1)])
def test_a_clock_that_jumps_says_nothing_again(stage: Stage, jump: timedelta) -> None:
    stage.publish(follow_ups(COME_BACK, MISS_YOU, limits="per_day: 5"))
    join(stage)
    pass_time(stage, days=4)
    assert sorted(unasked(stage)) == ["come", "miss"]
    stage.now += jump
    pass_time(stage)
    pass_time(stage, days=500)
    assert sorted(unasked(stage)) == ["come", "miss"]
