"""All routes, in the order in which a text is tried; the last one takes what nobody understood."""

from core.engine.routes import Route
from handlers import help, language, points, redeem, rules, unknown  # noqa: A004  # the intent is called help

ROUTES: tuple[Route, ...] = (
    points.ROUTE,
    rules.ROUTE,
    help.ROUTE,
    language.ROUTE,
    redeem.ASK_ROUTE,
    redeem.ROUTE,
    redeem.TYPO_ROUTE,
    unknown.ROUTE,
)
