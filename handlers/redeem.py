"""Redeem: use one on-pack code, draw once, credit points when nothing was won."""

from dataclasses import dataclass
from typing import assert_never

from core import ledger
from core.claims.opening import open_claim
from core.codes import redeeming
from core.codes.alphabet import is_checked, is_spelt
from core.codes.redeeming import Redeemed, Refused
from core.context import Context
from core.draws.drawing import draw
from core.engine.routes import Needs, Route, Shapes
from core.invites.rewarding import qualify
from core.messages import Reply
from core.models import Claim
from core.relay.earning import earn_by_code
from handlers.claiming import announce
from handlers.closed import closed
from handlers.codes_in_text import held_codes, plainly, whole
from handlers.torch import brought, granted
from handlers.words import means

_SLIPS = 2
"""Symbols too few or too many that still look like a slip of the finger."""


@dataclass(frozen=True, slots=True)
class Redeem:
    """A normalised code that could exist."""

    code: str

    @property
    def needs(self) -> Needs:
        """The code's row."""
        return Needs(code=self.code)


@dataclass(frozen=True, slots=True)
class Mistyped:
    """Almost a code of ``length`` symbols: one of them is wrong or missing. Costs no guess."""

    length: int
    needs = Needs()


@dataclass(frozen=True, slots=True)
class Several:
    """More than one code in one message."""

    needs = Needs()


@dataclass(frozen=True, slots=True)
class AskForCode:
    """Somebody wants to send a code and sent only the word for it."""

    needs = Needs()


def recognise_code(text: str, shapes: Shapes) -> Redeem | Several | None:
    """A text that is spelt like a code and ends in its check symbol, that holds such codes, or looks imported."""
    for code in whole(text):
        if (len(code), True) in shapes and is_checked(code):
            return Redeem(code)
    for code in plainly(text):
        if (len(code), False) in shapes and code.isascii() and code.isalnum():
            return Redeem(code)
    held = held_codes(text, shapes)
    return Several() if len(held) > 1 else next(map(Redeem, held), None)


def recognise_typo(text: str, shapes: Shapes) -> Mistyped | None:
    """A text with a digit that would be a code but for a wrong symbol, or for one or two too few or too many."""
    if not any(character.isdigit() for character in text):
        return None  # words
    for code in whole(text):
        for length in sorted(length for length, checked in shapes if checked):
            if is_spelt(code) and abs(len(code) - length) <= _SLIPS:
                return Mistyped(length)
    return None


def redeem(ctx: Context, intent: Redeem) -> list[Reply]:
    """Answer a code."""
    outcome = redeeming.redeem(ctx, intent.code)
    match outcome:
        case Refused("closed"):
            return [closed(ctx)]
        case Refused(reason):
            limit = ctx.campaign.rules.codes.per_player_per_day if ctx.campaign else 0
            return [Reply(f"redeem.{reason}", {"limit": limit})]
        case Redeemed():
            told, claim = _drawn(ctx, outcome)
            return [told, *_brought_in(ctx, outcome), *_torch(ctx, outcome), *announce(ctx, outcome.player, claim)]
        case _:
            assert_never(outcome)


def _drawn(ctx: Context, redemption: Redeemed) -> tuple[Reply, Claim | None]:
    assert ctx.campaign is not None
    player, rules = redemption.player, ctx.campaign.rules
    if (won := draw(ctx, redemption)) is not None:
        ref = f"won:{redemption.code_hash.hex()}"
        claim = open_claim(ctx.rows, player, won.prize, source="draw", ref=ref, at=ctx.now)
        return Reply("redeem.won", {"prize": won.prize.title.model_dump(), "balance": player.points}), claim
    points = rules.earned()
    if not points:
        return Reply("redeem.nothing" if rules.draw else "redeem.counted"), None
    ref = f"code:{redemption.code_hash.hex()}"
    ledger.award(ctx.rows, player, points, ref=ref, reason="code", at=ctx.now)
    key = "redeem.points" if rules.draw else "redeem.earned"
    return Reply(key, {"points": points, "balance": player.points}), None


def _brought_in(ctx: Context, redemption: Redeemed) -> list[Reply]:
    """What a first code brings to a player who was invited."""
    qualified = qualify(ctx, redemption.player)
    if qualified is None or not qualified.points:
        return []
    if qualified.held:
        return [Reply("invite.friend_held", {"points": qualified.points})]
    return [Reply("invite.friend_rewarded", {"points": qualified.points, "balance": redemption.player.points})]


def _torch(ctx: Context, redemption: Redeemed) -> list[Reply]:
    """The torch that a first code brings, or that came from a friend because this code was the sender's first word."""
    earned = earn_by_code(ctx, redemption.player)
    return granted(ctx, redemption.player) if earned else brought(ctx)


def mistyped(_ctx: Context, intent: Mistyped) -> list[Reply]:
    """Answer a typo."""
    return [Reply("redeem.typo", {"length": intent.length})]


def several(_ctx: Context, _intent: Several) -> list[Reply]:
    """Ask for one code at a time."""
    return [Reply("redeem.several")]


def ask_for_code(ctx: Context, _intent: AskForCode) -> list[Reply]:
    """Ask for the code itself."""
    return [Reply("redeem.ask" if ctx.campaign else "campaign.none")]


def redeem_or_ask(ctx: Context, intent: Redeem | Several) -> list[Reply]:
    """Answer one code, or several."""
    return several(ctx, intent) if isinstance(intent, Several) else redeem(ctx, intent)


ROUTE = Route("redeem", recognise_code, redeem_or_ask, speaks=False)
TYPO_ROUTE = Route("typo", recognise_typo, mistyped, speaks=False, yields=True)
ASK_ROUTE = Route(
    "ask",
    means(
        AskForCode(),
        "code",
        "redeem",
        "draw",
        "抽奖",
        "抽奖码",
        "兑换",
        "兑换码",
        "兑奖",
        "开奖",
        "怎么抽奖",
        "我要抽奖",
    ),
    ask_for_code,
)
