"""Privacy: what is kept of a player, in plain words, and how to have it deleted."""

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from core.campaign.live import LiveCampaign
from core.context import Context
from core.engine.routes import Requires, Route
from core.messages import Reply, Shown
from core.permissions import PermissionRequires, consents_in
from core.speech.campaign_choice import concerning
from core.speech.keywords import Means
from core.texts.formats import When


@dataclass(frozen=True, slots=True)
class ShowPrivacy:
    """The player asks what we keep."""

    requires = Requires((PermissionRequires(wanted=True),))


def show_privacy(ctx: Context, _intent: ShowPrivacy) -> list[Reply]:
    """Answer with what is kept, and whom to ask: of each organiser whose campaigns the sender plays.

    Then what the sender lets us do.
    """
    told = {each.rules.organiser: each for each in reversed(concerning(ctx))}
    kept = [_privacy(each) for each in reversed(told.values())] or [Reply("privacy.none")]
    return [*kept, Reply("privacy.consents", {"consents": tuple(_consents(ctx))})]


def _consents(ctx: Context) -> Iterator[Reply]:
    zone = ctx.campaign.rules.zone if ctx.campaign else ZoneInfo("UTC")
    for standing in consents_in(ctx.rows, ctx.address):
        key = f"privacy.{standing.kind}_{'on' if standing.welcome else 'off'}"
        since = () if standing.since is None else (Reply("privacy.since", {"at": When(standing.since, zone, ctx.now)}),)
        yield Reply(key, {"since": since})


def _privacy(campaign: LiveCampaign) -> Reply:
    rules = campaign.rules
    organiser = rules.organiser.model_dump()
    ask = Reply("privacy.organiser", {"organiser": organiser})
    if rules.contact is not None:
        ask = Reply("privacy.contact", {"contact": rules.contact.model_dump()})
    shown: Shown = {"organiser": organiser, "title": rules.title.model_dump(), "ask": (ask,)}
    return Reply("privacy.answer", shown, campaign_id=campaign.id)


ROUTE = Route(
    "privacy",
    Means(
        ShowPrivacy(),
        "privacy",
        "privacy policy",
        "隐私",
        "隐私政策",
        "个人信息",
        asked="privacy",
    ),
    show_privacy,
    when_blocked=True,
)
