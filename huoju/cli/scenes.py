"""`huoju wechat scenes`, `huoju telegram scenes`: by which poster, shop or link people came."""

import json
from datetime import datetime, timedelta

import click

from core.database import read_only
from core.scenes import scene_sums
from core.times import system_clock
from huoju.cli.console import installation, out, table

_LATELY = timedelta(days=30)
_DAY = click.DateTime(["%Y-%m-%d"])


def scenes_of(channel: str) -> click.Command:
    """The command that tells of the scenes of ``channel``."""

    @click.command()
    @click.option("--account", help="This one alone.")
    @click.option("--since", type=_DAY, help="From this day (UTC) on, instead of the last 30.")
    @click.option("--until", type=_DAY, help="Up to this day, which is not counted.")
    @click.option("--json", "as_json", is_flag=True, help="As JSON.")
    def scenes(account: str | None, since: datetime | None, until: datetime | None, *, as_json: bool) -> None:
        """What each scene of a QR code or link brought: who came, used it again, left, or joined a campaign."""
        here, now = installation(), system_clock()
        days = (since or now - _LATELY).date(), (until or now + timedelta(days=1)).date()
        with read_only(here.runtime().sessions) as session:
            found = scene_sums(session, channel, account, *days)
        if as_json:
            out.print(json.dumps([one._asdict() for one in found], ensure_ascii=False))
            return
        if not found:
            out.print(
                f"Nobody has come by a scene since {days[0]}; docs/wechat.md says where they stand in codes and links."
            )
            return
        rows = table("account", "scene", "followed", "scanned", "left again", "joined a campaign")
        for one in found:
            rows.add_row(*map(str, one))
        out.print(rows)

    return scenes
