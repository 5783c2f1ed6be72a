"""Converse: a text is what it says, or else the answer to the question that waits for its sender."""

from collections.abc import Mapping

from core import questions
from core.context import Context
from core.engine.routes import Recognised, Topic
from core.guesses import count_wrong_guess, locked_out
from core.messages import Reply
from core.questions import Question


def converse(ctx: Context, recognised: Recognised, topics: Mapping[str, Topic]) -> list[Reply]:
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
        too_late = tapped and recognised.route.yields and not _is_known(ctx, recognised)
        return [questions.closed(ctx)] if too_late else recognised.route.handle(ctx, recognised.intent)
    topic = topics.get(question.topic)
    yields = (recognised.route.yields or _may_be_said(ctx, topic, recognised)) and not _is_known(ctx, recognised)
    yields = yields and questions.may_answer(ctx)
    if topic is None or not questions.is_asked(question.player, ctx.now):
        questions.drop(question.player)
        late = yields and (topic is None or topic.free or not recognised.route.means) and not recognised.route.renews
        if not late:
            return recognised.route.handle(ctx, recognised.intent)
        return [Reply("question.expired") if ctx.message.question is None else questions.closed(ctx)]
    if yields and (replies := _answered(ctx, question, topic, recognised)) is not None:
        return replies
    replies = recognised.route.handle(ctx, recognised.intent)
    if questions.spoken_of(ctx) == question and not (recognised.route.leaves or topic.menu):
        replies = [*replies, *_put_again(ctx, question, topic)]
    return replies


def _may_be_said(ctx: Context, topic: Topic | None, recognised: Recognised) -> bool:
    """Whether the text is only spelt like a code, so that a name or an address may be spelt so, too."""
    guesses = recognised.requires.guess(yields=False) is not None
    return topic is not None and topic.free and guesses and not locked_out(ctx)


def _is_known(ctx: Context, recognised: Recognised) -> bool:
    """Whether the text is a code or word that exists here, and so can be no answer."""
    return any(one.is_known(ctx) for one in recognised.requires.each)


def _answered(ctx: Context, question: Question, topic: Topic, recognised: Recognised) -> list[Reply] | None:
    """What the text says as an answer; None when it is none, and means something else."""
    meant = ctx.campaign
    ctx.campaign = ctx.rows.campaigns[question.player.campaign_id]
    replies = topic.answer(ctx, question.about, ctx.message.text)
    # Small talk, or somebody wants a person: answered as what it is. A slip below a list is asked about.
    needless = recognised.requires.is_nothing
    slipped = topic.menu and ctx.message.typed and recognised.route.offers(ctx.message.text)
    if replies is None and (slipped or (recognised.route.means and (not topic.free or needless))):
        ctx.campaign = meant
        return None
    if (guess := recognised.requires.guess(yields=recognised.route.yields)) is not None:
        count_wrong_guess(ctx, len(guess))  # else guesses would cost nothing here
    ctx.address.campaign_id = ctx.campaign.id
    if replies is not None:
        return replies
    if question.player.question_again:
        questions.drop(question.player)
        return [Reply("question.dropped")]
    question.player.question_again = True
    if topic.menu:
        questions.renew(question.player)
    return [Reply(topic.bad), *topic.put(ctx, question.about)]


def _put_again(ctx: Context, question: Question, topic: Topic) -> list[Reply]:
    answering, ctx.campaign = ctx.campaign, ctx.rows.campaigns[question.player.campaign_id]
    put = topic.put(ctx, question.about)
    ctx.campaign = answering
    return put
