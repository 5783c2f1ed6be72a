"""Scenes: by which poster, shop or link people came, as the operator named its QR code; counted a day (UTC).

Nothing here is of anybody in particular: what is a code of ours, a friend's word, or looks like a number or a name in a
computer of somebody is counted under one name for all of its kind.
"""

import operator
import re
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from sqlalchemy import and_, func, or_, select, true
from sqlalchemy.orm import Session

from core import bulk
from core.context import Context
from core.engine.routes import Requires
from core.messages import InboundKind
from core.models import SceneDay
from core.models.base import table_of
from core.phones import half_width
from core.places import Place

MOST = 300
"""So many scenes of an account are told apart on one day, about: the rest is counted as one."""
CODE, INVITE, PERSONAL, OTHER = "(a code)", "(a friend's word)", "(personal)", "(other)"

_OURS = frozenset({CODE, INVITE, PERSONAL, OTHER})
_COUNTERS = ("followed", "scanned", "gone", "joined")
_DAY = re.compile(r"(?<!\d)20\d\d([-./]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])(?!\d)", re.ASCII)
_NUMBER = re.compile(r"\d(?:[ ().+/-]{0,3}\d){6}", re.ASCII)
"""Seven digits: phones and members have so many, shops and permanent QR codes have not."""
_ID = re.compile(
    r"(?:(?<![\w-])|(?=[\w-]*[A-Z])(?=[\w-]*[a-z])(?=[\w-]*\d))o[\w-]{27}(?![\w-])"
    r"|(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9]{20}|@",
    re.ASCII,
)
"""An openid, a token, a mail address."""


class SceneSum(NamedTuple):
    """What one scene brought to one account."""

    account: str
    scene: str
    followed: int
    """Came to follow us by it."""
    scanned: int
    """Scanned it who followed us already."""
    gone: int
    """Came by it and left again."""
    joined: int
    """Came by it and joined a campaign."""


def count_scene(ctx: Context, requires: Requires) -> None:
    """Count the scene of the message of ``ctx``, which ``requires`` these rows, and who leaves that came by one."""
    message, address = ctx.message, ctx.address
    if message.kind is InboundKind.LEFT:
        if address.came_by is not None and message.received_at >= address.heard_at:
            _count(ctx, address.came_by, "gone")
            address.came_by = None
        return
    if message.kind is InboundKind.CAME:
        address.came_by = None
    if message.scene is None:
        return
    scene = requires.scene(ctx.rows) if message.text == message.scene else None
    scene = scene or scene_name(message.scene)
    came = message.kind is InboundKind.FOLLOWED or (message.kind is InboundKind.OPENED and not address.said_count)
    if came:
        address.came_by = scene
    _count(ctx, scene, "followed" if came else "scanned")


def count_join(ctx: Context) -> None:
    """Count that the sender joins a campaign, under the scene that the sender came by."""
    if ctx.address.came_by is not None:
        _count(ctx, ctx.address.came_by, "joined")


def scene_name(scene: str) -> str:
    """Under which name ``scene`` is counted."""
    plain = _DAY.sub(" ", half_width(scene))
    if _NUMBER.search(plain) or _ID.search(plain):
        return PERSONAL
    return " ".join("".join(one if one.isprintable() else " " for one in scene).split()) or OTHER


def write_scenes(session: Session, counts: Mapping[tuple[Place, date, str, str], int]) -> None:
    """Add ``counts`` to the table, in the order of its keys. Two queries."""
    known = _known(session, {(place, day) for place, day, _, _ in counts})
    found: dict[tuple[Place, date, str], dict[str, int]] = {}
    for (place, day, scene, counter), count in sorted(counts.items()):
        names = known[place, day]
        told = scene if scene in names or scene in _OURS or len(names) < MOST else OTHER
        names.add(told)
        found.setdefault((place, day, told), dict.fromkeys(_COUNTERS, 0))[counter] += count
    made = [
        {**place._asdict(), "day": day, "scene": scene, **counted}
        for (place, day, scene), counted in sorted(found.items())
    ]
    bulk.add_up(session, table_of(SceneDay), made, *_COUNTERS)


def _known(session: Session, days: set[tuple[Place, date]]) -> dict[tuple[Place, date], set[str]]:
    """The scenes that are told apart already on ``days`` of accounts."""
    found: dict[tuple[Place, date], set[str]] = {day: set() for day in days}
    key = (SceneDay.channel, SceneDay.account, SceneDay.day)
    wanted = or_(*(and_(*map(operator.eq, key, (*place, day))) for place, day in sorted(days)))
    for channel, account, day, scene in session.execute(select(*key, SceneDay.scene).where(wanted)):
        found[Place(channel, account), day].add(scene)
    return found


def scene_sums(session: Session, channel: str, account: str | None, since: date, until: date) -> list[SceneSum]:
    """What scenes brought to ``account`` of ``channel``, or to all, from ``since`` up to before ``until``.

    By account, the scene that brought most first.
    """
    sums = [func.sum(getattr(SceneDay, counter)) for counter in _COUNTERS]
    mine = SceneDay.account == account if account else true()
    found = session.execute(
        select(SceneDay.account, SceneDay.scene, *sums)
        .where(SceneDay.channel == channel, mine, SceneDay.day >= since, SceneDay.day < until)
        .group_by(SceneDay.account, SceneDay.scene)
        .order_by(SceneDay.account, *(each.desc() for each in sums), SceneDay.scene)
    )
    return [SceneSum(mine, scene, *map(int, counted)) for mine, scene, *counted in found]


def _count(ctx: Context, scene: str, counter: str) -> None:
    ctx.rows.scenes[ctx.address.place, ctx.now.date(), scene, counter] += 1
