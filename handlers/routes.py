"""All routes, in the order in which a text is tried; the last one takes what nobody understood."""

from core.engine.routes import Route
from handlers import (  # the intent is called help
    cancel,
    gifts,
    help,  # noqa: A004
    invite,
    language,
    link,
    points,
    prizes,
    recommend,
    redeem,
    rules,
    unknown,
)

ROUTES: tuple[Route, ...] = (
    points.ROUTE,
    gifts.ROUTE,
    prizes.ROUTE,
    invite.ROUTE,
    invite.FRIENDS_ROUTE,
    link.ROUTE,
    cancel.ROUTE,
    rules.ROUTE,
    help.ROUTE,
    language.ROUTE,
    redeem.ASK_ROUTE,
    invite.TAKE_ROUTE,
    link.USE_ROUTE,
    recommend.ROUTE,
    redeem.ROUTE,
    redeem.TYPO_ROUTE,
    unknown.ROUTE,
)
