"""One policy, when a text goes and not when it was written: hours, pause, the campaign's end, limits, its own end."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from core.campaign.publication import change_state
from core.models import Campaign, OutboundJob
from core.sending.operations import go_on, send_all_again
from core.sending.outbound import Category, Delivered, Refused, SendingAccount, Unknown
from tests.follow_ups.scene import calendar, follow_ups, join, pass_time, say
from tests.races.crowd import faults
from tests.sending.rig import MARKETING, NOTICE, NUDGE, OUTLET, REMINDER, Desk, Platform, dispatches, queue
from tests.snack import SURE
from tests.stage import CAMPAIGN, START, Stage
from tests.talking import link_up, play

QUIET = 'quiet: "22:00-08:00"'
EVENING = f'name: evening, cron: "59 21 * * *", {say("evening")}'
AGAIN = f"name: again, when: 24h after first contact, {say('again')}"
MORE = AGAIN.replace("again", "more")


def _waits(stage: Stage) -> list[tuple[str, str | None]]:
    return [(one.state, one.error) for one in dispatches(stage)]


def _words(desk: Desk) -> list[str]:
    return [message.text.rsplit("text=", 1)[-1] for message in desk.platform.messages]


def _at(stage: Stage, hour: int, minute: int = 0, day: int = 0) -> None:
    """The time of day in Shanghai, ``day`` days after the first."""
    stage.now = START + timedelta(days=day, hours=hour - 12, minutes=minute)


def _move(stage: Stage, move: str) -> None:
    with stage.sessions.begin() as session:
        change_state(session, "snack", move)


# when a sender comes by, day and time, and whether the announcement of 21:59 is out then
EVENINGS = [
    ("in time", (0, 21, 59), True),
    ("when quiet begins", (0, 22, 0), False),
    ("at eleven", (0, 23, 0), False),
    ("after midnight", (1, 0, 59), False),
    ("a moment before the morning", (1, 7, 59), False),
    ("in the morning", (1, 8, 0), True),
]


@pytest.mark.parametrize(("when", "goes"), [row[1:] for row in EVENINGS], ids=[row[0] for row in EVENINGS])
def test_an_announcement_of_the_evening_wakes_nobody(stage: Stage, when: tuple[int, int, int], goes: bool) -> None:
    stage.publish(calendar(EVENING, limits=QUIET))
    join(stage)
    desk = Desk(stage, Platform())
    _at(stage, 21, 59)
    pass_time(stage)
    _at(stage, when[1], when[2], when[0])
    desk.rounds()
    assert _words(desk) == ["evening"] * goes
    assert _waits(stage) == ([] if goes else [("due", "quiet_hours")])
    _at(stage, 8, 0, 1)
    desk.rounds()
    assert (_words(desk), dispatches(stage), faults(stage)) == (["evening"], [], [])


@pytest.mark.parametrize(
    ("by", "hour"), [("+491701234567", 15), ("+12125550123", 21), ("+8613800138000", 8), ("+18005550123", 8)]
)
def test_the_hours_are_those_of_the_player(stage: Stage, by: str, hour: int) -> None:
    stage.publish(follow_ups(AGAIN, limits=QUIET))
    join(stage, by)
    queue(stage, by, MARKETING)
    with stage.sessions.begin() as session:
        session.execute(update(OutboundJob).values(campaign_id=1))
    desk = Desk(stage, Platform())
    _at(stage, hour - 1, 59, 1)
    desk.rounds()
    assert desk.platform.messages == []
    _at(stage, hour, 0, 1)
    desk.rounds()
    assert len(desk.platform.messages) == 1


@pytest.mark.parametrize(
    ("by", "category", "waits"),
    [("+8613800138000", MARKETING, 1), ("+8613800138000", NUDGE, 0), ("+491701234567", MARKETING, 0)],
    ids=["in China", "what is no marketing", "elsewhere"],
)
def test_the_law_keeps_marketing_silent_at_night_where_the_file_does_not(
    stage: Stage, by: str, category: Category, waits: int
) -> None:
    stage.publish(follow_ups(AGAIN).replace("[test, second]", "[sms]"))
    join(stage, by, channel="sms")
    queue(stage, by, category, channel="sms")
    desk = Desk(stage, Platform(SendingAccount("sms", "main", OUTLET.rate)))
    _at(stage, 23)
    desk.rounds()
    assert len(desk.platform.messages) == 1 - waits
    _at(stage, 8, 0, 1)
    desk.rounds()
    assert len(desk.platform.messages) == 1


@pytest.mark.parametrize(
    ("quiet", "at", "until"), [("21:00-07:00", (21, 30), 20), ("07:00-09:00", (22, 30), 21)], ids=["before", "after"]
)
def test_the_hours_of_the_file_and_of_the_law_may_overlap(
    stage: Stage, quiet: str, at: tuple[int, int], until: int
) -> None:
    stage.publish(follow_ups(AGAIN, limits=f'quiet: "{quiet}"').replace("[test, second]", "[sms]"))
    join(stage, "+8613800138000", channel="sms")
    queue(stage, "+8613800138000", MARKETING, channel="sms")
    with stage.sessions.begin() as session:
        session.execute(update(OutboundJob).values(campaign_id=1))
    desk = Desk(stage, Platform(SendingAccount("sms", "main", OUTLET.rate)))
    _at(stage, *at)
    desk.rounds()
    assert [(one.state, one.due_at) for one in dispatches(stage)] == [("due", START + timedelta(hours=until))]


def test_what_is_put_off_costs_no_try_and_holds_up_no_answer(stage: Stage) -> None:
    stage.publish(follow_ups(AGAIN, limits=QUIET))
    join(stage)
    desk = Desk(stage, Platform())
    pass_time(stage, days=1)
    _at(stage, 23, 0, 1)
    desk.rounds()
    queue(stage, "u1", NOTICE)
    desk.rounds()
    assert [message.category for message in desk.platform.messages] == [NOTICE]
    (waits,) = dispatches(stage)
    assert (waits.state, waits.error, waits.tries) == ("due", "quiet_hours", 0)
    assert waits.due_at == START + timedelta(hours=44)
    desk.wait(minutes=5)
    desk.rounds()  # what waits for the morning is not taken for a text that a turned clock keeps back
    assert dispatches(stage)[0].due_at == START + timedelta(hours=44)


@pytest.mark.parametrize("category", [REMINDER, NUDGE, MARKETING])
def test_everything_unasked_keeps_the_hours_and_heeds_a_stop(stage: Stage, category: Category) -> None:
    stage.publish(follow_ups(AGAIN, limits=QUIET))
    for by in ("u1", "u2"):
        join(stage, by)
        queue(stage, by, category)
    with stage.sessions.begin() as session:
        session.execute(update(OutboundJob).values(campaign_id=1))
    desk = Desk(stage, Platform())
    _at(stage, 23)
    desk.rounds()
    assert desk.platform.messages == []
    assert stage.say("stop", by="u2")
    _at(stage, 8, 0, 1)
    desk.rounds()
    assert [message.user for message in desk.platform.messages] == ["u1"]
    assert _waits(stage) == [("dropped", "unwelcome")]


def test_a_reminder_of_a_prize_waits_for_the_morning(stage: Stage) -> None:
    stage.publish(SURE + f"follow_up_limits: {{{QUIET}}}\n")
    assert "redeem.won" in play(stage)
    desk = Desk(stage, Platform())
    for hours in range(24 * 14):
        stage.now = START + timedelta(hours=hours + 11)  # eleven at night, and every hour from then
        stage.tick()
        before = len(desk.platform.messages)
        desk.rounds()
        if any("claim.reminder" in message.text for message in desk.platform.messages[before:]):
            assert 8 <= (stage.now + timedelta(hours=8)).hour < 22
    assert any("claim.reminder" in message.text for message in desk.platform.messages)
    assert faults(stage) == []


@pytest.mark.parametrize("category", [NUDGE, MARKETING])
def test_a_paused_campaign_says_nothing_unasked_until_it_goes_on(stage: Stage, category: Category) -> None:
    stage.publish(follow_ups(AGAIN))
    join(stage)
    queue(stage, "u1", category, NOTICE)
    with stage.sessions.begin() as session:
        session.execute(update(OutboundJob).values(campaign_id=1))
    _move(stage, "pause")
    desk = Desk(stage, Platform())
    for _ in range(5):
        desk.rounds()
        desk.wait(hours=1)
    assert [message.category for message in desk.platform.messages] == [NOTICE]
    assert _waits(stage) == [("due", "campaign_paused")]
    _move(stage, "resume")
    desk.rounds()
    assert [message.category for message in desk.platform.messages] == [NOTICE, category]


@pytest.mark.parametrize("how", ["end", "closes"])
def test_after_the_end_what_was_queued_is_dropped(stage: Stage, how: str) -> None:
    rules = follow_ups(AGAIN)
    stage.publish(rules.replace("90 days after", "25h after") if how == "closes" else rules)
    join(stage)
    pass_time(stage, days=1)
    queue(stage, "u1", REMINDER)
    if how == "end":
        _move(stage, "end")
    stage.wait(hours=2)
    desk = Desk(stage, Platform())
    desk.rounds()
    assert [message.category for message in desk.platform.messages] == [REMINDER]  # of a prize, which is not over
    assert _waits(stage) == [("dropped", "campaign_over")]
    assert faults(stage) == []


@pytest.mark.parametrize(("late", "goes"), [("late: 1h, ", False), ("", True)])
def test_an_announcement_grows_stale_though_it_was_said(stage: Stage, late: str, goes: bool) -> None:
    stage.publish(calendar(f'name: morning, cron: "0 9 * * *", {late}{say("good")}'))
    join(stage)
    pass_time(stage, hours=21)
    stage.wait(hours=2)
    desk = Desk(stage, Platform())
    desk.rounds()
    assert _words(desk) == ["good"] * goes
    assert _waits(stage) == ([] if goes else [("dropped", "expired")])


def test_limits_count_what_was_sent_to_a_person(stage: Stage) -> None:
    stage.publish(follow_ups(AGAIN, limits="per_day: 1"))
    join(stage)
    join(stage, channel="second")
    assert link_up(stage, ("u1", "test"), ("u1", "second")).startswith("link.linked")
    for channel in ("test", "second"):
        queue(stage, "u1", MARKETING, MARKETING, channel=channel)
    with stage.sessions.begin() as session:
        session.execute(update(OutboundJob).where(OutboundJob.category == MARKETING).values(campaign_id=1))
    desks = [Desk(stage, Platform(SendingAccount(channel, "main", OUTLET.rate))) for channel in ("test", "second")]
    sent: list[datetime] = []
    for _ in range(24 * 5):
        for desk in desks:
            before = sum(message.category is MARKETING for message in desk.platform.messages)
            desk.rounds()
            after = sum(message.category is MARKETING for message in desk.platform.messages)
            sent += [stage.now] * (after - before)
            desk.running_s += 3600
        stage.wait(hours=1)
    assert [at - START for at in sent] == [timedelta(days=day) for day in range(4)]
    assert faults(stage) == []


def test_what_the_platform_did_not_take_counts_for_nothing(stage: Stage) -> None:
    stage.publish(follow_ups(AGAIN, MORE, limits="per_day: 1"))
    join(stage)
    queue(stage, "u1", MARKETING, MARKETING)
    with stage.sessions.begin() as session:
        session.execute(update(OutboundJob).values(campaign_id=1))
    desk = Desk(stage, Platform())
    desk.platform.says = lambda message: Refused("no") if message.id.endswith("-2") else Delivered()
    desk.rounds()
    assert _waits(stage) == [("dead", "no")]
    assert len(desk.platform.messages) == 2


def test_a_text_that_an_operator_sends_again_does_not_count_against_itself(stage: Stage) -> None:
    stage.publish(follow_ups(AGAIN, limits="per_day: 1"))
    join(stage)
    queue(stage, "u1", MARKETING)
    with stage.sessions.begin() as session:
        session.execute(update(OutboundJob).values(campaign_id=1))
    desk = Desk(stage, Platform())
    desk.platform.says = lambda _message: Unknown("cut off")
    desk.rounds()
    assert _waits(stage) == [("unknown", "cut off")]
    with stage.sessions.begin() as session:
        assert send_all_again(session, ("unknown",), stage.now) == 1
    desk.platform.says = lambda _message: Delivered()
    desk.rounds()
    assert (len(desk.platform.messages), dispatches(stage)) == (2, [])


def test_who_comes_for_texts_is_told_none_that_was_dropped(stage: Stage) -> None:
    stage.publish(calendar(EVENING, limits=QUIET))
    join(stage)
    _at(stage, 21, 59)
    pass_time(stage)
    with stage.sessions.begin() as session:
        mine = OutboundJob.category == int(Category.MARKETING)
        session.execute(update(OutboundJob).where(mine).values(state="dropped", error="stopped"))
    assert not any("evening" in text for text in stage.told())
    assert [one.state for one in dispatches(stage) if one.category == Category.MARKETING] == ["dropped"]


@pytest.mark.parametrize("category", [REMINDER, NUDGE, MARKETING])
def test_a_campaign_that_waits_holds_up_no_other_one(stage: Stage, category: Category) -> None:
    stage.publish()
    stage.publish(CAMPAIGN.replace("name: snack", "name: other"))
    queue(stage, "u1", category, category, category)
    with stage.sessions.begin() as session:
        for campaign, sequence in zip((1, 2, 2), (one.sequence for one in dispatches(stage)), strict=True):
            session.execute(update(OutboundJob).where(OutboundJob.sequence == sequence).values(campaign_id=campaign))
        waits = OutboundJob.campaign_id == 1
        session.execute(update(OutboundJob).where(waits).values(due_at=stage.now + timedelta(hours=8)))
    desk = Desk(stage, Platform())
    desk.rounds()
    sequences = [number for _, number in desk.platform.sent]
    assert (len(sequences), sequences) == (2, sorted(sequences))
    assert [one.campaign_id for one in dispatches(stage)] == [1]


@pytest.mark.parametrize("why", ["quiet_hours", "campaign_paused", "campaign_over", "expired"])
def test_a_crowd_that_has_to_wait_or_is_too_late_is_dealt_with_at_once(stage: Stage, why: str) -> None:
    stage.publish(calendar(EVENING.replace("59 21", "0 21"), limits=QUIET))
    for number in range(40):
        join(stage, f"p{number}")
    desk = Desk(stage, Platform(SendingAccount("test", "main", OUTLET.rate, at_once=2)))
    _at(stage, 21)
    pass_time(stage)
    match why:
        case "quiet_hours":
            _at(stage, 22)
        case "campaign_paused":
            _move(stage, "pause")
        case "campaign_over":
            _move(stage, "end")
        case _:
            stage.wait(days=8, hours=12)
    desk.account.take()
    assert desk.platform.messages == []
    state = "due" if why in {"quiet_hours", "campaign_paused"} else "dropped"
    assert _waits(stage) == [(state, why)] * 40
    assert faults(stage) == []


def test_what_waited_for_the_end_of_a_pause_goes_on_at_once(stage: Stage) -> None:
    stage.publish(calendar(EVENING.replace("59 21", "0 21")))
    for number in range(4):
        join(stage, f"p{number}")
    desk = Desk(stage, Platform())
    _at(stage, 21)
    pass_time(stage)
    _move(stage, "pause")
    desk.rounds()
    _move(stage, "resume")
    with stage.sessions.begin() as session:
        assert go_on(session, 1, stage.now) == 4
    desk.rounds()
    assert len(desk.platform.messages) == 4
    assert faults(stage) == []


def _queued(stage: Stage, *categories: Category, by: str = "u1") -> None:
    """Texts of the first campaign."""
    queue(stage, by, *categories)
    with stage.sessions.begin() as session:
        session.execute(update(OutboundJob).values(campaign_id=1))


def test_two_addresses_of_one_person_at_one_account_share_a_limit_in_one_claim(stage: Stage) -> None:
    stage.publish(follow_ups(AGAIN, limits="per_day: 1"))
    for by in ("u1", "u2"):
        join(stage, by)
    assert link_up(stage, ("u1", "test"), ("u2", "test")).startswith("link.linked")
    desk = Desk(stage, Platform())
    desk.rounds()
    before = len(desk.platform.messages)
    for by in ("u1", "u2"):
        _queued(stage, MARKETING, by=by)
    desk.account.take()
    desk.account.settle(10)
    assert len(desk.platform.messages) == before + 1
    assert _waits(stage) == [("due", "limit")]


def test_what_a_player_would_lose_waits_for_no_limit_and_no_pause(stage: Stage) -> None:
    stage.publish(follow_ups(AGAIN, limits="per_day: 1"))
    join(stage)
    desk = Desk(stage, Platform())
    _queued(stage, MARKETING)
    desk.rounds()
    _queued(stage, REMINDER, NUDGE)
    desk.rounds()
    _move(stage, "pause")
    _queued(stage, REMINDER)
    desk.rounds()
    assert [message.category for message in desk.platform.messages] == [MARKETING, REMINDER, NUDGE, REMINDER]


def test_nothing_unasked_goes_before_the_opening(stage: Stage) -> None:
    stage.publish(follow_ups(AGAIN))
    join(stage)
    with stage.sessions.begin() as session:
        session.execute(update(Campaign).values(opens_at=stage.now + timedelta(days=1)))
    desk = Desk(stage, Platform())
    _queued(stage, REMINDER, NUDGE, MARKETING)
    desk.rounds()
    assert [message.category for message in desk.platform.messages] == [REMINDER]
    assert _waits(stage) == [("due", "campaign_not_open")] * 2
    desk.wait(days=1)
    desk.rounds()
    assert [message.category for message in desk.platform.messages] == [REMINDER, NUDGE, MARKETING]
