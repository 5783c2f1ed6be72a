"""The torch pages of one worker: what the database knows of a torch, told in the page's own words, and its pictures."""

from collections.abc import Callable, Sequence
from functools import partial

from core.campaign.live import CampaignShelf
from core.campaign.rules import Rules
from core.database import sessions
from core.relay.showing import Gallery, chain_of, torch_behind
from huoju.bootstrap import Installation
from huoju.web.cached import told_as_unavailable
from pages.chats import Chat
from pages.pictures.badge import Badge, badge
from pages.pictures.fonts import find_fonts
from pages.pictures.poster import Poster, poster
from pages.pictures.tree import Drawing, as_png, as_svg, draw_tree
from pages.studio import Studio
from pages.torch.serve import Drawings, TorchPages
from pages.torch.view import TorchPage

Chats = Callable[[Rules, str], tuple[Sequence[Chat], bool]]
"""Where the torch of a campaign is handed on by a word, and whether the playground here is one of the places."""


def torch_pages(installation: Installation, chats: Chats) -> TorchPages:
    """What the doors under /t are handed."""
    shelf = CampaignShelf(installation.keys)
    gallery = Gallery(sessions(installation.database), shelf, installation.keys, installation.randomness)

    def find(word: str) -> TorchPage | None:
        with told_as_unavailable():
            found = torch_behind(gallery, word, installation.clock())
        if found is None:
            return None
        rules, view = found
        return TorchPage(view, *chats(rules, view.word))

    return TorchPages(
        find, _drawings(gallery, installation), installation.clock, installation.settings.links_begin_with
    )


def _drawings(gallery: Gallery, installation: Installation) -> Drawings:
    studio, fonts = Studio(), partial(find_fonts, installation.settings.font_file)

    def laid_out(word: str, language: str) -> Drawing:
        with told_as_unavailable():
            shown = chain_of(gallery, word, installation.clock())
        return (
            draw_tree(shown.nodes, me=shown.me, language=language)
            if shown
            else draw_tree([], me=None, language=language)
        )

    @studio.draws
    def drawn_tree(word: str, _version: str, language: str) -> bytes:
        return as_svg(laid_out(word, language))

    @studio.draws
    def painted_tree(word: str, _version: str, language: str) -> bytes:
        return as_png(laid_out(word, language), fonts())

    @studio.draws
    def drawn_badge(shown: Badge, language: str) -> bytes:
        return badge(shown, language, fonts())

    @studio.draws
    def drawn_poster(shown: Poster, language: str) -> bytes:
        return poster(shown, language, fonts())

    return Drawings(drawn_badge, drawn_poster, drawn_tree, painted_tree)
