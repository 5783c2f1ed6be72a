"""Words of every campaign, for segments and for what follow-ups count from: who plays it, and who spoke."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, and_, or_, select, true

from core.answers import Line
from core.campaign.findings import remedy
from core.campaign.rules import Rules
from core.context import TurnRows
from core.events import Joined
from core.models import Address, Join, Player
from core.places import place_named
from core.segments.facts import Facts
from core.segments.words import Asked, Happening, Predicate, Seen
from core.triggers import Occurrence, Trigger


def _heard_after(asked: Asked) -> ColumnElement[bool]:
    """By the address that a notice goes to (core/engine/locks.py), as only that one is locked when one is due."""
    if asked.since is None:
        return true()
    preferred = (
        select(Address.heard_at)
        .join(Join, Join.address_key == Address.key)
        .where(Join.player_id == Player.id)
        .order_by(
            _plays(asked.rules).desc(),
            Address.gone_at.is_(None).desc(),
            Address.heard_at.desc(),
            Address.key.desc(),
        )
        .limit(1)
    )
    return preferred.correlate(Player).scalar_subquery() > asked.since


def _plays(rules: Rules) -> ColumnElement[bool]:
    """Whether the campaign is played at the account of an address."""
    places = [place_named(name) for name in rules.channels]
    return or_(
        *(
            and_(Address.channel == place.channel, Address.account == place.account)
            if place.account
            else Address.channel == place.channel
            for place in places
        )
    )


def _spoke(seen: Seen, asked: Asked) -> bool:
    return asked.since is None or seen.address.heard_at > asked.since


def _no_reason(_rules: Rules, after: str) -> Line | None:
    never = remedy("after the last word nobody has spoken; remove spoke")
    return never if after == "last word" else None


_HEARD = Facts(Join.player_id, Address.heard_at, beside=((Address, Address.key == Join.address_key),), follow=True)

SEGMENTS = (
    Predicate(
        name="everybody",
        also=("everyone", "all"),
        chinese=("所有人", "全部"),
        says="Every player.",
        where=lambda _: true(),
        check=lambda _seen, _asked: True,
        lasts=True,
        as_audience=lambda _: None,
    ),
    Happening(
        name="spoke",
        also=("has spoken", "wrote"),
        chinese=("说过话", "说话", "来过"),
        says="Wrote or tapped; of each address the last time counts.",
        facts=_HEARD,
        bare=Predicate(name="spoke", where=_heard_after, check=_spoke, as_reason=_no_reason),
    ),
)


def _joined(joined: Joined) -> Occurrence:
    return Occurrence(joined.player.campaign_id, joined.player.id, joined.message.received_at)


def _had_joined(_rows: TurnRows, player: Player) -> Iterator[Occurrence]:
    yield Occurrence(player.campaign_id, player.id, player.joined_at)


TRIGGERS = (
    Trigger(name="first contact", event=Joined, occurred=_joined, before=_had_joined),
    # The first word is the last one so far.
    Trigger(
        name="last word",
        event=Joined,
        occurred=_joined,
        before=_had_joined,
        moves_to=lambda address: address.heard_at,
    ),
)
