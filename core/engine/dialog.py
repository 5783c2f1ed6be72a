"""Dialog: a text is what it says, or else the answer to the question that waits for its sender."""

from core import questions
from core.context import Context
from core.engine.routes import SPOKEN, Prompt, Recognised
from core.guesses import count_wrong_guess, locked_out
from core.inbound_kinds import ASIDE
from core.messages import Reply
from core.models import Address
from core.questions import Question
from core.speech.suggestions import nearest


def converse(ctx: Context, recognised: Recognised) -> list[Reply]:
    """Answer one message.

    A code and every known word keep their meaning while a question waits; then it is put once more. Any other text
    answers it, if it can. An answer that cannot be understood is asked for once more, after that the question is
    dropped. When a question has expired, a text that could have been its answer is told so. Where the handler has
    asked something else, that stands alone.

    A tap is an answer to the question that it stood under, and to no other one: when that is not open any more, it is
    told so and changes nothing. A tap that stood under none is what it says, and answers nothing.
    """
    question = questions.spoken_of(ctx)
    if question is None:
        tapped = ctx.message.question not in {None, questions.number_of_scan(ctx.address)}
        too_late = tapped and recognised.route.defers_to_prompt and not _is_known(ctx, recognised)
        return [questions.closed(ctx)] if too_late else recognised.route.handle(ctx, recognised.intent)
    prompt = ctx.mechanics.prompts.get(question.prompt)
    defers = (recognised.route.defers_to_prompt or _may_be_said(ctx, prompt, recognised)) and not _is_known(
        ctx, recognised
    )
    defers = defers and questions.may_answer(ctx)
    if prompt is None or not questions.is_asked(ctx.address, ctx.now):
        questions.drop(ctx.address)
        late = (
            defers
            and (prompt is None or prompt.free or not recognised.route.is_keyword)
            and not recognised.route.renews
        )
        if not late:
            return recognised.route.handle(ctx, recognised.intent)
        return [questions.expired(prompt) if ctx.message.question is None else questions.closed(ctx, prompt)]
    if defers and (replies := _answered(ctx, question, prompt, recognised)) is not None:
        return replies
    replies = recognised.route.handle(ctx, recognised.intent)
    if questions.spoken_of(ctx) == question and not (recognised.route.ends_prompt or prompt.menu):
        replies = [*replies, *_put_again(ctx, question, prompt)]
    return replies


def shut_out(ctx: Context, recognised: Recognised) -> list[Reply]:
    """Answer a message of somebody who is blocked: once that they are. Wishes and calls for help are heard as ever."""
    questions.drop(ctx.address)
    if recognised.route.when_blocked:
        return recognised.route.handle(ctx, recognised.intent)
    if ctx.address.block_told:
        return []
    ctx.address.block_told = True
    return [Reply("blocked.told")]


def is_erased(address: Address) -> bool:
    """Whether all that was known at ``address`` was erased, and nobody said to begin again."""
    return address.erased_at is not None and address.begun_again_at is None


def begin_nothing(ctx: Context, recognised: Recognised) -> list[Reply]:
    """Answer where all was erased: nothing begins again by itself, and nothing is asked."""
    questions.drop(ctx.address)
    if recognised.route.when_erased or (recognised.route.when_blocked and ctx.message.kind not in SPOKEN):
        return recognised.route.handle(ctx, recognised.intent)
    return [] if ctx.message.kind in ASIDE else [Reply("erased.told")]


def _may_be_said(ctx: Context, prompt: Prompt | None, recognised: Recognised) -> bool:
    """Whether the text is only spelt like a code, so that a name or an address may be spelt so, too."""
    guesses = recognised.requires.guess(defers_to_prompt=False) is not None
    return prompt is not None and prompt.free and guesses and not locked_out(ctx)


def _is_known(ctx: Context, recognised: Recognised) -> bool:
    """Whether the text is a code or word that exists here, and so can be no answer."""
    return any(one.is_known(ctx) for one in recognised.requires.each)


def _answered(ctx: Context, question: Question, prompt: Prompt, recognised: Recognised) -> list[Reply] | None:
    """What the text says as an answer; None when it is none, and means something else."""
    meant = questions.turn_to(ctx, question)
    text = ctx.message.text if prompt.free or recognised.said is None else recognised.said
    replies = prompt.answer(ctx, question.about, text)
    # Small talk, or somebody wants a person: answered as what it is. A slip below a list is asked about.
    needless = recognised.requires.is_nothing
    slipped = recognised.route.offers and prompt.menu and ctx.message.typed and nearest(ctx)
    if replies is None and (slipped or (recognised.route.is_keyword and (not prompt.free or needless))):
        ctx.campaign = meant
        return None
    if (guess := recognised.requires.guess(defers_to_prompt=recognised.route.defers_to_prompt)) is not None:
        count_wrong_guess(ctx, len(guess))  # else guesses would cost nothing here
    if ctx.campaign is not None:
        ctx.address.campaign_id = ctx.campaign.id
    if replies is not None:
        return replies
    if ctx.address.question_again:
        questions.drop(ctx.address)
        return [questions.let_go(prompt)]
    ctx.address.question_again = True
    if prompt.menu:
        questions.renew(ctx.address)
    return [Reply(prompt.bad), *prompt.put(ctx, question.about)]


def _put_again(ctx: Context, question: Question, prompt: Prompt) -> list[Reply]:
    answering = questions.turn_to(ctx, question)
    put = prompt.put(ctx, question.about)
    ctx.campaign = answering
    return put
