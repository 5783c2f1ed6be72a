"""Stop: opt out of what is said unasked, by a word, by a plain sentence, or by a word of the channel's carriers."""

from dataclasses import dataclass

from core import questions
from core.campaign.platforms import all_opt_out_words, opt_out_words
from core.consent import How
from core.context import Context
from core.engine.routes import SPOKEN, CodeFormats, Requires, Route, Stage
from core.messages import InboundKind, Reply
from core.opt_outs import opt_out
from handlers.consent.stop_words import NEAR, WORDS, is_line, is_sentence, replied, word_of

_SHORT = 2
"""Letters of a carrier's word that may be an answer as well."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The player wants to hear nothing unasked any more."""

    how: How
    requires = Requires(person=True)


@dataclass(frozen=True, slots=True)
class CarrierWord:
    """A word that opts out where the carriers say so, and means something else elsewhere."""

    word: str
    requires = Requires(person=True)


def recognise_stop(text: str, code_formats: CodeFormats) -> Stop | None:
    """A word that opts out everywhere, or a sentence that says the same."""
    if word_of(text) in WORDS or is_line(text):
        return Stop("word")
    return Stop("sentence") if is_sentence(text, code_formats) else None


def recognise_carrier_word(text: str, _shapes: CodeFormats) -> CarrierWord | None:
    """A word that opts out on some channel; which one it is matters, not where it was said."""
    found = (word for word in (word_of(text), replied(text)) if word in all_opt_out_words())
    return next(map(CarrierWord, found), None)


def stop(ctx: Context, intent: Stop) -> list[Reply]:
    """Opt out and confirm it, once: whoever has opted out already is told nothing more. No question waits after it.

    It holds for all channels of a person who linked them.
    """
    questions.drop(ctx.address)
    if not opt_out(ctx.rows, ctx.address, ctx.message, intent.how):
        return []
    title = (Reply("stop.title", {"title": ctx.campaign.rules.title.model_dump()}),) if ctx.campaign else ()
    return [Reply("stop.done", {"title": title})]


def heed_carrier_word(ctx: Context, intent: CarrierWord) -> list[Reply]:
    """Opt out where the channel has this word, unless it answers a question; elsewhere it is any other text."""
    here, text = intent.word in opt_out_words(ctx.message.channel), ctx.message.text
    if here and len(intent.word) > _SHORT:
        return stop(ctx, Stop("word"))
    if (replies := _answered(ctx, text, any_words=not here)) is not None:
        return replies
    if here:
        return stop(ctx, Stop("word"))
    return ctx.reception.leave(ctx) if ctx.reception.leaves(text) else [ctx.reception.unknown(ctx)]


def _answered(ctx: Context, text: str, *, any_words: bool) -> list[Reply] | None:
    """What ``text`` says to the question that waits; None when it is no answer.

    Without ``any_words`` it must be one by itself, as "n" is no: a letter may stand in any name, address or title.
    """
    question = questions.spoken_of(ctx) if questions.may_answer(ctx) else None
    prompt = ctx.mechanics.prompts.get(question.prompt) if question else None
    if question is None or prompt is None or not questions.is_asked(ctx.address, ctx.now):
        return None
    if ctx.reception.leaves(text) or ((prompt.free or prompt.menu) and not any_words):
        return None
    meant = questions.turn_to(ctx, question)
    replies = prompt.answer(ctx, question.about, text)
    if replies is None:
        ctx.campaign = meant
        return [Reply(prompt.bad)] if prompt.free else None  # and it is put again
    if question.campaign_id is not None:
        ctx.address.campaign_id = question.campaign_id
    return replies


_WISHES = SPOKEN | {InboundKind.KEY}
"""A word, or a tap on a button or menu of ours. A link is made by somebody else, and stops nothing."""

ROUTE = Route("stop", recognise_stop, stop, kinds=_WISHES, stage=Stage.WISH, near=NEAR, when_blocked=True)
CARRIERS_ROUTE = Route(
    "carriers_stop",
    recognise_carrier_word,
    heed_carrier_word,
    sets_language=False,
    kinds=_WISHES,
    stage=Stage.WISH,
    when_blocked=True,
)
VERDICT_ROUTE = Route(
    "stopped",
    lambda _text, _shapes: Stop("platform"),
    stop,
    sets_language=False,
    kinds=frozenset({InboundKind.STOPPED}),
    stage=Stage.WISH,
    when_blocked=True,
)
"""The platform has understood a word that stops, in whatever language: it is not for us to read it again."""
