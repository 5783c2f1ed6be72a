"""Name: the player chooses how friends and boards call them; nothing else of a person is ever shown."""

import re
import unicodedata
from dataclasses import dataclass

from core.campaign.platforms import friends_on
from core.context import Context
from core.engine.routes import Needs, Route, Shapes
from core.joining import enter
from core.messages import Reply
from core.relay.names import LONGEST, clean_name, give_name
from handlers.closed import closed
from handlers.meaning import turn_to
from handlers.torch import brought
from handlers.unknown import admit_unknown

_SAID = re.compile(
    r"(?:my name is|call me|i am called|name:?|我叫|我的名字是|昵称:?|名字:?)\s*(\S.{0,80})", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class TakeName:
    """The player says how to be called."""

    name: str
    needs = Needs(enters=True)


def recognise_name(text: str, _shapes: Shapes) -> TakeName | None:
    """A sentence that begins like "my name is"."""
    said = _SAID.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return TakeName(said[1]) if said else None


def take_name(ctx: Context, intent: TakeName) -> list[Reply]:
    """Keep the name, sealed."""
    if ctx.campaign is None:
        return [Reply("campaign.none")]
    if not turn_to(ctx, lambda campaign: friends_on(campaign.rules, ctx.message.channel)):
        return [admit_unknown(ctx)]
    if (name := clean_name(intent.name)) is None:
        return [Reply("name.bad", {"most": LONGEST})]
    if ctx.player is None and ctx.campaign.why_closed(ctx.now):
        return [closed(ctx)]
    give_name(ctx.rows.keys, enter(ctx, ctx.campaign), name)
    return [Reply("name.taken", {"name": name}), *brought(ctx)]


ROUTE = Route("name", recognise_name, take_name, yields=True)
