"""What follow-ups and calendar jobs of a new publication must satisfy beyond their grammar."""

from collections.abc import Iterator
from datetime import timedelta

from core.campaign.cron import BadCron, shortest_distance
from core.campaign.findings import Finding
from core.campaign.follow_ups import Event, FollowUpRules, Reason
from core.campaign.rules import Rules

_OFTEN = timedelta(hours=1)


def follow_up_findings(rules: Rules) -> Iterator[Finding]:
    """Everything that is wrong with what is said unasked."""
    for what, listed in (("follow_ups", rules.follow_ups), ("calendar", rules.calendar)):
        if listed == ():
            yield (what,), "the list is empty; add to it or remove the line"
    for position, follow_up in enumerate(rules.follow_ups or ()):
        yield from _follow_up(rules, follow_up, ("follow_ups", position))
    yield from _calendar(rules)
    limits = rules.follow_up_limits
    if limits is None:
        return
    reminds = _torches(rules) or any(item.claim for _, item in rules.goods())
    if not rules.follow_ups and not rules.calendar and not (limits.quiet and reminds):
        yield ("follow_up_limits",), "there is nothing to limit; add follow_ups or calendar, or remove this"
    if limits.per_day and limits.per_week and limits.per_week < limits.per_day:
        yield ("follow_up_limits", "per_week"), "is less than per_day; give at least as many"


def _torches(rules: Rules) -> bool:
    return any("lit" in section.segments for section in rules.each())


def _follow_up(rules: Rules, follow_up: FollowUpRules, place: tuple[str | int, ...]) -> Iterator[Finding]:
    event = follow_up.when.event
    if event.startswith("torch") and not _torches(rules):
        yield (*place, "when"), "there are no torches; add relay, or choose another event"
    if event == "win" and rules.draw is None:
        yield (*place, "when"), "nothing is drawn; add draw, or choose another event"
    if event == "first code" and not rules.takes_codes():
        yield (*place, "when"), "no code brings anything here; choose another event"
    if len(set(follow_up.unless)) < len(follow_up.unless):
        yield (*place, "unless"), "name each condition once"
    for reason in follow_up.unless:
        if (remedy := _misplaced(rules, reason, event)) is not None:
            yield (*place, "unless"), remedy


def _misplaced(rules: Rules, reason: Reason, event: Event) -> str | None:
    """What is wrong with ``unless: reason`` after ``event``."""
    claimed = any(item.claim for _, item in rules.goods())
    problems: dict[Reason, tuple[tuple[bool, str], ...]] = {
        "redeemed": ((event in {"first code", "win"}, f"at {event} everybody has redeemed a code; use spoke"),),
        "spoke": ((event == "last word", "after the last word nobody has spoken; remove spoke"),),
        "lit": (
            (not _torches(rules), "there are no torches; remove lit, or add relay"),
            (event == "torch lit", "at torch lit everybody has lit a torch; remove lit"),
        ),
        "brought a friend": (
            (not rules.brings_friends(), "friends cannot be brought in; add invites, or remove it"),
            (event == "torch lit", "at torch lit a friend has just been brought in; use spoke"),
        ),
        "claimed": (
            (event != "win", "claimed goes with: after win; use another"),
            (not claimed, "nothing is claimed here; give a prize a claim, or use another"),
        ),
    }
    return next((remedy for wrong, remedy in problems[reason] if wrong), None)


def _calendar(rules: Rules) -> Iterator[Finding]:
    for position, job in enumerate(rules.calendar or ()):
        place: tuple[str | int, ...] = ("calendar", position)
        try:
            distance = shortest_distance(job.cron, rules.zone)
        except BadCron as error:
            yield (*place, "cron"), str(error)
        else:
            if distance < _OFTEN:
                often = "comes more than once an hour; the first field is the minute, so nine o'clock is: 0 9 * * *"
                yield (*place, "cron"), often
        if job.to in {"ambassadors", "unlit", "lit"} and not _torches(rules):
            yield (*place, "to"), "there are no torches; choose everybody, or add relay"
        if job.to == "never redeemed" and not rules.takes_codes():
            yield (*place, "to"), "no code brings anything here; choose everybody"
