"""The campaign of the relay story for tests, and what its people say."""

import re

from sqlalchemy import select

from core.models import Join
from handlers.relay.rollup import roll_up
from handlers.relay.tables import Torch
from tests.stage import CAMPAIGN, Stage

RELAY = (
    CAMPAIGN[: CAMPAIGN.index("budget:")].replace("name: snack", "name: torch").replace("Open a bag", "The relay")
    + """
region: CN
relay:
  window: 10m
  qualify: [invited, code, quota]
  quota_per_day: 3
  remind: [5m, 8m]
  perk: {name: torch-skin, title: {zh: 火炬皮肤, en: Torch skin}}
  relight: {after: 1h, times: 2}
"""
)
"""Three torches a day for those who ask; ten minutes to bring a friend in."""


def open_relay(stage: Stage, rules: str = RELAY) -> None:
    stage.publish(rules)


def param(said: str, name: str) -> str:
    """What one placeholder of the last text that has it was filled with, up to the next one."""
    return re.findall(rf"\b{name}=(.*?)(?= [a-z_]+=|\n|$)", said)[-1]


def begin(stage: Stage, by: str = "a", **where: str) -> str:
    """Let somebody take one of the day's torches; their invite word."""
    said = stage.say("torch", by=by, **where)
    assert said.startswith("relay.granted"), said
    return param(said, "word")


def last_told(stage: Stage, by: str, *, channel: str = "test") -> str:
    return stage.told(by, channel=channel)[-1]


def count(stage: Stage) -> int:
    """Bring the boards up to date."""
    return roll_up(stage.runtime)


def torch_of(stage: Stage, by: str, *, channel: str = "test") -> Torch:
    """The torch that somebody got last, as the database has it."""
    with stage.sessions() as session:
        mine = select(Torch).join(Join, Join.player_id == Torch.player_id)
        newest = mine.where(Join.address_key == stage.key(by, channel=channel)).order_by(Torch.number.desc())
        return session.scalars(newest.limit(1)).one()
