"""Kinds of consent beside news: texts that are made for one person, and questions that nobody asked for."""

from dataclasses import dataclass

from core.context import Context
from core.engine.routes import Requires, Route, Stage
from core.messages import Reply
from core.permissions import PermissionKind, PermissionRequires, consents_in, keep_permission
from core.speech.keywords import Means


@dataclass(frozen=True, slots=True)
class Permit:
    """The player lets us do something, or not any more."""

    kind: PermissionKind
    given: bool
    requires = Requires((PermissionRequires(wanted=True),))


def permit(ctx: Context, intent: Permit) -> list[Reply]:
    """Keep what the player lets us do, and say what holds now: a later word may have come first. No link says it."""
    if not ctx.message.typed and ctx.message.question is None:
        return ctx.reception.help(ctx)
    keep_permission(ctx.rows, ctx.address, ctx.message.external_id, intent.kind, given=intent.given, at=ctx.now)
    standing = next(each for each in consents_in(ctx.rows, ctx.address) if each.kind == intent.kind)
    return [Reply(f"permission.{intent.kind}_{'on' if standing.welcome else 'off'}")]


_WORDS: dict[tuple[PermissionKind, bool], tuple[str, ...]] = {
    ("personalised", False): (
        *("personal off", "not personal", "no personalisation", "no personalization", "personalised off"),
        *("关闭个性化", "不要个性化", "取消个性化", "关闭个性化推荐", "关闭个性化推送"),
    ),
    ("personalised", True): (
        *("personal on", "personalised on"),
        *("开启个性化", "打开个性化", "恢复个性化", "开启个性化推荐"),
    ),
    ("questions", False): (
        *("questions off", "no questions", "ask me nothing", "no more questions"),
        *("关闭提问", "不要提问", "不要问我", "别问我了"),
    ),
    ("questions", True): (
        *("questions on", "questions ok"),
        *("开启提问", "可以提问", "恢复提问"),
    ),
}
ROUTES = tuple(
    Route(
        f"{kind}_{'on' if given else 'off'}",
        Means(Permit(kind, given), *words),
        permit,
        stage=Stage.WISH,
        when_blocked=True,
    )
    for (kind, given), words in _WORDS.items()
)
