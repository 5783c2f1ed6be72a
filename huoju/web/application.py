"""The web application of one worker: Flask, one engine, and the doors that are switched on."""

from collections.abc import Iterable

from flask import Blueprint, Flask, Response

from bots.base import BODY_LIMIT
from bots.fast_path import Door, Doors, FastPath
from bots.http_errors import register_error_handlers
from bots.playground.api import blueprint
from core.engine.engine import Engine
from huoju.bootstrap import Installation
from huoju.metrics import MetricsFile
from huoju.web import health
from huoju.web.chats import Chats, Contacts
from huoju.web.console import console_pages
from huoju.web.files import data_page, file_page
from huoju.web.look import Looks
from huoju.web.pages import board_pages, card_page, chart_pictures, invite_pages, rules_pages, torch_pages
from huoju.web.playground import playground_of
from pages.board import serve as boards
from pages.card import serve as cards
from pages.chart import serve as charts
from pages.console import serve as console
from pages.file import serve as files
from pages.invite import serve as invites
from pages.look import serve as look
from pages.rules import serve as rules
from pages.studio import Studio
from pages.torch import serve as torches


def create_app(
    installation: Installation,
    engine: Engine,
    *,
    playground: bool,
    metrics_file: MetricsFile | None = None,
    platforms: Iterable[Blueprint] = (),
    contacts: Contacts = lambda _channel, _word: (),
) -> Flask:
    """Health checks, numbers, public pages, the console, files of jobs, and with ``playground`` that, where "/" leads.

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
    studio, looks = Studio(), Looks(installation)
    web.register_blueprint(look.blueprint(looks.files()))
    web.register_blueprint(invites.blueprint(invite_pages(installation, chats, studio, looks)))
    web.register_blueprint(cards.blueprint(card_page(installation, chats, looks)))
    web.register_blueprint(torches.blueprint(torch_pages(installation, chats, studio, looks)))
    web.register_blueprint(boards.blueprint(board_pages(installation, looks)))
    web.register_blueprint(rules.blueprint(rules_pages(installation, looks)))
    web.register_blueprint(charts.blueprint(chart_pictures(installation, studio)))
    web.register_blueprint(console.blueprint(console_pages(installation)))
    web.register_blueprint(files.blueprint(file_page(installation)))
    web.register_blueprint(files.blueprint(data_page(installation), "my-data"))
    fast: dict[str, Door] = {}
    for doors in platforms:
        web.register_blueprint(doors)
        if isinstance(doors, Doors):
            fast |= doors.fast
    web.wsgi_app = FastPath(web.wsgi_app, fast)  # type: ignore[method-assign]  # as Flask wants middleware added
    if playground:
        web.register_blueprint(blueprint(playground_of(installation, engine)))
    return web
