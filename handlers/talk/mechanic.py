"""Talk: whatever one may ask anybody who stands behind a counter."""

from core.mechanics import Mechanic
from handlers.talk import (  # the intent is called help
    cancel,
    contact,
    help,  # noqa: A004
    language,
    privacy,
    rules,
    small_talk,
    unknown,
)

MECHANIC = Mechanic(
    name="talk",
    routes=(
        cancel.ROUTE,
        rules.ROUTE,
        help.ROUTE,
        privacy.ROUTE,
        *language.ROUTES,
        contact.ROUTE,
        small_talk.ROUTE,
        small_talk.AGREE_ROUTE,
        small_talk.SMILE_ROUTE,
        unknown.ROUTE,
    ),
    topics=rules.TOPICS,
)
