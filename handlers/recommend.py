"""Recommend: a friend's phone number, typed in. No message goes there; it counts when the friend writes."""

import re
import unicodedata
from dataclasses import dataclass

from core.campaign.platforms import friends_on
from core.codes.alphabet import normalise
from core.codes.redeeming import played_by
from core.context import Context
from core.engine.routes import Needs, Route, Shapes
from core.invites.inviting import recommend
from core.messages import Reply, Shown
from core.phones import looks_like_phone, masked, read_phone
from handlers.redeem import Mistyped, Redeem, mistyped, recognise_code, recognise_hidden_code, recognise_typo, redeem
from handlers.torch import brought
from handlers.unknown import Unknown, admit

_LEADING_WORDS = re.compile(
    r"^\W*(?:recommend|invite|my friend(?:'s number)?|friend|推荐好友|推荐朋友|推荐|邀请好友|邀请|好友|朋友)"
    r"(?:\s+is)?\W*(?=[+＋\d])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Recommend:
    """Digits that may be a friend's number; ``otherwise`` is what they mean where they are none."""

    phone: str
    otherwise: Redeem | Mistyped | Unknown

    @property
    def needs(self) -> Needs:
        """What is known of the number, and the code that it may be."""
        return self.otherwise.needs | Needs(phone=self.phone)


def recognise_phone(text: str, shapes: Shapes) -> Recommend | None:
    """A text that is a phone number and nothing else, perhaps after a leading word."""
    said = _LEADING_WORDS.sub("", unicodedata.normalize("NFKC", text))
    phone = looks_like_phone(said)
    if phone is None:
        return None
    bare = normalise(said)
    means = (recognise_code, recognise_typo, recognise_hidden_code)
    otherwise = next((found for each in means if (found := each(bare, shapes)) is not None), Unknown())
    return Recommend(phone, otherwise)


def recommend_friend(ctx: Context, intent: Recommend) -> list[Reply]:
    """Keep the recommendation, or take the digits for what else they may be."""
    is_code = any(played_by(ctx, code) for code in intent.otherwise.needs.codes)
    campaign = ctx.campaign
    if is_code or campaign is None or not friends_on(campaign.rules, ctx.message.channel):
        return _otherwise(ctx, intent)
    phone = read_phone(intent.phone, campaign.rules.region)
    if phone is None:
        return [Reply("recommend.no_number")] if isinstance(intent.otherwise, Unknown) else _otherwise(ctx, intent)
    if campaign.why_closed(ctx.now):
        return [Reply("recommend.closed")]
    outcome = recommend(ctx, campaign, phone)
    if outcome == "waits" and campaign.rules.invites is None:
        return [Reply("relay.recommended", {"phone": masked(phone)}), *brought(ctx)]
    inviter = campaign.rules.invites.inviter if campaign.rules.invites else 0
    shown: Shown = {"phone": masked(phone), "inviter": inviter}
    return [Reply(f"recommend.{outcome}", shown), *brought(ctx)]


def _otherwise(ctx: Context, intent: Recommend) -> list[Reply]:
    match intent.otherwise:
        case Redeem():
            return redeem(ctx, intent.otherwise)
        case Mistyped():
            return mistyped(ctx, intent.otherwise)
        case Unknown():
            return admit(ctx, intent.otherwise)


ROUTE = Route("recommend", recognise_phone, recommend_friend, speaks=False, yields=True)
