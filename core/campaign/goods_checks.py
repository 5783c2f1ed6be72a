"""What gifts, claims and invites of a campaign must satisfy beyond their grammar."""

from collections.abc import Iterator

from phonenumbers import SUPPORTED_REGIONS

from core.campaign.quantities import Money
from core.campaign.rules import Rules
from core.places import overlaps
from core.spelling import guess

Finding = tuple[tuple[str | int, ...], str]


def goods_findings(rules: Rules) -> Iterator[Finding]:
    """Everything that is wrong with how prizes and gifts reach players and what friends bring."""
    yield from _gifts(rules)
    yield from _claims(rules)
    yield from _invites(rules)
    if rules.region is not None and rules.region not in SUPPORTED_REGIONS:
        yield ("region",), f"{rules.region} is no country with phone numbers; use one such as CN or GB"


def _gifts(rules: Rules) -> Iterator[Finding]:
    if rules.gifts == ():
        yield ("gifts",), "the list is empty; add a gift or remove the line"
    friends = rules.invites.inviter + rules.invites.invitee if rules.invites else 0
    won = any(prize.points for prize in (rules.draw.prizes if rules.draw else ()))
    if rules.gifts and not (rules.earned() or friends or won):
        yield ("gifts",), "nobody can earn points for them; add draw.otherwise, points.earn or invites"


def _claims(rules: Rules) -> Iterator[Finding]:
    prizes = rules.draw.prizes if rules.draw else ()
    if rules.claims is not None and not rules.gifts and not any(prize.claim for prize in prizes):
        yield ("claims",), "no prize and no gift is claimed; add claim: delivery to one, or remove this"
    limit = rules.claim_rules().approve_above
    for money in [prize.value for prize in prizes] + [gift.value for gift in rules.gifts or () if gift.value]:
        if limit is not None and money.currency != limit.currency:
            yield ("claims", "approve_above"), f"is in {limit.currency}, but a value is in {money.currency}; use one"
            return


def _invites(rules: Rules) -> Iterator[Finding]:
    if rules.invites is None:
        return
    if not rules.invites.inviter + rules.invites.invitee:
        yield ("invites",), "nobody gets anything; give inviter or invitee some points"
    for position, channel in enumerate(rules.invites.channels or ()):
        if not overlaps(channel, rules.channels):
            meant, place = guess(channel, rules.channels), ("invites", "channels", position)
            yield place, f"{channel} is none of the campaign's channels{meant}; add it there first"


def promised_cents(rules: Rules, codes_count: int) -> int:
    """The most that friends and gifts can cost, in hundredths: every code may be the first one of a friend.

    Points that buy a gift are counted where they are earned; a gift adds what it costs beyond their worth.
    """
    worth = rules.points.worth.cents if rules.points.worth else 0
    friends = rules.invites.inviter + rules.invites.invitee if rules.invites else 0
    gifts = sum(max(gift.value.cents - gift.price * worth, 0) * gift.stock for gift in rules.gifts or () if gift.value)
    return friends * codes_count * worth + gifts


def gift_values(rules: Rules) -> Iterator[tuple[tuple[str | int, ...], Money]]:
    """Every gift's value and its place in the file."""
    for position, gift in enumerate(rules.gifts or ()):
        if gift.value is not None:
            yield ("gifts", position, "value"), gift.value
