"""Wordless: whoever comes, leaves, shows something, agrees to a notice, or speaks to us where others listen."""

from collections.abc import Callable
from dataclasses import dataclass

from core.context import Context
from core.engine.routes import Requires, Route, Stage
from core.messages import InboundKind, Reply
from core.opt_outs import leave, opt_in

_TEMPLATE_LIMIT = 80
"""Characters that the table of notices holds; a longer name is none of ours."""


@dataclass(frozen=True, slots=True)
class Wordless:
    """How somebody turned to us is all that is meant."""

    requires = Requires()


@dataclass(frozen=True, slots=True)
class Wishing(Wordless):
    """It says as well whether news are welcome."""

    requires = Requires(person=True)


def greet(ctx: Context, _intent: Wordless) -> list[Reply]:
    """Say what this is, and the first step. Nobody joins, and nobody opts in, without a word."""
    return [ctx.reception.welcome(ctx)]


def begin(ctx: Context, intent: Wordless) -> list[Reply]:
    """Somebody pressed Start: whoever had opted out hears us again, and everybody else is welcome."""
    if opt_in(ctx.rows, ctx.address, ctx.message, "start"):
        return [Reply("start.done")]
    return greet(ctx, intent)


def come_back(ctx: Context, _intent: Wordless) -> list[Reply]:
    """They can be reached again, and hear us unless a word of theirs says otherwise; what they want they say next."""
    opt_in(ctx.rows, ctx.address, ctx.message, "back")
    return []


def take_leave(ctx: Context, _intent: Wordless) -> list[Reply]:
    """Keep that nothing arrives there any more; there is nobody to answer."""
    leave(ctx.rows, ctx.address, ctx.message)
    return []


def admit_blindness(_ctx: Context, _intent: Wordless) -> list[Reply]:
    """Say that we read words only."""
    return [Reply("showed.answer")]


def ask_aside(_ctx: Context, _intent: Wordless) -> list[Reply]:
    """Ask to talk in private: what a group's address plays would belong to nobody."""
    return [Reply("group.answer")]


def count_consent(ctx: Context, _intent: Wordless) -> list[Reply]:
    """Keep one right to a notice for each template that the player agreed to."""
    for template in ctx.message.text.split():
        if len(template) <= _TEMPLATE_LIMIT:
            ctx.rows.agreed[ctx.address.key, template] += 1
    return []


def _on(
    kind: InboundKind,
    handle: Callable[[Context, Wordless], list[Reply]],
    *,
    means: Wordless = Wordless(),
    ends_prompt: bool = False,
    when_blocked: bool = False,
) -> Route:
    """The route of everything of one kind, whatever stands in it."""
    alone = frozenset({kind})
    return Route(
        kind.value,
        lambda _text, _shapes: means,
        handle,
        sets_language=False,
        ends_prompt=ends_prompt,
        kinds=alone,
        stage=Stage.EVENT,
        when_blocked=when_blocked,
    )


ROUTES = (
    _on(InboundKind.CAME, greet),
    _on(InboundKind.STARTED, begin, means=Wishing()),
    _on(InboundKind.BACK, come_back, means=Wishing(), ends_prompt=True, when_blocked=True),
    _on(InboundKind.LEFT, take_leave, means=Wishing(), ends_prompt=True, when_blocked=True),
    _on(InboundKind.SHOWED, admit_blindness),
    _on(InboundKind.GROUP, ask_aside),
    _on(InboundKind.AGREED, count_consent, ends_prompt=True, when_blocked=True),
)
