"""Which: where several campaigns are played on one chat and no word says which is meant, it is asked."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from core import questions
from core.campaign.live import LiveCampaign
from core.context import Context
from core.engine.routes import Prompt
from core.messages import Reply, Shown
from core.speech.answers import named, number_in
from core.speech.choices import answer

PATIENCE = timedelta(minutes=30)


def ask_which(ctx: Context, prompt: Prompt, among: Sequence[LiveCampaign]) -> list[Reply]:
    """Let ``prompt`` ask which of these is meant, all of which the sender plays; the first one is meant until then."""
    ctx.campaign = among[0]
    about = " ".join(str(each.id) for each in among)
    questions.ask(ctx, prompt, about)
    return prompt.put(ctx, about)


def asked_about(ctx: Context, about: str) -> list[LiveCampaign]:
    """The campaigns of a question which of them is meant, in its order."""
    return [ctx.rows.campaigns[int(each)] for each in about.split()]


def list_them(
    ctx: Context, about: str, key: str, more: Callable[[LiveCampaign], Shown] = lambda _campaign: {}
) -> list[Reply]:
    """The question by the text ``key``, and a line each, filled with ``more`` beside number and title."""
    each = [(at, one, one.rules.title.model_dump()) for at, one in enumerate(asked_about(ctx, about), start=1)]
    lines = tuple(Reply(f"{key}_line", {"number": at, "title": title, **more(one)}) for at, one, title in each)
    choices = tuple(answer(ctx, at, title, listed=True) for at, _, title in each)
    return [Reply(key, {"lines": lines}, choices)]


def picked(ctx: Context, about: str, text: str) -> list[LiveCampaign]:
    """Those that ``text`` names, by its number, its title or its name."""
    among = asked_about(ctx, about)
    if (number := number_in(text)) is not None:
        return among[number - 1 : number]
    return named(text, [(each, each.rules.title, each.rules.name) for each in among])
