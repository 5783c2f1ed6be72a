"""Start: hear again what is said unasked, by an explicit word and by nothing else."""

from dataclasses import dataclass

from core.context import Context
from core.engine.routes import Requires, Route, Stage
from core.messages import Reply
from core.opt_outs import opt_in
from core.speech.keywords import Means, plain

_ALSO_HELP = frozenset({"start"})
"""Where nobody has opted out, this is how people say hello to a bot."""


@dataclass(frozen=True, slots=True)
class Start:
    """The player wants our news again."""

    requires = Requires(person=True)


def start(ctx: Context, _intent: Start) -> list[Reply]:
    """Opt in, or say that nothing had to be changed. A link or a button opts nobody in: it is no word of the player."""
    if not ctx.message.typed:
        return ctx.reception.help(ctx)
    if opt_in(ctx.rows, ctx.address, ctx.message):
        return [Reply("start.done")]
    if ctx.address.opted_out_at is not None or plain(ctx.message.text) in _ALSO_HELP:
        return ctx.reception.help(ctx)  # dealt with after a later STOP, or a greeting
    return [Reply("start.already")]


def agree_again(ctx: Context) -> list[Reply] | None:
    """Opt in by YES, where nothing was asked that it answers; None when it means something else."""
    return [Reply("start.done")] if ctx.message.typed and opt_in(ctx.rows, ctx.address, ctx.message) else None


def says_yes(text: str) -> bool:
    """Whether ``text`` is the word by which carriers let people opt in again."""
    return plain(text) == "yes"


ROUTE = Route(
    "start",
    Means(
        Start(),
        "start",
        "unstop",
        "subscribe",
        "resubscribe",
        "opt in",
        "opt me in",
        *(f"{again} {word}" for again in ("reply", "send", "text") for word in ("start", "unstop")),
        *("start again", "subscribe again", "subscribe me again", "i want to subscribe", "turn on notifications"),
        *(f"{reply}{word}" for reply in ("回复", "回", "发送", "发") for word in ("start", "订阅", "恢复")),
        *(f"{on}{what}" for on in ("打开", "开启", "恢复") for what in ("推送", "通知", "接收", "短信")),
        *("取消退订", "撤销退订", "解除退订", "我要订阅", "我想订阅", "重新接收", "继续接收"),
        "订阅",
        "恢复",
        "开启",
        "恢复订阅",
        "重新订阅",
        "恢复消息",
        "开启消息",
    ),
    start,
    stage=Stage.WISH,
)
