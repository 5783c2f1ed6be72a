"""Recommend: a friend's phone number, typed in. No message goes there; it counts when the friend writes."""

import re
from dataclasses import dataclass

from core.alphabet import normalise
from core.campaign.platforms import friends_on
from core.context import Context
from core.engine.routes import SPOKEN, CodeFormats, Requires, Route, Stage
from core.messages import InboundKind, Reply, Shown
from core.phones import find_phones, half_width, has_phone, looks_like_phone, masked, read_phone
from core.speech.campaign_choice import played
from handlers.claims import SURE_NAME, ClaimRequires, has_many_digits, offer, read_parcel, take_unasked
from handlers.codes import (
    CodeRequires,
    Mistyped,
    Redeem,
    mistyped,
    played_by,
    recognise_code,
    recognise_hidden_code,
    recognise_typo,
    redeem,
)
from handlers.invites.load import InviteRequires
from handlers.invites.play import recommend
from handlers.invites.rules import InviteRules

_LEADING_WORDS = re.compile(
    r"^\W*(?:recommend|invite|my friend(?:'s (?:phone |mobile )?number)?|friend|"
    r"推荐好友|推荐朋友|推荐|邀请好友|邀请|好友|朋友)"
    r"(?:\s+is|的?(?=[手电号])|是)?(?=[\W\d]|[手电号]|tel|phone|mobile)",
    re.IGNORECASE,
)
_MINE = re.compile(
    r"^\W*(?:my|this is my|我的|本人的?|我)\s*(?=[手电電联聯号]|phone|mobile|cell|number|tel)", re.IGNORECASE
)
"""Nobody is called by it, and it is no friend's."""
_CARD = re.compile(
    r"^(?:item\d{1,2}\.)?tel[;:].*$|^\W*(?:手机|电话|手機|電話|phone|mobile|tel)\w*\W.*$",
    re.IGNORECASE | re.MULTILINE,
)
"""The line of a contact with the number: of a vCard, or as phones send one by SMS."""
_NAMED = re.compile(r"^\W*(?:begin:vcard|(?:姓名|名字|name)\b)", re.IGNORECASE)
_OF_PARCEL = re.compile(r"^\W*(?:.{0,4}(?:地址|地区)|(?:street |full )?address)", re.IGNORECASE | re.MULTILINE)
_LIST = re.compile(r"[+(0-9 ).\-/\n,;、|&和或与及]{15,200}")
"""Several numbers and nothing else."""
_LONGEST_LINE = 100
_NAME = re.compile(rf"{SURE_NAME.pattern}|[A-Z][a-z'’.-]+(?: [A-Z][a-z'’.-]+){{1,3}}")
"""What is a name and no word of ours or wish, where nobody asked for one."""


@dataclass(frozen=True, slots=True)
class Recommend:
    """Digits that may be a friend's number; ``otherwise`` is what they mean where they are none."""

    phone: str
    otherwise: Redeem | Mistyped | None = None

    @property
    def requires(self) -> Requires:
        """What is known of the number, the code that it may be, and what a courier may want it for."""
        mine = Requires((InviteRequires(phone=self.phone), ClaimRequires(all=True)))
        return self.otherwise.requires | mine if self.otherwise else mine


def recognise_phone(text: str, code_formats: CodeFormats) -> Recommend | None:
    """A text that is a phone number and nothing else, perhaps after a leading word; a contact; a list of numbers."""
    if not has_phone(text):
        return None
    seen = half_width(text).strip()
    said = _MINE.sub("", _LEADING_WORDS.sub("", seen).strip())
    phone = looks_like_phone(said) or _of_contact(said) or _beside_name(said)
    phone = phone or (said if _LIST.fullmatch(said) else None)
    if phone is None:
        return None
    means = (recognise_code, recognise_typo, recognise_hidden_code)
    readings = (normalise(phone),) if phone == seen else (text, normalise(phone))
    found = (intent for each in means for reading in readings if (intent := each(reading, code_formats)) is not None)
    return Recommend(phone, next(found, None))


