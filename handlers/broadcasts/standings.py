"""Standings: what the versions of a broadcast have come to, and what follows, as operators read it."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy.orm import Session

from core.answers import AnswerPart, Column, ColumnFormat, Table, Value, Verbatim, VerbName, line
from core.campaign.rules import Rules
from core.engine.runtime import Runtime
from core.models import Broadcast, BroadcastTest
from handlers.broadcasts import report
from handlers.broadcasts.deciding import Score, ranked
from handlers.broadcasts.looks import gap_told, why_asked
from handlers.broadcasts.scores import Scores, scores_of
from handlers.broadcasts.versions import reserved, versions_of

_STANDINGS = (
    *map(Column, ("version", "heard it", "results", "rate", "opted out", "cost", "cost each", "earned")),
    Column("more in 1000", ColumnFormat.SIGNED),
)


def standings(
    runtime: Runtime, session: Session, broadcast: Broadcast, test: BroadcastTest, rules: Rules
) -> Iterator[AnswerPart]:
    """What the versions have come to so far, what chance has to do with it, and what follows."""
    result = runtime.mechanics.results.get(test.result or "")
    if result is not None:
        found = scores_of(session, broadcast, test, result, rules)
        names = [one.name for one in versions_of(broadcast, test)]
        yield line(
            "Counted: {result} within {days} d after the text.",
            result=result.name,
            days=timedelta(seconds=test.within_s).days,
        )
        yield Table("versions", _STANDINGS, list(_rows(found, names)))
        if len(found.versions) > 1:
            yield from gap_told(names, ranked(found.versions, is_money=found.is_money))
    yield from _follows(session, broadcast, test)


def _rows(found: Scores, names: list[str]) -> Iterator[tuple[Value, ...]]:
    for one in found.versions:
        yield (Verbatim(names[one.version - 1]), *_figures(found, one))
    if found.rest is not None:
        best = names[found.rest.version - 1]
        told = line("{version}, afterwards", version=Verbatim(best)) if found.versions else Verbatim(best)
        yield (told, *_figures(found, found.rest))
    if found.held_out is not None:
        yield (line("hears nothing"), *_figures(found, found.held_out))


def _figures(found: Scores, one: Score) -> tuple[Value, ...]:
    def paid(micros: int) -> str | None:
        return report.money({found.currency: micros}) if found.currency and micros else None

    each = paid(one.micros // one.did) if one.did else None
    earned = report.money({found.currency or "": one.cents * 10_000 - one.micros}) if found.is_money else None
    more = None
    if found.held_out is not None and one is not found.held_out and one.people and found.held_out.people:
        more = round(1000 * (one.part.rate - found.held_out.part.rate))
    return one.people, one.did, one.part.percent, one.opted_out, paid(one.micros), each, earned, more


def _follows(session: Session, broadcast: Broadcast, test: BroadcastTest) -> Iterator[AnswerPart]:
    names = [one.name for one in versions_of(broadcast, test)]
    if len(names) == 1:
        return
    waits = reserved(session, broadcast.id)
    choose = VerbName(f"broadcast choose {broadcast.name}")
    if test.state == "testing":
        assert broadcast.starts_at is not None
        at = broadcast.starts_at + timedelta(seconds=test.wait_s)
        yield line(
            "{count} people wait for the best version, which is known at {at:%Y-%m-%d %H:%M} UTC at the earliest;"
            " {verb} lets one go to them now.",
            count=waits,
            at=at,
            verb=choose,
        )
    elif test.state == "asking":
        yield line(
            "{count} people wait, and you have to choose, as {why}: {verb}",
            count=waits,
            why=why_asked(test),
            verb=choose,
        )
    else:
        assert test.winner is not None
        best = Verbatim(names[test.winner - 1])
        if test.decided_by is not None:
            told = "{operator} chose {version} for the rest at {at:%Y-%m-%d %H:%M} UTC."
            yield line(told, operator=test.decided_by, version=best, at=test.decided_at)
        else:
            yield line("{version} goes to the rest since {at:%Y-%m-%d %H:%M} UTC.", version=best, at=test.decided_at)
