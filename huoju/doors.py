"""The web application of one worker: Flask, one engine, and the doors that are switched on."""

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial

from flask import Blueprint, Flask, Response

from bots.base import BODY_LIMIT, Said
from bots.playground.guard import Guard
from bots.playground.receive import Drawn, Playground, blueprint
from bots.refusals import answer_refusals
from core.campaign.live import CampaignShelf
from core.campaign.platforms import asks_word, friends_on, relay_on
from core.campaign.rules import Rules
from core.codes.alphabet import grouped
from core.database import sessions
from core.draws.latest import latest_draws
from core.engine.engine import Engine
from core.invites.words import invitation
from core.outbox import arrived
from huoju import health_doors
from huoju.compose import Installation
from huoju.metrics_pages import Page
from huoju.polling import kept, told_as_unavailable
from huoju.torch_doors import torch_pages
from pages.invite import serve as invites
from pages.invite.serve import Invitation, InvitePages
from pages.torch import serve as torches
from pages.torch.view import Chat

_DRAWS_KEPT_S = 1.0
_CHATS = {"wechat": "WeChat 微信", "telegram": "Telegram", "sms": "SMS 短信", "playground": "Playground 演练场"}
"""What people call a channel; one that is missing keeps the name that the campaign file has for it."""


def create_app(
    installation: Installation,
    engine: Engine,
    *,
    playground: bool,
    page: Page | None = None,
    platforms: Iterable[Blueprint] = (),
) -> Flask:
    """Health checks, numbers, the pages of invites and torches, and with ``playground`` that, to which "/" then leads.

    ``platforms`` are the doors of our accounts. The caller closes ``engine`` and ``page``, the numbers of this process.
    """
    web = Flask(__name__, static_folder=None)
    web.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
    answer_refusals(web)

    @web.get("/")
    def home() -> Response:
        if playground:
            return Response(status=302, headers={"Location": "/playground/"})
        return Response("Huoju is running.\n", mimetype="text/plain")

    web.register_blueprint(health_doors.blueprint(installation, page))
    web.register_blueprint(invites.blueprint(_invites(installation, playground=playground)))
    web.register_blueprint(torches.blueprint(torch_pages(installation, partial(_relay_chats, playground=playground))))
    for doors in platforms:
        web.register_blueprint(doors)
    if playground:
        web.register_blueprint(blueprint(_playground(installation, engine)))
    return web


def _playground(installation: Installation, engine: Engine) -> Playground:
    keys, opened = installation.keys, sessions(installation.database)
    shelf = CampaignShelf(keys)

    def mailbox(address: tuple[str, str, str], after: int, missing: Collection[int]) -> Sequence[Said]:
        with told_as_unavailable():
            return arrived(opened, keys, keys.address_key(*address), after, missing)

    def newest() -> Sequence[Drawn]:
        with told_as_unavailable():
            return latest_draws(opened, shelf)

    password = installation.settings.playground_password
    guard = Guard(password.get_secret_value() if password else None, keys.secret_for("playground"), installation.clock)
    return Playground(engine.submit, mailbox, kept(newest, _DRAWS_KEPT_S), installation.clock, guard)


def _invites(installation: Installation, *, playground: bool) -> InvitePages:
    opened, shelf = sessions(installation.database), CampaignShelf(installation.keys)

    def find(word: str) -> Invitation | None:
        with told_as_unavailable():
            found = invitation(opened, shelf, word)
        if found is None:
            return None
        rules = found.campaign.rules
        channels, here = _chats(rules, friends_on, playground=playground)
        return Invitation(
            title=rules.title.model_dump(),
            organiser=rules.organiser.model_dump(),
            word=grouped(found.word),
            open=found.campaign.why_closed(installation.clock()) is None,
            channels=[_CHATS.get(channel, channel) for channel in channels],
            playground=here,
        )

    return InvitePages(find, installation.settings.links_begin_with)


def _relay_chats(rules: Rules, *, playground: bool) -> tuple[Sequence[Chat], bool]:
    channels, here = _chats(rules, relay_on, playground=playground)
    return tuple(Chat(_CHATS.get(channel, channel), asks_word(rules, channel)) for channel in channels), here


def _chats(rules: Rules, on: Callable[[Rules, str], bool], *, playground: bool) -> tuple[Sequence[str], bool]:
    """(channels that people open, whether there is a button for the playground, which is not among them if others are).

    The terminal is open to nobody who looks at a page.
    """
    not_here = {"terminal"} if playground else {"terminal", "playground"}
    chats = [channel for channel in rules.channels if channel not in not_here and on(rules, channel)]
    return [channel for channel in chats if channel != "playground"] or chats, "playground" in chats
