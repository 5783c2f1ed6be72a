"""Delivery: name, phone and address, pasted at once or asked for one by one; shown to be confirmed, until it ships."""

import hashlib
from dataclasses import replace
from datetime import timedelta

from core import questions
from core.context import Context
from core.engine.routes import Prompt
from core.messages import InboundKind, Reply, Shown
from core.phones import find_phone, find_phones, looks_like_phone, masked, phone_of
from core.speech.answers import number_in, yes_or_no
from core.speech.campaign_choice import played
from core.speech.choices import answer, numbered
from core.speech.keywords import plain
from handlers.claims.details import FIELDS, confirm, details_of, is_editable, set_details, shown_at
from handlers.claims.load import BEGUN_BY, CLAIMS, ClaimRows
from handlers.claims.parcel_block import Parcel, as_address, as_name, is_place, read_parcel
from handlers.claims.play import title_of
from handlers.claims.replies import last_minute, told
from handlers.claims.tables import Claim

PATIENCE = timedelta(days=1)
_CHANGES = {2: "name", 3: "phone", 4: "address"}
_BY_WORD = {
    "name": "name",
    "姓名": "name",
    "名字": "name",
    "phone": "phone",
    "number": "phone",
    "电话": "phone",
    "手机": "phone",
    "address": "address",
    "地址": "address",
}


def begin(ctx: Context, claim: Claim) -> list[Reply]:
    """Ask for the first thing that is missing, or show all that is known; of the campaign of ``claim``."""
    missing = details_of(ctx.rows.keys, claim).missing
    return ask_about(ctx, _ASK[missing] if missing else CONFIRM, claim)


def ask_about(ctx: Context, prompt: Prompt, claim: Claim) -> list[Reply]:
    """Ask ``prompt`` about ``claim``, as it is now: a tap below what was shown before confirms nothing else."""
    about = f"{claim.id} {_stamp(claim)}"
    questions.ask(ctx, prompt, about)
    return prompt.put(ctx, about)


def _stamp(claim: Claim) -> str:
    """Another one whenever something was said about where ``claim`` goes. It tells nothing of what that was."""
    return hashlib.sha256(claim.details_sealed or b"").hexdigest()[:16]


def claim_about(ctx: Context, about: str) -> Claim | None:
    """The sender's claim that a question is ``about``."""
    assert ctx.player is not None
    claim_id, mine = about.split(" ", maxsplit=1)[0], ctx.rows.of(ClaimRows).claims.get(ctx.player.id, ())
    return next((claim for claim in mine if str(claim.id) == claim_id), None)


def is_current(ctx: Context, claim: Claim, about: str) -> bool:
    """Whether a question ``about`` the claim may still be answered.

    Not when it ships, or is over, or something was said meanwhile of where it goes: on another address of the player.
    """
    return is_editable(claim, ctx.now) and about.endswith(_stamp(claim))


def outdated(ctx: Context, claim: Claim | None) -> list[Reply]:
    """Say how ``claim`` stands in place of taking an answer; where it still can be changed, ask for it as it is now."""
    if claim is not None and is_editable(claim, ctx.now):
        return begin(ctx, claim)
    questions.drop(ctx.address)
    return [questions.expired(CONFIRM) if claim is None else told(ctx.rows, claim, ctx.now)]


def _put(field: str, ctx: Context, about: str) -> list[Reply]:
    claim = claim_about(ctx, about) or _fresh(ctx, about)
    if claim is None:
        return []
    rules = ctx.rows.campaigns[claim.campaign_id].rules
    shown: Shown = {"item": title_of(rules, claim), "deadline": last_minute(rules, claim, ctx.now)}
    if field == "phone" and (own := phone_of(ctx.message.user)):
        this_one = answer(ctx, 1, Reply("choice.this_number", {"phone": masked(own)}), listed=True)
        return [Reply("delivery.phone_or_own", {**shown, "phone": masked(own)}, (this_one,))]
    again = details_of(ctx.rows.keys, claim).missing is None
    return [Reply("delivery.name_again" if field == "name" and again else f"delivery.{field}", shown)]


def _fresh(ctx: Context, about: str) -> Claim | None:
    """A claim that was opened in this turn by a player whose claims were not loaded."""
    claim_id, opened = about.split(" ", maxsplit=1)[0], ctx.rows.new.get(Claim, ())
    return next((new for new in opened if isinstance(new, Claim) and str(new.id) == claim_id), None)


