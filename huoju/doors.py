"""The web application of one worker: Flask, one engine, and the doors that are switched on."""

import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from flask import Flask, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bots.base import BODY_LIMIT, Said, Sends
from bots.playground.guard import Guard
from bots.playground.receive import Drawn, Playground, blueprint
from bots.playground.sending import PlaygroundSends
from bots.refusals import answer_refusals, refused, said
from core.campaign.live import CampaignShelf
from core.campaign.platforms import invites_on
from core.codes.alphabet import grouped
from core.database import reading, sessions
from core.draws.latest import latest_draws
from core.engine.engine import Engine
from core.engine.failing import Unavailable
from core.invites.words import invitation
from core.outbox import arrived
from huoju.compose import Installation
from pages.invite import serve as invites
from pages.invite.serve import Invitation, InvitePages

_DRAWS_KEPT_S = 1.0
_CHATS = {"wechat": "WeChat 微信", "telegram": "Telegram", "sms": "SMS 短信", "playground": "Playground 演练场"}
"""What people call a channel; one that is missing keeps the name that the campaign file has for it."""

Shown = TypeVar("Shown")


def create_app(installation: Installation, engine: Engine, *, playground: bool) -> Flask:
    """Health checks, invite pages, and with ``playground`` the playground, to which "/" then leads.

    The caller closes ``engine``.
    """
    web = Flask(__name__, static_folder=None)
    web.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
    answer_refusals(web)

    @web.get("/")
    def home() -> Response:
        if playground:
            return Response(status=302, headers={"Location": "/playground/"})
        return Response("Huoju is running.\n", mimetype="text/plain")

    @web.get("/healthz")
    def alive() -> Response:
        return said(200, {"alive": True})

    @web.get("/readyz")
    def ready() -> Response:
        try:
            with reading(installation.database) as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return refused(503, "the database does not answer", retry_after_s=2)
        return said(200, {"ready": True})

    web.register_blueprint(invites.blueprint(_invites(installation, playground=playground)))
    if playground:
        web.register_blueprint(blueprint(_playground(installation, engine)))
    return web


def senders() -> list[Sends]:
    """The sending halves of all adapters, one for each of our accounts."""
    return [PlaygroundSends()]


def _playground(installation: Installation, engine: Engine) -> Playground:
    keys, opened = installation.keys, sessions(installation.database)
    shelf = CampaignShelf(keys)

    def mailbox(address: tuple[str, str, str], after: int, missing: Collection[int]) -> Sequence[Said]:
        with _told_as_unavailable():
            return arrived(opened, keys, keys.address_key(*address), after, missing)

    def newest() -> Sequence[Drawn]:
        with _told_as_unavailable():
            return latest_draws(opened, shelf)

    password = installation.settings.playground_password
    guard = Guard(password.get_secret_value() if password else None, keys.secret_for("playground"), installation.clock)
    return Playground(engine.submit, mailbox, kept(newest, _DRAWS_KEPT_S), installation.clock, guard)


def _invites(installation: Installation, *, playground: bool) -> InvitePages:
    opened, shelf = sessions(installation.database), CampaignShelf(installation.keys)
    not_here = {"terminal"} if playground else {"terminal", "playground"}

    def find(word: str) -> Invitation | None:
        with _told_as_unavailable():
            found = invitation(opened, shelf, word)
        if found is None:
            return None
        rules = found.campaign.rules
        chats = [channel for channel in rules.channels if channel not in not_here and invites_on(rules, channel)]
        to_open = [channel for channel in chats if channel != "playground"] or chats  # which has a button of its own
        return Invitation(
            title=rules.title.model_dump(),
            organiser=rules.organiser.model_dump(),
            word=grouped(found.word),
            open=found.campaign.why_closed(installation.clock()) is None,
            channels=[_CHATS.get(channel, channel) for channel in to_open],
            playground="playground" in chats,
        )

    return InvitePages(find, installation.settings.links_begin_with)


@contextmanager
def _told_as_unavailable() -> Iterator[None]:
    """A page that polls tries again by itself; whatever the database says is told as Unavailable."""
    try:
        yield
    except SQLAlchemyError as error:
        raise Unavailable(f"the database does not answer: {type(error).__name__}") from error


def kept(read: Callable[[], Shown], for_s: float) -> Callable[[], Shown]:
    """``read``, asked at most once in ``for_s`` seconds however many pages poll."""
    lock = threading.Lock()
    latest: list[tuple[float, Shown]] = []

    def value() -> Shown:
        with lock:
            now = time.monotonic()
            if not latest or now - latest[0][0] >= for_s:
                latest[:] = [(now, read())]
            return latest[0][1]

    return value
