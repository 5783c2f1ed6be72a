"""What platforms forbid and count: read from a table, so that no rule of ours names a channel."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML

from core.campaign.follow_ups import Quiet, read_quiet
from core.campaign.rules import Rules
from core.places import Place, place_named


class Right(NamedTuple):
    """So many texts may be sent to a player, so long after the player turned to us."""

    texts: int
    lasts: timedelta


class Rights(NamedTuple):
    """What a player's turning to us gives, where the platform counts it."""

    typed: Right
    tapped: Right


class Hours(NamedTuple):
    """Hours in which the law wants no marketing, in the zone of those whose ``numbers`` begin so."""

    numbers: str
    quiet: Quiet
    zone: ZoneInfo


@cache
def _table() -> Mapping[str, Mapping[str, Any]]:
    table: Mapping[str, Mapping[str, Any]] = YAML(typ="safe", pure=True).load(
        (Path(__file__).parent / "platforms.yaml").read_text("utf-8")
    )
    return table


@cache
def forbidden() -> Mapping[str, Mapping[str, str]]:
    """Why a platform forbids something, by channel and by what it forbids."""
    return {
        channel: {what: why for what, why in said.items() if isinstance(why, str)} for channel, said in _table().items()
    }


@cache
def rights(channel: str) -> Rights | None:
    """What a player's turning to us lets us send on ``channel``; None where the platform counts nothing."""
    given = _table().get(channel, {}).get("rights")
    if given is None:
        return None
    return Rights(*(Right(given[by]["texts"], timedelta(seconds=given[by]["seconds"])) for by in Rights._fields))


@cache
def marketing_hours(channel: str) -> Hours | None:
    """When marketing is silent on ``channel``, whatever a campaign file says; None where no law says so."""
    given = _table().get(channel, {}).get("no_marketing")
    return Hours(given["numbers"], read_quiet(given["hours"]), ZoneInfo(given["zone"])) if given else None


@cache
def opt_out_words(channel: str) -> frozenset[str]:
    """Words that opt out on ``channel`` beside those that do so everywhere."""
    return frozenset(_table().get(channel, {}).get("opt_out", ()))


@cache
def all_opt_out_words() -> frozenset[str]:
    """Words that opt out on any channel beside those that do so everywhere."""
    return frozenset().union(*map(opt_out_words, _table()))


def invites_on(rules: Rules, place: Place) -> bool:
    """True when friends can be invited at ``place``: where the file says, else wherever the platform allows it."""
    if rules.invites is None or not rules.plays_at(place):
        return False
    if rules.invites.channels is not None:
        return place.is_among(rules.invites.channels)
    return "invites" not in forbidden().get(place.channel, {})


def relay_on(rules: Rules, place: Place) -> bool:
    """True when torches are handed on at ``place``: where the file says, else wherever the platform allows it."""
    if rules.relay is None or not rules.plays_at(place):
        return False
    if rules.relay.channels is not None:
        return place.is_among(rules.relay.channels)
    return "invites" not in forbidden().get(place.channel, {})


def friends_on(rules: Rules, place: Place) -> bool:
    """True when a friend can be brought in at ``place``, for a reward or for a torch."""
    return invites_on(rules, place) or relay_on(rules, place)


def asks_word(rules: Rules, place: Place) -> bool:
    """True when somebody who comes by a scan or a link at ``place`` types a word before joining."""
    if rules.relay is not None and rules.relay.typed_word is not None:
        return place.is_among(rules.relay.typed_word)
    return "scans" in forbidden().get(place.channel, {})


def notes(rules: Rules) -> list[str]:
    """What an operator should know about the platforms of a campaign, though nothing is refused."""
    said = []
    for what, given, on in (("invites", rules.invites, invites_on), ("the relay", rules.relay, relay_on)):
        for name in dict.fromkeys([*rules.channels, *(given.channels or ())]) if given else ():
            place = place_named(name)
            if (why := forbidden().get(place.channel, {}).get("invites")) is not None:
                state = "ON because the file says so" if on(rules, place) else "off there"
                said.append(f"{what} on {name}: {why}; {state}")
    return said
