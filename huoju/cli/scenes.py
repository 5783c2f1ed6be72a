"""`huoju wechat scenes`, `huoju telegram scenes`: by which poster, shop or link people came."""

from datetime import datetime, timedelta

import click

from core.answers import Answer, Column, Table, line
from core.database import read_only
from core.scenes import scene_sums
from core.times import system_clock
from huoju.cli.console import installation, json_option, tell

_LATELY = timedelta(days=30)
_DAY = click.DateTime(["%Y-%m-%d"])


def scenes_of(channel: str) -> click.Command:
    """The command that tells of the scenes of ``channel``."""

    @click.command()
    @click.option("--account", help="This one alone.")
    @click.option("--since", type=_DAY, help="From this day (UTC) on, instead of the last 30.")
    @click.option("--until", type=_DAY, help="Up to this day, which is not counted.")
    @json_option
    def scenes(account: str | None, since: datetime | None, until: datetime | None, *, as_json: bool) -> None:
        """What each scene of a QR code or link brought: who came, used it again, left, or joined a campaign."""
        here, now = installation(), system_clock()
        days = (since or now - _LATELY).date(), (until or now + timedelta(days=1)).date()
        with read_only(here.runtime().sessions) as session:
            found = scene_sums(session, channel, account, *days)
        nobody = line(
            "Nobody has come by a scene since {day}; docs/wechat.md says where they stand in codes and links.",
            day=days[0],
        )
        columns = [
            Column(name) for name in ("account", "scene", "followed", "scanned", "left again", "joined a campaign")
        ]
        tell(Answer([Table("scenes", columns, found, empty=nobody)]), as_json=as_json)

    return scenes
