"""Say something unasked: to whom it may be said now, until when it waits, and saying it."""

from datetime import datetime

from core.campaign.grammar import Phrases
from core.campaign.live import LiveCampaign
from core.consent import welcome
from core.context import TurnRows
from core.engine.locks import user_of
from core.engine.replies import Run, State, say
from core.messages import Reply
from core.models import Player, Timer
from core.phones import phone_of
from core.sending.outbound import Category
from core.sending.policy import PAUSE
from core.sending.quiet_hours import waits_until, zone_of_phone
from core.timers.kinds import Key
from handlers.follow_ups.known import Known


def is_twin(rows: TurnRows, timer: Timer) -> bool:
    """Whether the player was linked to one who has the same timer, which is the one that counts."""
    key: Key = (timer.owner_id, timer.kind, timer.subject, timer.occurrence)
    return key in rows.of(Known).twins


def is_welcome(rows: TurnRows, player: Player) -> bool:
    """Whether ``player`` wants to hear what nobody asked for, at the address that was heard last where one plays."""
    address = rows.preferred_addresses[player.id]
    return welcome(address) and rows.campaigns[player.campaign_id].rules.plays_at(address.place)


def is_over(campaign: LiveCampaign, at: datetime) -> bool:
    """Whether nothing will be said in ``campaign`` any more."""
    return campaign.why_closed(at) == "campaign.over"


def waits(rows: TurnRows, campaign: LiveCampaign, player: Player, at: datetime) -> datetime | None:
    """Until when something unasked waits that is due at ``at``; None when it may be said.

    For the opening of the campaign, for the end of a pause, for the limits of the file.
    """
    match campaign.why_closed(at):
        case "campaign.not_open":
            return campaign.published.opens_at
        case "campaign.paused":
            return at + PAUSE
    limits = campaign.rules.follow_up_limits
    if limits is None:
        return None
    zone = campaign.rules.zone
    if limits.quiet is not None:
        phone = phone_of(user_of(rows, rows.preferred_addresses[player.id]))
        zone = (zone_of_phone(phone) if phone else None) or zone
    until = waits_until(rows.of(Known).said.get(player.id, ()), limits, zone, at)
    return until if until > at else None


def speak(
    rows: TurnRows,
    campaign: LiveCampaign,
    timer: Timer,
    words: Phrases,
    at: datetime,
    *,
    until: datetime | None = None,
    run: Run | None = None,
) -> None:
    """Say ``words`` to the player of ``timer``, at the address that was heard last; ``until`` then it may be sent."""
    player_id = rows.root(timer.owner_id)
    ref = f"notice:{timer.kind}:{timer.owner_id}:{timer.subject}:{timer.occurrence}"
    reply = Reply("follow_up.said", {"text": words.model_dump()})
    address = rows.preferred_addresses[player_id]
    say(
        rows,
        address,
        campaign,
        [reply],
        ref=ref,
        state=State.QUEUED,
        at=at,
        category=Category.MARKETING,
        expires_at=until,
        run=run,
    )
    rows.of(Known).said.setdefault(player_id, []).append(at)
