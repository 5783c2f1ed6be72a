"""What platforms forbid and count: read from a table, so that no rule of ours names a channel."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML

from core.answers import Line
from core.campaign.findings import Finding, meant, remedy
from core.campaign.rules import Rules
from core.campaign.unasked import Quiet, read_quiet
from core.places import Place, overlaps, place_named


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


_PAGE = 3000
"""Where a platform has room for it."""


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
def channels_in_chinese() -> Mapping[str, str]:
    """What channels are called in Chinese, by their names."""
    return {channel: said["called"][0] for channel, said in _table().items() if "called" in said}


@cache
def channels_called() -> Mapping[str, Sequence[str]]:
    """What people call channels, by their names."""
    return {channel: tuple(said.get("called", ())) for channel, said in _table().items()}


@cache
def _channels_called() -> Mapping[str, str]:
    return {called: channel for channel, said in _table().items() for called in said.get("called", ())}


def channel_called(name: str) -> str:
    """The channel that people call ``name``; what nobody calls one stays as it is."""
    plain = name.strip().casefold()
    return _channels_called().get(plain, plain if plain in _table() else name)


@cache
def may_be_forged(channel: str) -> bool:
    """Whether anybody may write with the sender of somebody else on ``channel``."""
    return bool(_table().get(channel, {}).get("forged", False))


@cache
def has_buttons(channel: str) -> bool:
    """Whether an answer can have buttons on ``channel``; where it has none, numbers are typed."""
    return bool(_table().get(channel, {}).get("buttons", True))


@cache
def page_of(channel: str) -> int:
    """How many characters of a long text for an operator go at once on ``channel``."""
    return int(_table().get(channel, {}).get("page", _PAGE))


@cache
def is_brief(channel: str) -> bool:
    """Whether each part of a text is paid for on ``channel``: what is long is told in short there, with a link."""
    return bool(_table().get(channel, {}).get("brief", False))


@cache
def opt_out_words(channel: str) -> frozenset[str]:
    """Words that opt out on ``channel`` beside those that do so everywhere."""
    return frozenset(_table().get(channel, {}).get("opt_out", ()))


@cache
def all_opt_out_words() -> frozenset[str]:
    """Words that opt out on any channel beside those that do so everywhere."""
    return frozenset().union(*map(opt_out_words, _table()))


def may_reward(rules: Rules, channels: Collection[str] | None, place: Place) -> bool:
    """True when friends can be brought in at ``place``: at ``channels``, else wherever the platform allows it."""
    if not rules.plays_at(place):
        return False
    if channels is not None:
        return place.is_among(channels)
    return "invites" not in forbidden().get(place.channel, {})


def friends_on(rules: Rules, place: Place) -> bool:
    """True when a friend can be brought in at ``place``, whatever for."""
    return any(section.friends_at(rules, place) for section in rules.each())


def asks_word(rules: Rules, place: Place) -> bool:
    """True when somebody who comes by a scan or a link at ``place`` types a word before joining."""
    said = (asks for section in rules.each() if (asks := section.asks_word(place)) is not None)
    return next(said, "scans" in forbidden().get(place.channel, {}))


def unknown_channels(rules: Rules, channels: Sequence[str] | None, key: str) -> Iterator[Finding]:
    """Those of ``channels``, which stand under ``key``, at which the campaign is not, each with what to do."""
    for position, channel in enumerate(channels or ()):
        if not overlaps(channel, rules.channels):
            told = "{channel} is none of the campaign's channels{meant}; add it there first"
            yield (key, position), remedy(told, channel=channel, meant=meant(channel, rules.channels))


def reward_notes(what: str, rules: Rules, channels: Sequence[str] | None) -> Iterator[Line]:
    """Where a platform forbids ``what`` rewards friends, and whether it is on there all the same."""
    for name in dict.fromkeys([*rules.channels, *(channels or ())]):
        place = place_named(name)
        if (why := forbidden().get(place.channel, {}).get("invites")) is not None:
            is_on = may_reward(rules, channels, place)
            state = remedy("ON because the file says so" if is_on else "off there")
            yield remedy("{what} on {name}: {why}; {state}", what=remedy(what), name=name, why=remedy(why), state=state)


def notes(rules: Rules) -> list[Line]:
    """What an operator should know about a campaign, though nothing is refused."""
    return [note for section in rules.each() for note in section.notes(rules)]