def _answer(field: str, ctx: Context, about: str, text: str) -> list[Reply] | None:
    claim = claim_about(ctx, about)
    if claim is None or not is_current(ctx, claim, about):
        return outdated(ctx, claim)
    said = _said(field, ctx, claim, text)
    if not said:
        return [Reply("delivery.one_phone")] if field == "phone" and _has_several_phones(ctx, text) else None
    set_details(ctx.rows.keys, claim, said, ctx.address.key)
    return begin(ctx, claim)


def _said(field: str, ctx: Context, claim: Claim, text: str) -> dict[str, str]:
    """What ``text`` says: several parts of the parcel at once, or the ``field`` that was asked for; nothing of use."""
    known = details_of(ctx.rows.keys, claim)
    if ctx.message.kind is InboundKind.LOCATED:
        place = as_address(text) if field == "address" or known.address is None else None
        return {"address": place} if place is not None else {}
    block = _block(ctx, text, named=known.name is not None)
    told = block.said
    surely = block.labelled or "phone" in told or (field == "name" and is_place(told.get("address", "")))
    new = field not in told and all(getattr(known, each) is None for each in told)  # in another order than we ask
    if surely and told and (len(told) > 1 or block.labelled or new):
        return told
    value = _read(field, ctx, text)
    return {} if value is None else {field: value}


def _block(ctx: Context, text: str, *, named: bool) -> Parcel:
    assert ctx.campaign is not None
    return read_parcel(text, ctx.campaign.rules.region, named=named)


def _read(field: str, ctx: Context, text: str) -> str | None:
    """What ``text`` says for ``field``, or None when it cannot be that."""
    assert ctx.campaign is not None
    match field:
        case "name":
            return as_name(text)
        case "phone":
            own = phone_of(ctx.message.user)
            return own if own and yes_or_no(text) else find_phone(text, ctx.campaign.rules.region)
        case _:
            return as_address(text)


def _has_several_phones(ctx: Context, text: str) -> bool:
    assert ctx.campaign is not None
    return len(find_phones(text, ctx.campaign.rules.region)) > 1


def _put_confirm(ctx: Context, about: str) -> list[Reply]:
    claim = claim_about(ctx, about)
    if claim is None or ctx.player is None:
        return []
    shown = shown_at(details_of(ctx.rows.keys, claim), ctx.address.key)
    item = title_of(ctx.rows.campaigns[claim.campaign_id].rules, claim)
    choices = numbered(ctx, "choice.right", *(f"choice.change_{field}" for field in _CHANGES.values()))
    return [Reply("delivery.confirm", {"item": item, **shown}, choices)]


def _answer_confirm(ctx: Context, about: str, text: str) -> list[Reply] | None:
    claim = claim_about(ctx, about)
    if claim is None or not is_current(ctx, claim, about):
        return outdated(ctx, claim)
    field = _CHANGES.get(number_in(text) or 0) or _BY_WORD.get(plain(text))
    if field is not None:
        return ask_about(ctx, _ASK[field], claim)
    match yes_or_no(text):
        case True:
            confirm(claim)
            questions.drop(ctx.address)
            return [replace(told(ctx.rows, claim, ctx.now), campaign_id=claim.campaign_id), *_next(ctx)]
        case False:
            parts = (f"choice.{field}" for field in _CHANGES.values())
            return [Reply("delivery.which", choices=numbered(ctx, *parts, first=min(_CHANGES)))]
        case _ if looks_like_phone(text) or len(_block(ctx, text, named=True).said) > 1:
            return _answer("phone", ctx, about, text)  # the courier's number put right, and no friend's; or all of it
        case _:
            return None


def _next(ctx: Context) -> list[Reply]:
    """Go on with the next delivery that waits for its details, of this campaign before others that are played here."""
    claims = ctx.rows.of(ClaimRows).claims
    mine = (claim for player in played(ctx, over=True) for claim in claims.get(player.id, ()))
    waiting = next((claim for claim in mine if claim.state == "open" and is_editable(claim, ctx.now)), None)
    if waiting is None:
        return []
    ctx.campaign = ctx.rows.campaigns[waiting.campaign_id]
    return begin(ctx, waiting)


def _topic(field: str) -> Prompt:
    return Prompt(
        f"delivery.{field}",
        CLAIMS,
        lambda ctx, about, text: _answer(field, ctx, about, text),
        lambda ctx, about: _put(field, ctx, about),
        PATIENCE,
        free=True,
        bad=f"delivery.bad_{field}",
        begun_by=BEGUN_BY,
    )


_ASK = {field: _topic(field) for field in FIELDS}
CONFIRM = Prompt("delivery.confirm", CLAIMS, _answer_confirm, _put_confirm, PATIENCE, begun_by=BEGUN_BY)
PROMPTS = (*_ASK.values(), CONFIRM)
