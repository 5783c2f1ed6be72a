"""Hand the torch on: a friend's first join lights the torch of whoever brought the friend in, and gives the friend one.

It happens within the join itself, in its transaction, whether the friend came by a word, a link, a scan or a number.
"""

from core.campaign.platforms import relay_on
from core.context import Context, HandedOn
from core.messages import Reply
from core.models import Player
from core.relay.load import RelayRows
from core.relay.names import shown_name
from core.relay.telling import burning, relight_hint, tell
from core.relay.torches import burns, grant, latest, light
from core.texts.writing import left


def hand_on(ctx: Context, friend: Player, passer: Player | None) -> HandedOn | None:
    """``friend`` has joined for the first time, brought by ``passer``: light, grant, and tell the passer.

    None where there is no relay here, and where nobody brought the friend in.
    """
    rows = ctx.rows
    rules = rows.campaigns[friend.campaign_id].rules
    if rules.relay is None or passer is None or not relay_on(rules, ctx.message.place):
        return None
    rows.of(RelayRows).came.setdefault(passer.id, []).append((ctx.now, friend.id))
    newly = light(rows, passer, friend.id, ctx.now)
    parent = latest(rows, passer, ctx.now)
    if "invited" in rules.relay.qualify:
        grant(rows, friend, "invited", ctx.now, parent)
    if parent is None:
        return HandedOn(passer, lit=False, late=None)
    is_late = not burns(rows, passer) and ctx.now >= parent.ends_at
    handed = HandedOn(passer, newly is not None, ctx.now - parent.ends_at if is_late else None)
    if newly is not None:
        lit = burning(rows, "relay.lit", newly, friend=shown_name(rows, friend))
        tell(rows, passer, lit, f"{newly.player_id}:{newly.number}:lit", ctx.now)
    elif handed.late is not None:
        shown = {"friend": shown_name(rows, friend), "late": left(handed.late)}
        key = "relay.late" if rows.of(RelayRows).torches.get(friend.id) else "relay.late_only"
        late = Reply(key, {**shown, "relight": relight_hint(rows, passer, ctx.now)})
        tell(rows, passer, late, f"late:{friend.id}", ctx.now)
    return handed
