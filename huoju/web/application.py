"""The web application of one worker: Flask, one engine, and the doors that are switched on."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import partial

from flask import Blueprint, Flask, Response

from bots.base import BODY_LIMIT, Said
from bots.fast_path import Door, Doors, FastPath
from bots.http_errors import register_error_handlers
from bots.playground.api import CHANNEL, Drawn, Playground, blueprint
from bots.playground.guard import Guard
from core.alphabet import normalise
from core.campaign.live import Campaigns, CampaignShelf, LiveCampaign
from core.campaign.platforms import friends_on, relay_on
from core.database import read_only, sessions
from core.draws.latest import latest_draws
from core.engine.engine import Engine
from core.invites.words import invitation
from core.outbox import arrived
from huoju.bootstrap import Installation
from huoju.chats import Chats, Contacts
from huoju.metrics import MetricsFile
from huoju.web import health
from huoju.web.cached import cached, told_as_unavailable
from huoju.web.torch_pages import torch_pages
from pages.card import serve as cards
from pages.card.serve import CardPage, Played
from pages.invite import serve as invites
from pages.invite.serve import InvitePage, InvitePages
from pages.torch import serve as torches

_DRAWS_KEPT_S = 1.0
_CAMPAIGNS_KEPT_S = 2.0


def create_app(
    installation: Installation,
    engine: Engine,
    *,
    playground: bool,
    metrics_file: MetricsFile | None = None,
    platforms: Iterable[Blueprint] = (),
    contacts: Contacts = lambda _channel, _word: (),
) -> Flask:
    """Health checks, numbers, the pages of invites and torches, and with ``playground`` that, to which "/" then leads.

    ``platforms`` are the doors of our accounts, ``contacts`` how people reach them. The caller closes ``engine`` and
    ``metrics_file``, the numbers of this process.
    """
    web = Flask(__name__, static_folder=None)
    web.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
    register_error_handlers(web)

    @web.get("/")
    def home() -> Response:
        if playground:
            return Response(status=302, headers={"Location": "/playground/"})
        return Response("Huoju is running.\n", mimetype="text/plain")

    web.register_blueprint(health.blueprint(installation, metrics_file))
    chats = Chats(contacts, playground=playground)
    web.register_blueprint(invites.blueprint(_invites(installation, chats)))
    web.register_blueprint(cards.blueprint(_cards(installation, chats)))
    web.register_blueprint(torches.blueprint(torch_pages(installation, partial(chats.of, on=relay_on))))
    fast: dict[str, Door] = {}
    for doors in platforms:
        web.register_blueprint(doors)
        if isinstance(doors, Doors):
            fast |= doors.fast
    web.wsgi_app = FastPath(web.wsgi_app, fast)  # type: ignore[method-assign]  # as Flask wants middleware added
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
    guard = Guard(password.get_secret_value() if password else None, keys.secret_for(CHANNEL), installation.clock)
    return Playground(engine.submit, mailbox, cached(newest, _DRAWS_KEPT_S), installation.clock, guard)


def _invites(installation: Installation, chats: Chats) -> InvitePages:
    opened, shelf = sessions(installation.database), CampaignShelf(installation.keys)

    def find(word: str) -> InvitePage | None:
        with told_as_unavailable():
            found = invitation(opened, shelf, word, installation.clock())
        if found is None:
            return None
        rules, shown = found
        return InvitePage(shown, *chats.of(rules, shown.word, on=friends_on))

    return InvitePages(find, installation.settings.links_begin_with)


def _cards(installation: Installation, chats: Chats) -> CardPage:
    opened, shelf = sessions(installation.database), CampaignShelf(installation.keys)

    def read() -> Campaigns:
        with told_as_unavailable(), read_only(opened) as session:
            return shelf.look(session)

    live = cached(read, _CAMPAIGNS_KEPT_S)

    def campaigns(code: str, campaign_id: int | None) -> list[Played]:
        known, now = live(), installation.clock()
        named = known.all().get(campaign_id) if campaign_id is not None else None
        if named is not None and named.rules.takes_codes():
            return [_played(chats, named, code, now)]
        length = len(normalise(code))
        able = (one for one in known.values() if one.why_closed(now) is None and one.takes_codes_of(length))
        return [_played(chats, one, code, now) for one in able]

    return CardPage(campaigns)


def _played(chats: Chats, campaign: LiveCampaign, code: str, now: datetime) -> Played:
    rules, why = campaign.rules, campaign.why_closed(now)
    found, here = chats.of(rules, code, on=lambda _rules, _channel: True)
    closed = "over" if why == "campaign.over" else "closed" if why else ""
    return Played(rules.title.model_dump(), rules.organiser.model_dump(), found, here, closed)
