"""What the pages of one worker are handed: what the database knows, and their pictures."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from core.alphabet import normalise
from core.campaign.live import Campaigns, CampaignShelf, LiveCampaign
from core.campaign.platforms import friends_on
from core.database import read_only, sessions
from core.measures.chart import asked_by
from core.measures.comparison import Asked, compare
from core.measures.figures import Counts
from core.texts.languages import LANGUAGES
from handlers import MECHANICS
from handlers.invites.words import invitation
from handlers.relay.board_views import boards_of
from handlers.relay.names import name_behind
from handlers.relay.rules import NameRules, RelayRules, relay_on
from handlers.relay.torch_views import Gallery, chain_of, torch_behind
from handlers.relay.views import BoardsView, ChainNode
from handlers.talk.rules import chapters
from huoju.bootstrap import Installation
from huoju.web.cached import cached, told_as_unavailable
from huoju.web.chats import Chats
from huoju.web.look import Looks
from pages.board.serve import BoardPage, BoardPages
from pages.card.serve import CardPage, Played
from pages.chart.serve import ChartPictures
from pages.invite.serve import InvitePage, InvitePages
from pages.pictures.badge import Badge, badge
from pages.pictures.chart import chart
from pages.pictures.fonts import find_fonts
from pages.pictures.poster import Poster, poster
from pages.pictures.tree import Drawing, as_png, as_svg, draw_tall, draw_tree
from pages.rules.serve import RulesPage, RulesPages
from pages.studio import Studio
from pages.torch.serve import Drawings, TorchPages
from pages.torch.view import TorchPage

_CAMPAIGNS_KEPT_S = 2.0
_BOARDS_KEPT_S = 5.0


def invite_pages(installation: Installation, chats: Chats, studio: Studio, looks: Looks) -> InvitePages:
    """What the doors under /i are handed."""
    opened, shelf = (
        sessions(installation.database),
        CampaignShelf(installation.keys, MECHANICS.texts, MECHANICS.sections),
    )

    def find(word: str) -> InvitePage | None:
        with told_as_unavailable():
            found = invitation(opened, shelf, word, installation.clock())
            if found is None:
                return None
            rules, shown = found
            names = rules.section(NameRules)
            name = name_behind(opened, installation.keys, word) if names is None or names.allowed else None
        return InvitePage(shown, *chats.of(rules, shown.word, on=friends_on), name, looks.of(rules))

    return InvitePages(find, _posters(installation, studio, looks), installation.settings.links_begin_with)


def card_page(installation: Installation, chats: Chats, looks: Looks) -> CardPage:
    """What the door under /c is handed."""
    opened, shelf = (
        sessions(installation.database),
        CampaignShelf(installation.keys, MECHANICS.texts, MECHANICS.sections),
    )

    def read() -> Campaigns:
        with told_as_unavailable(), read_only(opened) as session:
            return shelf.look(session)

    live = cached(read, _CAMPAIGNS_KEPT_S)

    def campaigns(code: str, campaign_id: int | None) -> list[Played]:
        known, now = live(), installation.clock()
        named = known.all().get(campaign_id) if campaign_id is not None else None
        if named is not None and named.rules.takes_codes():
            return [_played(chats, looks, named, code, now)]
        length = len(normalise(code))
        able = (one for one in known.values() if one.why_closed(now) is None and one.takes_codes_of(length))
        return [_played(chats, looks, one, code, now) for one in able]

    return CardPage(campaigns)


def _played(chats: Chats, looks: Looks, campaign: LiveCampaign, code: str, now: datetime) -> Played:
    rules, why = campaign.rules, campaign.why_closed(now)
    found, here = chats.of(rules, code, on=lambda _rules, _channel: True)
    closed = "over" if why == "campaign.over" else "closed" if why else ""
    return Played(
        rules.name, rules.title.model_dump(), rules.organiser.model_dump(), found, here, closed, looks.of(rules)
    )


def torch_pages(installation: Installation, chats: Chats, studio: Studio, looks: Looks) -> TorchPages:
    """What the doors under /t are handed."""
    shelf = CampaignShelf(installation.keys, MECHANICS.texts, MECHANICS.sections)
    gallery = Gallery(sessions(installation.database), shelf, installation.keys, installation.randomness)

    def find(word: str) -> TorchPage | None:
        with told_as_unavailable():
            found = torch_behind(gallery, word, installation.clock())
        if found is None:
            return None
        rules, view = found
        return TorchPage(view, *chats.of(rules, view.word, on=relay_on), looks.of(rules))

    draw = _drawings(gallery, installation, studio, looks)
    return TorchPages(find, draw, installation.clock, installation.settings.links_begin_with)


def board_pages(installation: Installation, looks: Looks) -> BoardPages:
    """What the door under /b is handed."""
    opened, keys = sessions(installation.database), installation.keys
    shelf = CampaignShelf(keys, MECHANICS.texts, MECHANICS.sections)

    def read() -> Campaigns:
        with told_as_unavailable(), read_only(opened) as session:
            return shelf.look(session)

    live = cached(read, _CAMPAIGNS_KEPT_S)
    known: dict[int, Callable[[], BoardsView]] = {}

    def read_boards(campaign_id: int) -> BoardsView:
        with told_as_unavailable(), read_only(opened) as session:
            return boards_of(session, keys, live().all()[campaign_id], installation.clock())

    def find(name: str) -> BoardPage | None:
        campaign = next((one for one in live().all().values() if one.rules.name == name), None)
        if campaign is None or campaign.rules.section(RelayRules) is None:
            return None
        boards = known.setdefault(campaign.id, cached(partial(read_boards, campaign.id), _BOARDS_KEPT_S))
        return BoardPage(boards(), looks.of(campaign.rules))

    return BoardPages(find, installation.settings.links_begin_with)


def rules_pages(installation: Installation, looks: Looks) -> RulesPages:
    """What the door under /rules is handed."""
    opened = sessions(installation.database)
    shelf = CampaignShelf(installation.keys, MECHANICS.texts, MECHANICS.sections)

    def read() -> Campaigns:
        with told_as_unavailable(), read_only(opened) as session:
            return shelf.look(session)

    live = cached(read, _CAMPAIGNS_KEPT_S)

    def find(name: str) -> RulesPage | None:
        campaign = next((one for one in live().all().values() if one.rules.name == name), None)
        if campaign is None:
            return None
        rules, now = campaign.rules, installation.clock()
        told = {language: chapters(MECHANICS, campaign, language, now) for language in LANGUAGES}
        boards = rules.section(RelayRules) is not None
        titles = rules.title.model_dump(), rules.organiser.model_dump()
        return RulesPage(*titles, told, campaign.published.version, boards, looks.of(rules))

    return RulesPages(find, installation.settings.links_begin_with)


def chart_pictures(installation: Installation, studio: Studio) -> ChartPictures:
    """What the door under /chart is handed."""
    opened, keys = sessions(installation.database), installation.keys
    shelf = CampaignShelf(keys, MECHANICS.texts, MECHANICS.sections)
    fonts = partial(find_fonts, installation.settings.font_file)

    @studio.draws
    def drawn(asked: Asked, language: str) -> bytes:
        with told_as_unavailable(), read_only(opened) as session:
            books = Counts(session, MECHANICS.sections, MECHANICS.measures)
            compared = compare(books, shelf.read(session)[asked.campaign_id], asked)
        return chart(compared, language, fonts())

    return ChartPictures(lambda link: asked_by(keys, link, installation.clock()), drawn)


def _drawings(gallery: Gallery, installation: Installation, studio: Studio, looks: Looks) -> Drawings:
    fonts = partial(find_fonts, installation.settings.font_file)

    def people(word: str) -> tuple[Sequence[ChainNode], int | None]:
        with told_as_unavailable():
            shown = chain_of(gallery, word, installation.clock())
        return (shown.nodes, shown.me) if shown else ([], None)

    def laid_out(word: str, language: str, colour: str | None) -> Drawing:
        nodes, me = people(word)
        return draw_tree(nodes, me=me, language=language, colour=colour)

    @studio.draws
    def drawn_tall(word: str, _version: str, language: str, colour: str | None) -> bytes:
        nodes, me = people(word)
        return as_svg(draw_tall(nodes, me=me, language=language, colour=colour))

    @studio.draws
    def drawn_tree(word: str, _version: str, language: str, colour: str | None) -> bytes:
        return as_svg(laid_out(word, language, colour))

    @studio.draws
    def painted_tree(word: str, _version: str, language: str, colour: str | None) -> bytes:
        return as_png(laid_out(word, language, colour), fonts())

    @studio.draws
    def drawn_badge(shown: Badge, language: str) -> bytes:
        return badge(shown, language, fonts())

    return Drawings(drawn_badge, _posters(installation, studio, looks), drawn_tree, painted_tree, drawn_tall)


def _posters(installation: Installation, studio: Studio, looks: Looks) -> Callable[[Poster, str], bytes]:
    @studio.draws
    def drawn_poster(shown: Poster, language: str) -> bytes:
        logo = looks.png(shown.look.logo) if shown.look.logo else None
        return poster(shown, language, find_fonts(installation.settings.font_file), logo)

    return drawn_poster
