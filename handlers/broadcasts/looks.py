"""Looks: a test of a broadcast is looked at when its time has come, decided or stopped, and the rest hears the best.

Any number of clocks may look at once: what a look found is written under the lock of the broadcast, once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import database
from core.answers import Line, Verbatim, VerbName, line, listing
from core.chances import told_gap
from core.database import read_only
from core.engine.runtime import Runtime
from core.models import Broadcast, BroadcastTest
from handlers.broadcasts.deciding import Score, Verdict, judge, ranked
from handlers.broadcasts.scores import scores_of, unsettled
from handlers.broadcasts.versions import let_hear, ready, reserved, versions_of

SETTLED_PERCENT = 95
"""Of those who hear a version in the test so many must have heard it, or be known not to, before it is looked at."""
_ALL = 100
_LOOKED_AT = frozenset({"running", "done"})
"""It is done before it is decided where everybody heard one of its versions in the test."""
WHY_ASKED = {
    "uneven": "the versions did not reach people as they were to: more of one were lost than chance explains",
    "few_people": "fewer than 150 people heard a version",
    "few_results": "there are fewer than 5 results altogether",
    "opt_outs": "more people opted out after the best version than after the others",
    "no_result": "what is counted is not known any more",
}
"""Why an operator has to choose."""


def look_after(runtime: Runtime, broadcast_id: int, at: datetime) -> int:
    """Do what is to be done about the test of a broadcast at ``at``; returns how many members came further."""
    with read_only(runtime.sessions) as session:
        test, broadcast = session.get(BroadcastTest, broadcast_id), session.get_one(Broadcast, broadcast_id)
    if test is None or test.state == "planned":
        return 0
    done = 0
    if broadcast.state in _LOOKED_AT and not broadcast.paused:
        if test.state == "testing" and (look := _look_now(broadcast, test, at)) > test.looked:
            done += _look(runtime, broadcast_id, look, at)
        while database.finds(runtime.sessions, ready(broadcast_id)) and (released := _release(runtime, broadcast_id)):
            done += released
    _tell(runtime, broadcast_id, at)
    return done


def _look_now(broadcast: Broadcast, test: BroadcastTest, at: datetime) -> int:
    """The number of the look of which the time has come last; 0 before the first."""
    assert broadcast.starts_at is not None
    passed = (at - broadcast.starts_at) * test.looks // timedelta(seconds=test.wait_s)
    return max(0, min(passed, test.looks))


def _look(runtime: Runtime, broadcast_id: int, look: int, at: datetime) -> int:
    with read_only(runtime.sessions) as session:
        test, broadcast = session.get_one(BroadcastTest, broadcast_id), session.get_one(Broadcast, broadcast_id)
        if unsettled(session, broadcast_id) * _ALL > sum(test.tested) * (_ALL - SETTLED_PERCENT):
            return 0
        result = runtime.mechanics.results.get(test.result or "")
        if result is None:
            verdict, figures = Verdict(0, False, ("no_result",)), []
        else:
            rules = runtime.shelf.read(session)[broadcast.campaign_id].rules
            found = scores_of(session, broadcast, test, result, rules)
            verdict = judge(found.versions, is_money=found.is_money, look=look, looks=test.looks)
            figures = [list(one) for one in ranked(found.versions, is_money=found.is_money)]
    with runtime.sessions.begin() as session:
        broadcast, test = lock(session, broadcast_id)
        if test.state != "testing" or test.looked >= look or broadcast.state not in _LOOKED_AT or broadcast.paused:
            return 0
        test.looked = look
        _follow(test, verdict, figures, at)
        if test.state == "asking" and not reserved(session, broadcast_id):
            test.state, test.winner, test.decided_at, test.told_at = "decided", verdict.best or 1, at, at
        session.flush()
    return 1


def _follow(test: BroadcastTest, verdict: Verdict, figures: list[list[int]], at: datetime) -> None:
    """Do what a look says: go on until the next one, ask, or let the rest hear the best."""
    is_early = test.looked < test.looks
    if is_early and not verdict.is_ahead and "uneven" not in verdict.wrong:
        return
    test.figures = figures
    if verdict.wrong:
        test.state, test.why = "asking", list(verdict.wrong)
    else:
        test.state, test.winner, test.decided_at = "decided", verdict.best, at
        test.why = ["ahead"] if is_early else []


def lock(session: Session, broadcast_id: int) -> tuple[Broadcast, BroadcastTest]:
    """A broadcast and its test, which goes with its lock."""
    mine = select(Broadcast).where(Broadcast.id == broadcast_id).execution_options(populate_existing=True)
    broadcast = session.scalars(database.locked(mine, Broadcast.id, Broadcast)).one()
    return broadcast, session.get_one(BroadcastTest, broadcast_id, populate_existing=True)


def _release(runtime: Runtime, broadcast_id: int) -> int:
    """Let some of those who waited hear the best version, once it is known."""
    with runtime.sessions.begin() as session:
        broadcast, test = lock(session, broadcast_id)
        if test.state != "decided" or broadcast.state != "running" or broadcast.paused:
            return 0
        return let_hear(session, broadcast, test)


def gap_told(names: Sequence[str], scores: Sequence[Score]) -> list[Line]:
    """What the best two of ``scores``, the best first, came to, and what chance has to do with it."""
    best, second = scores[:2]
    return told_gap(Verbatim(names[best.version - 1]), best.part, Verbatim(names[second.version - 1]), second.part)


def why_asked(test: BroadcastTest) -> Line:
    """Why an operator has to choose."""
    return listing([line(WHY_ASKED[why]) for why in test.why], "; ")


def _tell(runtime: Runtime, broadcast_id: int, at: datetime) -> None:
    """Tell operators once that a test was decided, or asks."""
    with read_only(runtime.sessions) as session:
        test, broadcast = session.get_one(BroadcastTest, broadcast_id), session.get_one(Broadcast, broadcast_id)
        if test.told_at is not None or test.state not in {"asking", "decided"}:
            return
        waits = reserved(session, broadcast_id)
    runtime.mechanics.alert(runtime, f"broadcast-test:{broadcast_id}:{test.state}", _told(broadcast, test, waits), at)
    with runtime.sessions.begin() as session:
        _, test = lock(session, broadcast_id)
        test.told_at = at
        session.flush()


def _told(broadcast: Broadcast, test: BroadcastTest, waits: int) -> Line:
    """What operators are told of it."""
    names = [one.name for one in versions_of(broadcast, test)]
    shows = VerbName(f"broadcast standings {broadcast.name}")
    if test.winner is None:
        return line(
            "{name} waits for you, as {why}. {count} people have heard nothing yet. {verb} shows what the versions came"
            " to; {choose} lets one go to the rest, {stop} ends it.",
            name=broadcast.name,
            why=why_asked(test),
            count=waits,
            verb=shows,
            choose=VerbName(f"broadcast choose {broadcast.name}"),
            stop=VerbName(f"broadcast stop {broadcast.name}"),
        )
    return line(
        "{name}: version {version} did best, and goes to the rest. {figures} {verb} shows all of it.",
        name=broadcast.name,
        version=Verbatim(names[test.winner - 1]),
        figures=listing(gap_told(names, [Score(*one) for one in test.figures]), " "),
        verb=shows,
    )