def recognise_contact(text: str, _shapes: CodeFormats) -> Recommend:
    """The number of a contact that was shared, whatever it looks like."""
    return Recommend(looks_like_phone(text) or "")


def _of_contact(said: str) -> str | None:
    """The number of somebody whose contact was pasted; all of its numbers where it has several."""
    if not _NAMED.match(said) or _OF_PARCEL.search(said):
        return None
    numbers = dict.fromkeys(phone for line in _CARD.findall(said) if (phone := looks_like_phone(line)) is not None)
    return "\n".join(numbers) or None


def _beside_name(said: str) -> str | None:
    """The number beside which only a name stands; Chinese, or with its country code."""
    if len(said) > _LONGEST_LINE or not has_many_digits(said):
        return None
    read = read_parcel(said, "CN")
    return read.phone if read.address is None and _NAME.fullmatch(read.name or "") else None


def recommend_friend(ctx: Context, intent: Recommend) -> list[Reply]:
    """Keep the recommendation, or take the digits for what else they may be: a code, or the courier's number."""
    is_code = any(played_by(ctx, code) for code in intent.requires.of(CodeRequires).codes)
    mine = [ctx.campaign, *(ctx.rows.campaigns[player.campaign_id] for player in played(ctx))]
    campaign = next((each for each in mine if each and friends_on(each.rules, ctx.message.place)), None)
    if not is_code and (asked := _courier(ctx, intent, friends=campaign is not None)):
        return asked
    if is_code or campaign is None:
        return _otherwise(ctx, intent)
    ctx.campaign = campaign
    phone = read_phone(intent.phone, campaign.rules.region)
    if phone is None:
        return _no_number(ctx, intent, campaign.rules.region)
    if campaign.why_closed(ctx.now):
        return [Reply("recommend.closed")]
    outcome, invites = recommend(ctx, campaign, phone), campaign.rules.section(InviteRules)
    if outcome == "waits" and invites is None:
        return [Reply("relay.recommended", {"phone": masked(phone)}), *ctx.besides()]
    shown: Shown = {"phone": masked(phone), "inviter": invites.inviter if invites else 0}
    return [Reply(f"recommend.{outcome}", shown), *ctx.besides()]


def _no_number(ctx: Context, intent: Recommend, region: str | None) -> list[Reply]:
    if len(find_phones(intent.phone, region)) > 1:
        return [Reply("recommend.several")]
    return [Reply("recommend.no_number")] if intent.otherwise is None else _otherwise(ctx, intent)


def _courier(ctx: Context, intent: Recommend, *, friends: bool) -> list[Reply]:
    """Offer the number to a delivery; nothing where a friend was surely meant, or there is no such number.

    Where ``friends`` can be recommended, a delivery has to want it, unless a name stands beside it.
    """
    text, region = ctx.message.text, ctx.campaign.rules.region if ctx.campaign else None
    if ctx.message.kind is InboundKind.CONTACT or _LEADING_WORDS.match(half_width(text).strip()):
        return []
    read = read_parcel(text, region)
    if read.phone is None:
        return []
    if friends and _MINE.match(text) is None:
        return offer(ctx, read.said, wanted=read.name is None or read.labelled)
    surely = read.name or _MINE.match(text) or intent.otherwise is None
    return take_unasked(ctx, read.said) if surely else []


def _otherwise(ctx: Context, intent: Recommend) -> list[Reply]:
    match intent.otherwise:
        case Redeem():
            return redeem(ctx, intent.otherwise)
        case Mistyped():
            return mistyped(ctx, intent.otherwise)
        case None:
            return [ctx.reception.unknown(ctx)]


ROUTE = Route(
    "recommend",
    recognise_phone,
    recommend_friend,
    sets_language=False,
    defers_to_prompt=True,
    kinds=SPOKEN,
    stage=Stage.PATTERN,
)
CONTACT_ROUTE = Route(
    "contact",
    recognise_contact,
    recommend_friend,
    sets_language=False,
    kinds=frozenset({InboundKind.CONTACT}),
    stage=Stage.EVENT,
)
