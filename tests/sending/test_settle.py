"""What becomes of a text: outcomes by category, back-off, closed accounts, lost senders, clocks that jump."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.keys import KeysUnusable
from core.randomness import SeededRandomness
from core.sending import rate_limit
from core.sending.backoff import Backoff
from core.sending.jobs import ClaimedJob
from core.sending.leases import LEASE, LeaseWatch
from core.sending.outbound import (
    Category,
    Delivered,
    OutboundMessage,
    Outcome,
    Rate,
    Refused,
    SendingAccount,
    TryAgain,
    Unknown,
)
from core.sending.rate_limit import LONGEST_CLOSED
from tests.races.crowd import faults
from tests.sending.rig import (
    ANSWER,
    MARKETING,
    NOTICE,
    OUTLET,
    Desk,
    Platform,
    account,
    change_account,
    dispatches,
    queue,
    queue_all,
    sent,
    states,
)
from tests.stage import START, Stage

EVERYONE = (ANSWER, NOTICE, MARKETING)
LEASE_S = LEASE.total_seconds()

# outcome, for these categories, the state and the tries that count
OUTCOMES = [
    (TryAgain("busy"), EVERYONE, "due", 1),
    (TryAgain("too_many", timedelta(seconds=30)), EVERYONE, "due", 0),
    (Refused("blocked"), EVERYONE, "dead", 1),
    (Unknown("timeout"), (ANSWER, NOTICE), "due", 1),
    (Unknown("timeout"), (MARKETING,), "unknown", 1),
]


@pytest.mark.parametrize(("outcome", "categories", "state", "tries"), OUTCOMES, ids=str)
def test_a_text_becomes_what_its_outcome_says(
    desk: Desk, outcome: Outcome, categories: tuple[Category, ...], state: str, tries: int
) -> None:
    for category in categories:
        queue(desk.stage, f"u{category}", category)
    desk.platform.says = lambda _message: outcome
    assert desk.rounds() == 1
    found = dispatches(desk.stage)
    assert {(one.state, one.tries, one.error, one.taken_at) for one in found} == {(state, tries, outcome.error, None)}
    assert len(found) == len(categories)
    assert sent(desk.stage) == 0


def test_marketing_goes_again_where_the_platform_drops_what_it_has_seen(stage: Stage) -> None:
    desk = Desk(stage, Platform(SendingAccount("test", "main", OUTLET.rate, deduplicates=True)))
    queue(stage, "u1", MARKETING)
    desk.platform.says = lambda _message: Unknown("timeout")
    desk.rounds()
    desk.wait(seconds=2)
    desk.rounds()
    assert len({message.id for message in desk.platform.messages}) == 1
    assert len(desk.platform.messages) == 2


@pytest.mark.parametrize("before", range(5))
def test_what_may_have_arrived_is_never_sent_five_times(stage: Stage, before: int) -> None:
    """Whatever surely failed before: an answer, which is sent again when nobody knows, may be read each time."""
    desk = Desk(stage, Platform())
    queue(stage, "u1", ANSWER)
    tried: list[int] = []

    def doubtful(_message: OutboundMessage) -> Outcome:
        tried.append(1)
        return TryAgain("busy") if len(tried) <= before else Unknown("http_502")

    desk.platform.says = doubtful
    while states(stage) == ["due"]:
        stage.now = dispatches(stage)[0].due_at
        desk.rounds()
    assert states(stage) == ["unknown"]
    assert len(tried) - before == max(4 - before, 1)


def _raise(_message: OutboundMessage) -> Outcome:
    raise ZeroDivisionError("the player's own words")


def test_an_adapter_that_breaks_leaves_the_outcome_unknown_and_quotes_nobody(desk: Desk) -> None:
    queue(desk.stage, "u1", NOTICE)
    queue(desk.stage, "u2", MARKETING)
    desk.platform.says = _raise
    desk.rounds()
    assert sorted(states(desk.stage)) == ["due", "unknown"]
    for one in dispatches(desk.stage):
        assert one.error is not None
        assert one.error.startswith("ZeroDivisionError at test_settle.py")
        assert "words" not in one.error


def test_a_text_that_cannot_be_opened_here_waits_for_a_sender_with_the_key(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shut(*_given: object) -> OutboundMessage:
        raise KeysUnusable("sealed with a key that the key file does not hold")

    queue(desk.stage, "u1", MARKETING)
    with monkeypatch.context() as patched:
        patched.setattr(ClaimedJob, "open", shut)
        desk.rounds()
    assert states(desk.stage) == ["due"]
    desk.wait(seconds=2)
    desk.rounds()
    assert sent(desk.stage) == 1


def test_pauses_double_up_to_the_longest_and_then_it_is_given_up(stage: Stage) -> None:
    backoff = Backoff(timedelta(seconds=4), timedelta(seconds=20), tries=5)
    desk = Desk(stage, Platform(), backoff)
    queue(stage, "u1", NOTICE, NOTICE)
    desk.platform.says = lambda message: TryAgain("off") if message.id.endswith("-2") else Delivered()
    for whole in (4, 8, 16, 20):
        desk.rounds()
        (first, _) = dispatches(stage)
        assert whole / 2 <= (first.due_at - stage.now).total_seconds() <= whole
        stage.now = first.due_at - timedelta(milliseconds=1)
        assert desk.rounds() == 0
        stage.now = first.due_at
    assert len(desk.platform.sent) == 4
    desk.rounds()
    assert [(one.state, one.tries, one.error) for one in dispatches(stage)] == [("dead", 5, "off")]
    assert desk.platform.sent[-1] == ("u1", 3)


@given(tries=st.integers(1, 10_000), seed=st.text(max_size=5))
def test_a_pause_is_at_least_half_and_at_most_the_whole(tries: int, seed: str) -> None:
    backoff = Backoff()
    whole = min(backoff.first * 2 ** min(tries - 1, 20), backoff.longest)
    assert whole / 2 <= backoff.pause(tries, SeededRandomness(seed)) <= whole


def test_many_that_fail_together_do_not_come_back_together(desk: Desk) -> None:
    queue_all(desk.stage, [f"u{number}" for number in range(8)], NOTICE)
    desk.platform.says = lambda _message: TryAgain("off")
    desk.rounds()
    assert len({one.due_at for one in dispatches(desk.stage)}) > 4


def test_an_account_that_the_platform_closed_is_left_alone_and_costs_no_try(desk: Desk) -> None:
    queue(desk.stage, "u1", NOTICE)
    desk.platform.says = lambda _message: TryAgain("too_many", timedelta(seconds=30))
    desk.rounds()
    queue(desk.stage, "u2", ANSWER)
    other = desk.another()
    desk.wait(seconds=29)
    assert (desk.rounds(), other.rounds()) == (0, 0)
    desk.platform.says = lambda _message: Delivered()
    desk.wait(seconds=1)
    assert other.rounds() == 1
    assert desk.platform.sent == [("u1", 2), ("u2", 2), ("u1", 2)]
    assert account(desk.stage).closed_until is None


def test_a_platform_that_wants_silence_for_a_week_is_asked_after_an_hour(desk: Desk) -> None:
    queue(desk.stage, "u1", NOTICE)
    desk.platform.says = lambda _message: TryAgain("too_many", timedelta(days=7))
    desk.rounds()
    assert account(desk.stage).closed_until == desk.stage.now + LONGEST_CLOSED


def test_a_paused_account_sends_nothing(desk: Desk) -> None:
    queue(desk.stage, "u1", NOTICE)
    desk.rounds()
    change_account(desk.stage, paused=True)
    queue(desk.stage, "u1", NOTICE)
    assert desk.rounds() == 0
    change_account(desk.stage, paused=False)
    assert desk.rounds() == 1


# What a killed sender leaves


def test_only_what_was_seen_on_its_way_all_the_time_is_overdue() -> None:
    watch, one = LeaseWatch(LEASE), (b"a", 1, None)
    lease_s = LEASE.total_seconds()
    assert [watch.overdue(seen, at * lease_s) for seen, at in (([one], 0), ([], 0.5), ([one], 1))] == [[], [], []]
    assert (watch.overdue([one], 1.9 * lease_s), watch.overdue([one], 2 * lease_s)) == ([], [one])


def test_what_a_killed_sender_had_goes_on_when_its_lease_is_over(desk: Desk) -> None:
    queue(desk.stage, "talks", ANSWER, NOTICE)
    queue(desk.stage, "m", MARKETING)
    desk.lose()
    other = desk.another()
    assert other.rounds() == 0
    other.running_s += LEASE_S - 1
    assert (other.rounds(), sorted(states(desk.stage))) == (0, ["sending"] * 3)
    other.running_s += LEASE_S / 4
    other.rounds()
    assert sorted(states(desk.stage)) == ["due", "due", "unknown"]
    desk.platform.heard()
    desk.stage.wait(seconds=2)
    other.rounds()
    assert sorted(desk.platform.sent) == [("talks", 2), ("talks", 3)]
    assert [(one.state, one.error) for one in dispatches(desk.stage)] == [("unknown", "sender_lost")]


def test_a_text_that_kills_every_sender_is_given_up(stage: Stage) -> None:
    queue(stage, "u1", NOTICE)
    backoff = Backoff(tries=3)
    for _ in range(3):
        desk = Desk(stage, Platform(), backoff)
        desk.lose()
        for seconds in (LEASE_S / 4, LEASE_S):
            desk.wait(seconds=seconds)
            desk.account.take()
        stage.wait(seconds=10)
    assert [(one.state, one.tries, one.error) for one in dispatches(stage)] == [("dead", 3, "sender_lost")]


def test_who_comes_back_late_spoils_nothing(desk: Desk) -> None:
    """A sender that slept through its lease settles what another one has by now."""
    for outcome, states_then in ((TryAgain("late"), ["sending"]), (Refused("late"), ["sending"]), (Delivered(), [])):
        late, other = desk.another(), desk.another()
        if not dispatches(desk.stage):
            queue(desk.stage, "u1", NOTICE)
        desk.platform.says = lambda _message, outcome=outcome: outcome
        late.account.take()
        other.account.take()
        other.running_s += LEASE_S * 1.25
        other.account.take()
        desk.stage.wait(seconds=3)
        desk.platform.says = lambda _message: Delivered()
        other.account.take()
        assert other.account.busy
        late.account.settle(10)
        assert states(desk.stage) == states_then
        other.account.settle(10)
        assert states(desk.stage) == []
    assert faults(desk.stage) == []


def test_marketing_that_arrived_after_all_is_no_longer_unknown(desk: Desk) -> None:
    queue(desk.stage, "u1", MARKETING)
    other = desk.another()
    desk.account.take()
    other.account.take()
    other.running_s += LEASE_S * 1.25
    other.account.take()
    assert states(desk.stage) == ["unknown"]
    desk.account.settle(10)
    assert (states(desk.stage), sent(desk.stage)) == ([], 1)


# A clock that jumps


@pytest.mark.parametrize("days", [1, -1])
def test_a_clock_that_jumps_takes_nothing_from_a_living_sender(desk: Desk, days: int) -> None:
    queue(desk.stage, "u1", NOTICE)
    desk.account.take()
    other = desk.another()
    desk.stage.wait(days=days)
    assert other.rounds() == 0
    other.running_s += LEASE_S / 2
    assert other.rounds() == 0
    desk.account.settle(10)
    assert (desk.platform.sent, states(desk.stage)) == ([("u1", 2)], [])


def test_a_clock_set_back_keeps_nothing_waiting_for_the_day(stage: Stage) -> None:
    desk = Desk(stage, Platform(SendingAccount("test", "main", Rate(1, timedelta(seconds=10), burst=2))))
    for user in ("u1", "u2", "u3"):
        queue(stage, user, NOTICE)
    stage.wait(days=1)
    desk.platform.says = lambda _message: TryAgain("off")
    desk.rounds()
    assert len(desk.platform.heard()) == 2
    stage.wait(days=-1)
    desk.platform.says = lambda _message: Delivered()
    for _ in range(3):
        desk.wait(seconds=20)
        desk.rounds()
    assert sorted(desk.platform.heard()) == [("u1", 2), ("u2", 2), ("u3", 2)]


def test_a_closing_that_a_set_back_clock_left_ends_within_the_hour(desk: Desk) -> None:
    queue(desk.stage, "u1", NOTICE)
    desk.stage.wait(days=1)
    desk.platform.says = lambda _message: TryAgain("too_many", timedelta(minutes=1))
    desk.rounds()
    desk.stage.wait(days=-1)
    desk.platform.says = lambda _message: Delivered()
    desk.wait(minutes=1)
    desk.rounds()
    desk.wait(minutes=59)
    assert desk.rounds() == 0
    desk.wait(minutes=1)
    desk.rounds()
    assert sent(desk.stage) == 1


# The bucket by itself


@settings(max_examples=200)
@given(
    asked=st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 9)), min_size=1, max_size=40),
    texts=st.integers(1, 20),
    burst=st.integers(1, 10),
)
def test_no_window_of_time_sees_more_than_burst_and_rate(asked: list[tuple[int, int]], texts: int, burst: int) -> None:
    rate = Rate(texts, timedelta(seconds=1), burst)
    at, until, went = START, START, []
    for after_ms, wanted in asked:
        at += timedelta(milliseconds=after_ms)
        count = min(wanted, rate_limit.free(until, at, rate))
        assert (rate_limit.free(until, at, rate) > 0) == (rate_limit.wait(until, at, rate) == timedelta())
        until = rate_limit.booked(until, at, rate, count)
        went += [at] * count
    for first, start in enumerate(went):
        for last in range(first, len(went)):
            allowed = burst + (went[last] - start) / rate.interval
            assert last - first + 1 <= allowed + 0.001


def test_a_bucket_fills_to_its_burst_and_no_further() -> None:
    rate = Rate(2, timedelta(seconds=1), burst=3)
    assert rate_limit.free(START, START, rate) == rate_limit.free(START - timedelta(days=9), START, rate) == 3
    until = rate_limit.booked(START, START, rate, 3)
    assert until == rate_limit.full(START, rate)
    assert (rate_limit.free(until, START, rate), rate_limit.wait(until, START, rate)) == (0, timedelta(seconds=0.5))
