"""The timers of follow-ups: said once, dropped when needless, and moved on while they have to wait."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from core.campaign.live import LiveCampaign
from core.context import TurnRows
from core.models import Timer
from core.segments.segment import Segment, read, segment_of
from core.segments.words import Asked
from core.timers.kinds import Later, TimerKind
from handlers.follow_ups.known import Known
from handlers.follow_ups.load import ask, is_true
from handlers.follow_ups.react import FOLLOW_UP, subject_of
from handlers.follow_ups.rules import FollowUpRules, FollowUps
from handlers.follow_ups.say import is_over, is_twin, is_welcome, speak, waits


def _load(session: Session, rows: TurnRows, timers: Sequence[Timer]) -> None:
    """Ask for the conditions of the follow-ups that these timers are about."""
    wanted = {(rows.people[rows.root(timer.owner_id)].campaign_id, timer.subject) for timer in timers}
    found = {pair: _rules(rows.campaigns[pair[0]], pair[1]) for pair in wanted}
    rows.of(Known).follow_ups.update(found)
    counted = any(rows.campaigns[campaign_id].rules.follow_up_limits for campaign_id, _ in wanted)
    asked = [one for pair, each in found.items() if each for one in _reasons(rows, rows.campaigns[pair[0]], each)]
    undone = [rows.triggers[each.when.event].undone for each in found.values() if each]
    ask(session, rows, timers, [*asked, *(segment_of(each) for each in undone if each)], counted=counted)


def _reasons(rows: TurnRows, campaign: LiveCampaign, rules: FollowUpRules) -> list[Segment]:
    return [read(reason, rows.segments, campaign.rules) for reason in rules.unless]


def _rules(campaign: LiveCampaign, subject: str) -> FollowUpRules | None:
    found = campaign.rules.section(FollowUps).named(subject.split(":", maxsplit=1)[0])
    return found if found and subject_of(found.name, found.when.event) == subject else None


def _fire(rows: TurnRows, timer: Timer, at: datetime) -> bool | Later:
    player = rows.people[rows.root(timer.owner_id)]
    campaign, rules = rows.campaigns[player.campaign_id], rows.of(Known).follow_ups[player.campaign_id, timer.subject]
    if rules is None or is_over(campaign, at) or is_twin(rows, timer) or not is_welcome(rows, player):
        return False
    trigger, ever, since = rows.triggers[rules.when.event], Asked(campaign.rules, at), timer.since or player.joined_at
    if trigger.undone is not None and is_true(rows, segment_of(trigger.undone), player, ever):
        return False
    if any(is_true(rows, one, player, ever._replace(since=since)) for one in _reasons(rows, campaign, rules)):
        return False
    counted = trigger.moves_to(rows.preferred_addresses[player.id]) if trigger.moves_to else since
    if (due := counted + rules.when.after) > at:
        return Later(due)  # they spoke meanwhile, or a newer version of the file wants it later
    if (until := waits(rows, campaign, player, at)) is not None:
        return Later(until)
    speak(rows, campaign, timer, rules.say, at)
    return True


KINDS = {FOLLOW_UP: TimerKind(FOLLOW_UP, _load, _fire)}
