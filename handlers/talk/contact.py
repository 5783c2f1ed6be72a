"""Contact: whom a player can ask who wants a person, complains, or asks about what no word here answers."""

from dataclasses import dataclass

from core.campaign.live import LiveCampaign
from core.context import Context
from core.engine.routes import Requires, Route
from core.messages import Reply, Shown
from core.speech.campaign_choice import concerning
from core.speech.contact import PERSON
from core.speech.keywords import Means


@dataclass(frozen=True, slots=True)
class AskForPerson:
    """The player wants to talk to somebody."""

    requires = Requires()


def give_contact(ctx: Context, _intent: AskForPerson) -> list[Reply]:
    """Answer with the file's ``contact``, or with who is behind the campaign: of each that the sender plays."""
    told = {(each.rules.contact, each.rules.organiser): each for each in reversed(concerning(ctx))}
    return [_contact(each) for each in reversed(told.values())] or [Reply("contact.none", desk=True)]


def _contact(campaign: LiveCampaign) -> Reply:
    rules = campaign.rules
    shown: Shown = {"title": rules.title.model_dump(), "organiser": rules.organiser.model_dump()}
    if rules.contact is None:
        return Reply("contact.organiser", shown, desk=True, campaign_id=campaign.id)
    contact = rules.contact.model_dump()
    return Reply("contact.answer", {**shown, "contact": contact}, desk=True, campaign_id=campaign.id)


ROUTE = Route(
    "contact",
    Means(AskForPerson(), *PERSON.words, asked=PERSON.asked),
    give_contact,
    defers_to_prompt=True,
    when_blocked=True,
)
