"""Edited: who changes what they had said is told to say it again, and is heard at once where they want to hear nothing.

What was played stays played, and an edit comes with every word that somebody mends, so most of them get no answer. One
that spells a code does, whether there is such a code or not: an edit costs no try, and so tells nothing that one costs.
"""

from dataclasses import dataclass, replace

from core.context import Context
from core.engine.routes import CodeFormats, Requires, Route, Stage
from core.messages import InboundKind, Reply
from handlers.codes import (
    CodeRows,
    Mistyped,
    Redeem,
    campaign_of,
    code_hash,
    recognise_code,
    recognise_code_alone,
    recognise_typo,
)
from handlers.consent import START_ROUTE, STOP_ROUTE

_AGAIN = Reply("edited.again")


@dataclass(frozen=True, slots=True)
class Mended:
    """An edit that means nothing, or only where its sender hears nothing: a word for hearing us again."""

    starts: bool = False
    requires = Requires()


def _recognise_code(text: str, code_formats: CodeFormats) -> Redeem | None:
    return recognise_code_alone(text, code_formats) or recognise_code(text, code_formats)


def _recognise_anything(text: str, code_formats: CodeFormats) -> Mended:
    return Mended(starts=START_ROUTE.recognise(text, code_formats) is not None)


def ask_again(ctx: Context, intent: Redeem) -> list[Reply]:
    """Ask for the code in a new message, unless it is the sender's already. Nothing is played, nothing counts."""
    typed = [each for each in intent.spelt if each.typed]
    mine = [each for each in typed if _is_mine(ctx, each.code)]
    return [_AGAIN] if any(not any(map(each.overlaps, mine)) for each in typed) else []


def ask_again_for_slip(_ctx: Context, _intent: Mistyped) -> list[Reply]:
    """The same for what is almost a code: what is wrong with it is said once it is sent."""
    return [_AGAIN]


def mend(ctx: Context, intent: Mended) -> list[Reply]:
    """Answer no edit, but one that asks for news: for them somebody has to say so, and now."""
    return [_AGAIN] if intent.starts and ctx.address.opted_out_at is not None else []


def _is_mine(ctx: Context, code: str) -> bool:
    campaign, user = campaign_of(ctx, code), ctx.rows.of(CodeRows).used_by.get(code_hash(ctx.rows, code))
    player = ctx.rows.players.get((ctx.address.key, campaign.id)) if campaign else None
    return player is not None and player.id == user


_KINDS = frozenset({InboundKind.EDITED})

ROUTES = (
    Route(
        "edited_code",
        _recognise_code,
        ask_again,
        sets_language=False,
        ends_prompt=True,
        kinds=_KINDS,
        stage=Stage.EVENT,
    ),
    replace(STOP_ROUTE, name="edited_stop", sets_language=False, ends_prompt=True, kinds=_KINDS, stage=Stage.EVENT),
    Route(
        "edited_slip",
        recognise_typo,
        ask_again_for_slip,
        sets_language=False,
        ends_prompt=True,
        kinds=_KINDS,
        stage=Stage.EVENT,
    ),
    Route("edited", _recognise_anything, mend, sets_language=False, ends_prompt=True, kinds=_KINDS, stage=Stage.EVENT),
)
"""A code is looked for first and STOP before what is almost one, as in what is typed."""
