"""The torch pages of one worker: what the database knows of a torch, told in the page's own words, and its pictures."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from core.campaign.live import CampaignShelf
from core.campaign.rules import Rules
from core.codes.alphabet import grouped
from core.database import sessions
from core.relay.showing import Gallery, ShownTorch, chain_of, torch_behind
from huoju.bootstrap import Installation
from huoju.web.cached import told_as_unavailable
from pages.chats import Chat
from pages.pictures.badge import Badge, badge
from pages.pictures.fonts import find_fonts
from pages.pictures.poster import Poster, poster
from pages.pictures.state import State
from pages.pictures.tree import Drawing, Node, as_png, as_svg, draw_tree
from pages.studio import Studio
from pages.torch.serve import Drawings, TorchPages
from pages.torch.view import Chain, Torch, TorchView

Chats = Callable[[Rules, str], tuple[Sequence[Chat], bool]]
"""Where the torch of a campaign is handed on by a word, and whether the playground here is one of the places."""


def torch_pages(installation: Installation, chats: Chats) -> TorchPages:
    """What the doors under /t are handed."""
    shelf = CampaignShelf(installation.keys)
    gallery = Gallery(sessions(installation.database), shelf, installation.keys, installation.randomness)

    def find(word: str) -> TorchView | None:
        now = installation.clock()
        with told_as_unavailable():
            found = torch_behind(gallery, word, now)
        return _view(found, now, chats) if found is not None else None

    return TorchPages(
        find, _drawings(gallery, installation), installation.clock, installation.settings.links_begin_with
    )


def _view(found: ShownTorch, now: datetime, chats: Chats) -> TorchView | None:
    rules = found.campaign.rules
    relay = rules.relay
    if relay is None:
        return None
    named, playground = chats(rules, grouped(found.word))
    torch, chain = _told(found)
    may_use = relay.perk is not None and (found.perk or found.state == "unlit")
    return TorchView(
        title=rules.title.model_dump(),
        organiser=rules.organiser.model_dump(),
        word=grouped(found.word),
        name=found.name,
        open=found.campaign.why_closed(now) is None,
        zone=rules.zone,
        torch=torch,
        chain=chain,
        perk=relay.perk.title.model_dump() if relay.perk is not None and may_use else None,
        friend_has=relay.window if "invited" in relay.qualify else None,
        chats=named,
        playground=playground,
    )


def _told(found: ShownTorch) -> tuple[Torch, Chain] | tuple[None, None]:
    """The boards are counted a little later, so a chain has at least what this torch shows by itself."""
    if found.state is None or found.granted_at is None or found.ends_at is None:
        return None, None
    state = State(found.state)
    torch = Torch(state, found.leg, found.granted_at, found.ends_at, found.relight_at)
    lit = max(found.chain_lit, int(state is State.LIT))
    return torch, Chain(max(found.chain_torches, found.leg), lit, max(found.chain_legs, found.leg))


def _drawings(gallery: Gallery, installation: Installation) -> Drawings:
    studio, fonts = Studio(), partial(find_fonts, installation.settings.font_file)

    def laid_out(word: str, language: str) -> Drawing:
        with told_as_unavailable():
            shown = chain_of(gallery, word, installation.clock())
        if shown is None:
            return draw_tree([], me=None, language=language)
        unread = shown.torches - len(shown.nodes)
        nodes = [
            Node(each.id, each.parent_id, each.leg, State(each.state), each.name, 0 if each.parent_id else unread)
            for each in shown.nodes
        ]
        return draw_tree(nodes, me=shown.me, language=language)

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
