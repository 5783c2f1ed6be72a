"""Each lock by itself, also those that a key would hide: whoever comes while it is held waits, or leaves the row alone.

Somebody else holds the row and changes it. Who did not lock it too would decide by what it was before.
"""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Select, func, select, text, update

from core.engine.turn import take_turn
from core.messages import Answered
from core.models import Account, Address, Base, Batch, CalendarRun, OutboundJob, Player, Timer
from core.sending.claim import claim
from core.sending.outbound import Rate, SendingAccount
from handlers.calendar.ticks import _claim, _find, run_calendar
from handlers.codes.batches import activate
from handlers.codes.limits import BatchRefused
from handlers.codes.tables import Code
from handlers.draws.tables import Prize
from handlers.gifts.tables import Gift
from handlers.points.verbs import expire_due
from handlers.relay.rollup import roll_up
from handlers.relay.tables import QuotaDay, RelayNews
from tests.faulty import each_connection
from tests.races.crowd import PATIENCE_S
from tests.relay.torchbearers import RELAY, begin
from tests.sending.rig import ANSWER, queue
from tests.snack import SNACK, SURE
from tests.stage import CAMPAIGN, Stage

_POLL_S = 0.01
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


class Other(threading.Thread):
    """Somebody else who does something meanwhile; ``result`` is what came of it, or what was raised."""

    def __init__(self, act: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self._act = act
        self.result: Any = None

    def run(self) -> None:
        try:
            self.result = self._act()
        except Exception as error:  # noqa: BLE001  # looked at by the test
            self.result = error


def while_held(
    arena: Stage, rows: Select[Any], change: dict[str, object], *acts: Callable[[], Any]
) -> tuple[bool, list[Any]]:
    """Let everybody act while somebody holds and changes ``rows``: whether all had to wait, and what came of it."""
    others = [Other(act) for act in acts]
    with arena.sessions.begin() as session:
        held = session.scalars(rows.with_for_update(key_share=True)).all()
        assert held
        for other in others:
            other.start()
        waited = all_wait(arena, others)
        for row in held:
            for name, value in change.items():
                setattr(row, name, value)
    for other in others:
        other.join(PATIENCE_S)
        assert not other.is_alive()
    return waited, [other.result for other in others]


def all_wait(arena: Stage, others: list[Other]) -> bool:
    """Look until all wait for a lock, or one that need not has ended."""
    pause = threading.Event()
    for _ in range(int(PATIENCE_S / _POLL_S)):
        with arena.database.connect() as connection:
            if connection.scalar(text(_WAITING)) == len(others):
                return True
        if not all(other.is_alive() for other in others):
            return False
        pause.wait(_POLL_S)
    raise AssertionError("nobody waited, and nobody came to an end")


def test_of_several_senders_at_once_one_has_the_bucket(arena: Stage) -> None:
    """All stand at the account's row while another one books two of three: together they take what is left."""
    outlet = SendingAccount("test", "main", Rate(1, timedelta(seconds=60), burst=3))
    for number in range(16):
        queue(arena, f"u{number}", ANSWER)
    assert not claim(arena.sessions, arena.keys, outlet, arena.now - timedelta(days=1), 1).taken  # makes the row
    senders = [lambda: claim(arena.sessions, arena.keys, outlet, arena.now, 3) for _ in range(4)]
    booked = {"booked_until": arena.now + 2 * outlet.rate.interval}
    waited, taken = while_held(arena, select(Account), booked, *senders)
    assert (waited, sorted(len(each.taken) for each in taken)) == (True, [0, 0, 0, 1])


def test_two_senders_never_take_one_text(arena: Stage) -> None:
    outlet = SendingAccount("test", "main", Rate(100, timedelta(seconds=1), burst=100))
    for by in ("u1", "u2"):
        queue(arena, by, ANSWER)
    held = select(OutboundJob).where(OutboundJob.address_key == arena.key("u1"))
    waited, (taken,) = while_held(arena, held, {}, lambda: claim(arena.sessions, arena.keys, outlet, arena.now, 9))
    assert (waited, [each.address_key for each in taken.taken]) == (False, [arena.key("u2")])


def test_a_code_is_waited_for_before_it_is_looked_up(arena: Stage) -> None:
    """Else the second of two who type it would run into its primary key, and take the turn again."""
    arena.publish()
    (code,) = arena.codes(1)
    waited, (answers,) = while_held(arena, select(Code), {}, lambda: take_turn(arena.runtime, [arena.delivery(code)]))
    assert (waited, answers[0].how) == (True, Answered.NEW)


def test_due_timers_are_left_to_whoever_has_them(arena: Stage) -> None:
    arena.publish(SNACK + "follow_ups: [{name: hi, when: 1 h after first contact, say: {zh: hi, en: hi}}]\n")
    for by in ("u1", "u2"):
        arena.say("invite", by=by)
    arena.wait(hours=1)
    first = select(func.min(Timer.owner_id)).scalar_subquery()
    waited, (fired,) = while_held(arena, select(Timer).where(Timer.owner_id == first), {}, arena.tick)
    assert (waited, fired, arena.tick()) == (False, 1, 1)


def test_one_clock_plants_an_announcement_at_a_time(arena: Stage) -> None:
    arena.publish(SNACK + 'calendar: [{name: nine, cron: "0 9 * * *", say: {zh: hi, en: hi}}]\n')
    arena.say("invite")
    arena.wait(hours=21)
    runtime = arena.runtime
    _claim(runtime, _find(runtime, arena.now))
    waited, (planted,) = while_held(arena, select(CalendarRun), {}, lambda: run_calendar(runtime, arena.now))
    assert (waited, planted, run_calendar(runtime, arena.now)) == (False, 0, 1)


def test_news_of_torches_are_counted_by_one_clock(arena: Stage) -> None:
    arena.publish(RELAY)
    begin(arena, "a")
    waited, (counted,) = while_held(arena, select(RelayNews), {}, lambda: roll_up(arena.runtime))
    assert (waited, counted, roll_up(arena.runtime)) == (False, 0, 1)


def test_points_that_somebody_expires_are_left_alone(arena: Stage) -> None:
    arena.publish(CAMPAIGN + "points: {expire: 2 days}\n")
    arena.say(arena.codes(1)[0])
    arena.wait(days=4)
    waited, (expired,) = while_held(arena, select(Player), {}, lambda: expire_due(arena.runtime, arena.now))
    assert (waited, expired, expire_due(arena.runtime, arena.now)) == (False, 0, 1)


# id, campaign, what is said before, what is held, how it changes meanwhile, what is said then (None: a code), answered
CHANGED = [
    ("the last prize", SURE, [], select(Prize), {"stock_left": 0}, None, "redeem.points"),
    ("the last gift", SNACK, ["gifts", "bag"], select(Gift), {"stock_left": 0}, "yes", "gifts.gone"),
    ("a sender's tries", CAMPAIGN, ["help"], select(Address), {"wrong_tries": 99}, None, "redeem.locked"),
    ("a player's day", CAMPAIGN, [None], select(Player), {"redeemed_today": 10}, None, "redeem.limit"),
    ("the day's torches", RELAY, [], select(QuotaDay), {"taken": 3}, "torch", "relay.quota_gone"),
]


@pytest.mark.parametrize(
    ("name", "campaign", "before", "held", "change", "said", "answer"), CHANGED, ids=[row[0] for row in CHANGED]
)
def test_a_turn_decides_by_what_it_finds_after_the_wait(  # the name is for the reader of a failure
    arena: Stage,
    name: str,
    campaign: str,
    before: list[str | None],
    held: Select[Base],
    change: dict[str, object],
    said: str | None,
    answer: str,
) -> None:
    arena.publish(campaign)
    if campaign is RELAY:
        begin(arena, "somebody")
    if "bag" in before:
        arena.say("invite")
        arena.give(50)
    codes = arena.codes(2, "torch" if campaign is RELAY else "snack")
    for each in before:
        arena.say(each or codes.pop())
    if "wrong_tries" in change:
        change = {**change, "wrong_on": arena.now.date()}
    waited, (answers,) = while_held(arena, held, change, lambda: arena.take(arena.delivery(said or codes.pop())))
    assert waited
    assert "\n".join(answers[0].texts).startswith(answer)


def test_rows_are_locked_in_the_order_of_their_keys_however_they_lie(arena: Stage) -> None:
    """Who waits for the first must not have the second yet: whoever has the first may be about to ask for it."""
    arena.publish()
    first, second = sorted(("u1", "u2"), key=arena.key)
    for by in (second, first):
        arena.say("help", by=by)
    with each_connection(arena.database, *(f"SET enable_{way} = off" for way in ("indexscan", "bitmapscan"))):
        lying = list[bytes]()
        while lying != [
            arena.key(second),
            arena.key(first),
        ]:  # what is written anew lies last, soon
            with arena.sessions.begin() as session:
                session.execute(update(Address).where(Address.key == arena.key(first)).values(language="en"))
                lying = list(session.scalars(select(Address.key)))
        with arena.sessions.begin() as session:
            session.scalars(
                select(Address).where(Address.key == arena.key(first)).with_for_update(key_share=True)
            ).one()
            other = Other(lambda: arena.take(*(arena.delivery("help", by=by) for by in (second, first))))
            other.start()
            assert all_wait(arena, [other])
            free = select(Address.key).with_for_update(skip_locked=True, key_share=True)
            assert set(session.scalars(free)) == {arena.key(first), arena.key(second)}
        other.join(PATIENCE_S)
    assert [each.how for each in other.result] == [Answered.NEW] * 2


def test_a_batch_that_is_voided_meanwhile_is_not_activated(arena: Stage) -> None:
    arena.publish()
    batch, _ = arena.issue(1, active=False)

    def try_it() -> None:
        with arena.sessions.begin() as session:
            activate(session, batch.batch_id, arena.now)

    waited, (refused,) = while_held(arena, select(Batch), {"state": "void"}, try_it)
    assert (waited, type(refused)) == (True, BatchRefused)
