"""What platforms forbid: read from a table, so that no rule of ours names a channel."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from core.campaign.rules import Rules


@cache
def forbidden() -> Mapping[str, Mapping[str, str]]:
    """Why a platform forbids something, by channel and by what it forbids."""
    table: Mapping[str, Mapping[str, str]] = YAML(typ="safe", pure=True).load(
        (Path(__file__).parent / "platforms.yaml").read_text("utf-8")
    )
    return table


def invites_on(rules: Rules, channel: str) -> bool:
    """True when friends can be invited on ``channel``: where the file says, else wherever the platform allows it."""
    if rules.invites is None or channel not in rules.channels:
        return False
    if rules.invites.channels is not None:
        return channel in rules.invites.channels
    return "invites" not in forbidden().get(channel, {})


def notes(rules: Rules) -> list[str]:
    """What an operator should know about the platforms of a campaign, though nothing is refused."""
    said = []
    for channel in rules.channels if rules.invites else ():
        if (why := forbidden().get(channel, {}).get("invites")) is not None:
            state = "are ON because the file says so" if invites_on(rules, channel) else "are off there"
            said.append(f"invites on {channel}: {why}; they {state}")
    return said
