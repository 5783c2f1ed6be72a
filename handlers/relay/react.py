"""Hand the torch on: a friend's first join lights the torch of whoever brought the friend in, and gives the friend one.

It happens within the join itself, in its transaction, whether the friend came by a word, a link, a scan or a number.
"""

from datetime import timedelta
from typing import NamedTuple

from core.context import TurnRows
from core.events import Joined, Merged, bring
from core.messages import Reply
from core.models import Player
from core.texts.formats import Left
from handlers.invites import InviteRows, InviteRules
from handlers.relay.load import RelayRows
from handlers.relay.names import inherit_name, shown_name
from handlers.relay.replies import burning, relight_hint, tell
from handlers.relay.rules import RelayRules, relay_on
from handlers.relay.torches import burns, grant, latest, light


class HandedOn(NamedTuple):
    """What became of the torch of whoever brought a friend in."""

    passer: Player
    lit: bool
    """This join lit it."""
    late: timedelta | None
    """So long after its end the friend came; None for one who came in time, or later to a torch that burns."""
    invited: bool
    """The friend came by a word that was typed, which the invitation itself answers."""


def hand_on(rows: TurnRows, joined: Joined) -> HandedOn | None:
    """Somebody has joined, brought in by a friend: light, grant, and tell the friend.

    None where there is no relay here, and where nobody brought the friend in.
    """
    friend, message, now = joined.player, joined.message, joined.message.received_at
    rules, invite = rows.campaigns[friend.campaign_id].rules, rows.of(InviteRows).invites.get(friend.id)
    relay = rules.section(RelayRules)
    if relay is None or invite is None or not relay_on(rules, message.place):
        return None
    passer = rows.people[rows.root(invite.inviter_id)]
    invited = rules.section(InviteRules) is not None and joined.inviter is not None
    rows.of(RelayRows).came.setdefault(passer.id, []).append((now, friend.id))
    newly = light(rows, passer, friend.id, now)
    parent = latest(rows, passer, now)
    if "invited" in relay.qualify:
        grant(rows, friend, "invited", now, parent)
    if parent is None:
        return HandedOn(passer, lit=False, late=None, invited=invited)
    is_late = not burns(rows, passer) and now >= parent.ends_at
    handed = HandedOn(passer, newly is not None, now - parent.ends_at if is_late else None, invited)
    if newly is not None:
        lit = burning(rows, "relay.lit", newly, friend=shown_name(rows.keys, friend.id, friend.name_sealed))
        tell(rows, passer, lit, f"{newly.player_id}:{newly.number}:lit", now)
    elif handed.late is not None:
        shown = {"friend": shown_name(rows.keys, friend.id, friend.name_sealed), "late": Left(handed.late)}
        key = "relay.late" if rows.of(RelayRows).torches.get(friend.id) else "relay.late_only"
        late = Reply(key, {**shown, "relight": relight_hint(rows, passer, now)})
        tell(rows, passer, late, f"late:{friend.id}", now)
    return handed


def inherit(rows: TurnRows, merged: Merged) -> None:
    """Who is two players' one has the torches, the friends and the name of both."""
    older, younger, mine = merged.older, merged.younger, rows.of(RelayRows)
    inherit_name(rows.keys, older, younger, merged.at)
    bring(mine.torches, older, younger)
    bring(mine.came, older, younger)
