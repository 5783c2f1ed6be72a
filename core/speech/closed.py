"""Closed: why nothing can be played now."""

from core.context import Context
from core.messages import Reply
from core.texts.formats import When


def closed(ctx: Context) -> Reply:
    """Why nothing can be played now in the campaign that was meant."""
    assert ctx.campaign is not None
    published, why = ctx.campaign.published, ctx.campaign.why_closed(ctx.now)
    assert why is not None
    if not published.rules.takes_codes():
        why = {"campaign.not_open": "relay.not_open", "campaign.paused": "relay.paused"}.get(why, why)
    zone = published.rules.zone
    return Reply(
        why,
        {
            "title": published.rules.title.model_dump(),
            "opens": When(published.opens_at, zone, ctx.now),
            "closes": When(ctx.campaign.closes_at, zone, ctx.now),
        },
    )


def resting(ctx: Context) -> list[Reply]:
    """Why nothing can be played now in the campaign that is meant, for whoever asks about it; nothing while it can."""
    rests = ctx.campaign is not None and ctx.campaign.why_closed(ctx.now) is not None
    return [closed(ctx)] if rests else []


def is_paused(ctx: Context) -> bool:
    """Whether the campaign that is meant is paused."""
    return ctx.campaign is not None and ctx.campaign.why_closed(ctx.now) == "campaign.paused"
