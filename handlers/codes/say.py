"""Redeem: use one on-pack code; what it won and brought is told by those who react to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from core.alphabet import is_spelt
from core.brake import has_wearied
from core.campaign.live import LiveCampaign
from core.context import Context
from core.engine.routes import CodeFormats, Requires, Route, Stage
from core.guesses import count_wrong_guess, locked_out
from core.messages import InboundKind, Reply
from core.places import Place
from core.speech.closed import closed, resting
from core.speech.codes_in_text import Spelt, alone, looks_typed, spelt_in, whole
from core.speech.keywords import Means
from handlers.codes import play
from handlers.codes.load import CodeRequires, played_by
from handlers.codes.play import Counted, Refused
from handlers.codes.rules import CodeRules

_SLIPS = 2
"""Symbols too few or too many that still look like a slip of the finger."""


@dataclass(frozen=True, slots=True)
class Redeem:
    """What the text holds that could be a code, the likeliest first; which of it is one, the turn finds out."""

    spelt: tuple[Spelt, ...]

    @property
    def requires(self) -> Requires:
        """The codes' rows."""
        return Requires((CodeRequires(codes=tuple(each.code for each in self.spelt)),))


@dataclass(frozen=True, slots=True)
class Mistyped:
    """Almost a code of ``length`` symbols: one of them is wrong or missing. Costs no guess."""

    length: int
    requires = Requires()


@dataclass(frozen=True, slots=True)
class AskForCode:
    """Somebody wants to send a code and sent only the word for it."""

    requires = Requires()


def recognise_code_alone(text: str, code_formats: CodeFormats) -> Redeem | None:
    """A text that is nothing but one code, typed as codes are: it can be no word of ours, and is looked for first."""
    spelt = alone(text, code_formats)
    return Redeem((spelt,)) if spelt and spelt.typed else None


def recognise_code(text: str, code_formats: CodeFormats) -> Redeem | None:
    """A text that holds something typed as codes are, which ends in its check symbol or looks imported."""
    spelt = spelt_in(text, code_formats)
    return Redeem(spelt) if spelt and spelt[0].typed else None


def recognise_hidden_code(text: str, code_formats: CodeFormats) -> Redeem | None:
    """A text in which a code may hide that looks like words, or like a number."""
    spelt = spelt_in(text, code_formats)
    return Redeem(spelt) if spelt else None


def recognise_hidden_code_alone(text: str, code_formats: CodeFormats) -> Redeem | None:
    """A text that is nothing but one code, some of which looks like a word: with a digit in it, it is no sentence."""
    spelt = alone(text, code_formats)
    return Redeem((spelt,)) if spelt and any(map(str.isdigit, text)) else None


def recognise_typo(text: str, code_formats: CodeFormats) -> Mistyped | None:
    """A text typed as a code is that would be one but for a wrong symbol, or for one or two too few or too many."""
    if not looks_typed(text) or alone(text, code_formats) is not None:
        return None  # words, or a code in parts of a sentence, which the hidden route looks up
    for code in whole(text):
        for length in sorted(length for length, checked in code_formats if checked):
            if is_spelt(code) and abs(len(code) - length) <= _SLIPS:
                return Mistyped(length)
    return None


def redeem(ctx: Context, intent: Redeem) -> list[Reply]:
    """Answer a code; where several exist, ask for one. What is typed as a code is and is none costs a try."""
    typed, known = [each for each in intent.spelt if each.typed], _known(ctx, intent)
    if not known and (not typed or ctx.message.named):
        return [ctx.reception.unknown(ctx)]
    if len(known) > 1 and not locked_out(ctx):
        return [Reply("redeem.several")]
    meant = (known or typed)[0]
    outcome = play.redeem(ctx, meant.code)
    if outcome != Refused("locked") and not ctx.message.named:
        for each in typed:
            if each not in known and not each.overlaps(meant):
                count_wrong_guess(ctx, len(each.code))
    return _answer(ctx, outcome)


def _known(ctx: Context, intent: Redeem) -> list[Spelt]:
    """Those that count here: of what is typed as a code, else of what is not, which is no free guess for ever."""
    known = [each for each in intent.spelt if played_by(ctx, each.code)]
    typed = [each for each in known if each.typed]
    return typed or ([] if has_wearied(ctx.rows.brake, ctx.address, ctx.now) else known)


def _answer(ctx: Context, outcome: Counted | Refused) -> list[Reply]:
    match outcome:
        case Refused("closed"):
            return [closed(ctx)]
        case Refused(reason):
            limit = ctx.campaign.rules.section(CodeRules).per_player_per_day if ctx.campaign else 0
            title = ctx.campaign.rules.title.model_dump() if ctx.campaign else {}
            return [Reply(f"redeem.{reason}", {"limit": limit, "title": title})]
        case Counted():
            return [*_counted(ctx, outcome), *ctx.besides()]
        case _:
            assert_never(outcome)


def _counted(ctx: Context, counted: Counted) -> list[Reply]:
    """What the code itself brought; nothing where it was drawn for, as then the draw tells."""
    if ctx.campaign is not None and ctx.campaign.rules.wins:
        return []
    if not counted.points:
        return [Reply("redeem.counted")]
    return [Reply("redeem.earned", {"points": counted.points, "balance": counted.balance})]


def mistyped(_ctx: Context, intent: Mistyped) -> list[Reply]:
    """Answer a typo."""
    return [Reply("redeem.typo", {"length": intent.length})]


def ask_for_code(ctx: Context, _intent: AskForCode) -> list[Reply]:
    """Ask for the code itself, where there are any."""
    if ctx.campaign is not None and not ctx.campaign.rules.takes_codes():
        return ctx.reception.help(ctx)
    return resting(ctx) or [Reply("redeem.ask" if ctx.campaign else "campaign.none")]


ROUTE = Route("redeem", recognise_code, redeem, sets_language=False, stage=Stage.PATTERN)


def terms(campaign: LiveCampaign, _place: Place) -> Mapping[str, Sequence[Reply]]:
    """How many codes one may send a day, where they bring anything."""
    if not campaign.rules.takes_codes():
        return {"play": ()}
    return {"play": (Reply("rules.play", {"codes": campaign.rules.section(CodeRules).per_player_per_day}),)}


ALONE_ROUTE = replace(ROUTE, recognise=recognise_code_alone, stage=Stage.CODE)
HIDDEN_ROUTE = Route(
    "hidden code",
    recognise_hidden_code,
    redeem,
    defers_to_prompt=True,
    is_keyword=False,
    offers=True,
    stage=Stage.LOOSE,
)
HIDDEN_ALONE_ROUTE = replace(HIDDEN_ROUTE, recognise=recognise_hidden_code_alone, sets_language=False)
TYPO_ROUTE = Route(
    "typo",
    recognise_typo,
    mistyped,
    sets_language=False,
    defers_to_prompt=True,
    kinds=frozenset({InboundKind.TYPED}),
    stage=Stage.PATTERN,
)
ASK_ROUTE = Route(
    "ask",
    Means(
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
        asked="ask",
    ),
    ask_for_code,
)
