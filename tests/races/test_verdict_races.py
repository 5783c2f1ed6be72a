"""Races of a late verdict: told by two processes at once, against START, and against a link of that moment."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from core.engine.runtime import Runtime
from core.models import Address, Consent
from core.sending.delivery_reports import DeliveryReport, DeliveryStatus, take_reports_safely
from core.sending.outbound import Delivered
from tests.races.crowd import Crowd, Part, Says, count, faults, play
from tests.races.shop import deadlocks, rich, url_of, word_of
from tests.sending.rig import NOTICE, Desk, Platform, queue
from tests.snack import SNACK
from tests.stage import Stage

PAIRS = [(f"a{number:02}", f"b{number:02}") for number in range(10)]


def tell(runtime: Runtime, names: Sequence[str], since: datetime, at: datetime) -> None:
    """Report that these texts failed as their players had opted out, two at a time."""
    told = [
        DeliveryReport(
            "test", "main", DeliveryStatus.FAILED, (name,), error="21610", unreachable=True, unwanted=True, at=since
        )
        for name in names
    ]
    for start in range(0, len(told), 2):
        take_reports_safely(runtime.sessions, told[start : start + 2], at)


def _out(stage: Stage) -> set[bytes]:
    with stage.sessions() as session:
        return set(session.scalars(select(Address.key).where(Address.opted_out_at.is_not(None))))


def test_a_verdict_that_two_tell_at_once_races_start_and_a_link(arena: Stage, crowd: Crowd) -> None:
    """Of each pair one is refused and links to the other; every second one says START after the refusal."""
    arena.publish(SNACK)
    rich(arena, [by for pair in PAIRS for by in pair], 1)
    words = {by: word_of(arena, by, "link") for _, by in PAIRS}
    desk = Desk(arena, Platform())
    desk.platform.says = lambda message: Delivered((f"R-{message.user}",))
    for by, _ in PAIRS:
        queue(arena, by, NOTICE)
    desk.rounds()
    since = arena.now + timedelta(seconds=1)
    arena.wait(minutes=1)
    names, starters = [f"R-{by}" for by, _ in PAIRS], [by for by, _ in PAIRS[::2]]
    middle = sorted(PAIRS, key=lambda pair: abs(PAIRS.index(pair) - 5))  # to be linked where both tellers come last
    crowd.race(
        url_of(arena),
        [
            Part(tell, (names, since, arena.now)),
            Part(tell, (names[::-1], since, arena.now)),
            Part(play, ([[Says(by, "start", "start")] for by in starters], since + timedelta(seconds=2))),
            Part(play, ([[Says(one, words[two], "link")] for one, two in middle], since + timedelta(seconds=1))),
        ],
    )
    assert count(arena, Consent, Consent.how == "refused") == len(PAIRS)
    both = {arena.key(by) for pair in PAIRS for by in pair}
    assert _out(arena) == both - {arena.key(by) for by in starters}, "a link makes one person of two, START is for one"
    assert deadlocks(arena) == 0
    assert faults(arena) == []
