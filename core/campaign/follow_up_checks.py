"""What follow-ups and calendar jobs of a new publication must satisfy beyond their grammar."""

from collections.abc import Iterator
from datetime import timedelta

from core.calendar.cron import BadCron, shortest_distance
from core.campaign.follow_ups import FollowUpRules
from core.campaign.goods_checks import Finding
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
    if not rules.follow_ups and not rules.calendar:
        yield ("follow_up_limits",), "there is nothing to limit; add follow_ups or calendar, or remove this"
    if limits.per_day and limits.per_week and limits.per_week < limits.per_day:
        yield ("follow_up_limits", "per_week"), "is less than per_day; give at least as many"


def _follow_up(rules: Rules, follow_up: FollowUpRules, place: tuple[str | int, ...]) -> Iterator[Finding]:
    event = follow_up.when.event
    if event.startswith("torch") and rules.relay is None:
        yield (*place, "when"), "there are no torches; add relay, or choose another event"
    if event == "win" and rules.draw is None:
        yield (*place, "when"), "nothing is drawn; add draw, or choose another event"
    if event == "first code" and not rules.takes_codes():
        yield (*place, "when"), "no code brings anything here; choose another event"
    if len(set(follow_up.unless)) < len(follow_up.unless):
        yield (*place, "unless"), "name each condition once"
    if "redeemed" in follow_up.unless and event in {"first code", "win"}:
        yield (*place, "unless"), f"at {event} everybody has redeemed a code, so nobody would hear this; use spoke"
    if "spoke" in follow_up.unless and event == "last word":
        yield (*place, "unless"), "after the last word nobody has spoken; remove it"
    if "lit" in follow_up.unless and rules.relay is None:
        yield (*place, "unless"), "there are no torches; remove lit, or add relay"
    if "lit" in follow_up.unless and event == "torch lit":
        yield (*place, "unless"), "at torch lit everybody has lit a torch; remove it"
    if "brought a friend" in follow_up.unless and rules.invites is None and rules.relay is None:
        yield (*place, "unless"), "friends cannot be brought in; add invites, or remove it"
    if "claimed" in follow_up.unless and (event != "win" or not rules.has_claims()):
        yield (*place, "unless"), "claimed goes with: after win, and with prizes that are claimed; use another"


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
        if job.to in {"ambassadors", "unlit", "lit"} and rules.relay is None:
            yield (*place, "to"), "there are no torches; choose everybody, or add relay"
        if job.to == "never redeemed" and not rules.takes_codes():
            yield (*place, "to"), "no code brings anything here; choose everybody"
