"""All routes, in the order in which a text is tried; the last one takes what nobody understood."""

from core.engine.routes import Route
from handlers import (  # the intent is called help
    board,
    cancel,
    gifts,
    help,  # noqa: A004
    invite,
    language,
    link,
    name,
    points,
    prizes,
    recommend,
    redeem,
    rules,
    torch,
    unknown,
)

ROUTES: tuple[Route, ...] = (
    points.ROUTE,
    gifts.ROUTE,
    prizes.ROUTE,
    torch.ROUTE,
    torch.RELIGHT_ROUTE,
    torch.PERK_ROUTE,
    board.ROUTE,
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
    name.ROUTE,
    invite.ACCEPT_ROUTE,
    unknown.ROUTE,
)
