"""Light a torch anew after it went out: so long after its end, so often, as the campaign file says."""

from datetime import datetime
from typing import Literal

from core.context import Context, TurnRows
from core.models import Player
from handlers.relay.load import RelayRows
from handlers.relay.rules import RelayRules
from handlers.relay.torches import burns, grant, latest, put_out, relay_rules

Relit = Literal["relit", "none", "burns", "unlit", "spent", "never", "later"]


def next_relight(rows: TurnRows, player: Player) -> datetime | None:
    """From when on the torch of ``player`` may be lit anew; None when never (again), or when it burns."""
    relay, torch = rows.campaigns[player.campaign_id].rules.section(RelayRules), latest(rows, player)
    rule = relay.relight if relay else None
    if rule is None or torch is None or burns(rows, player):
        return None
    used = sum(each.how == "relit" for each in rows.of(RelayRows).torches[player.id])
    return torch.ends_at + rule.after if used < rule.times else None


def relight(ctx: Context, player: Player) -> Relit:
    """Give ``player`` a new torch in the place of the one that went out.

    Refusals: "none" (no torch yet), "burns", "unlit" (it waits still), "never" (the file allows none), "spent" (as
    often as allowed), "later".
    """
    torch = latest(ctx.rows, player)
    if torch is None:
        return "none"
    if burns(ctx.rows, player):
        return "burns"
    if ctx.now < torch.ends_at:
        return "unlit"
    rule, due = relay_rules(ctx.rows, player).relight, next_relight(ctx.rows, player)
    if due is None:
        return "never" if rule is None else "spent"
    if ctx.now < due:
        return "later"
    if torch.state == "unlit":
        put_out(ctx.rows, torch, ctx.now)  # no clock has come by yet
    grant(ctx.rows, player, "relit", ctx.now)
    return "relit"
