"""Cancel: leave the question that waits. What was answered so far is kept where it belongs."""

from dataclasses import dataclass

from core import questions
from core.context import Context
from core.engine.routes import Requires, Route
from core.messages import Reply
from core.speech.keywords import Means


@dataclass(frozen=True, slots=True)
class Cancel:
    """The player does not want to answer."""

    requires = Requires()


def cancel(ctx: Context, _intent: Cancel) -> list[Reply]:
    """Leave the question that waits."""
    return leave(ctx)


def leave(ctx: Context) -> list[Reply]:
    """Drop the question, if there is one."""
    if questions.waiting(ctx.rows, ctx.address) is None or not questions.is_asked(ctx.address, ctx.now):
        return [Reply("cancel.nothing")]
    questions.drop(ctx.address)
    return [Reply("cancel.done")]


ROUTE = Route(
    "cancel",
    Means(
        Cancel(),
        "cancel",
        "never mind",
        "leave",
        "quit",
        "later",
        "not now",
        "back",
        "go back",
        "取消",
        "算了",
        "以后再说",
        "退出",
        "放弃",
        "返回",
    ),
    cancel,
    ends_prompt=True,
)


def leaves(text: str) -> bool:
    """Whether ``text`` is a word that leaves a question."""
    return ROUTE.recognise(text, frozenset()) is not None
