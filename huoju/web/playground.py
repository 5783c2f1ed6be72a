"""What the playground of one worker is handed: its mailboxes and draws, what is played in it, and the demo's cards."""

from collections.abc import Collection, Iterator, Sequence

from bots.base import Said
from bots.playground.api import ACCOUNT, ACCOUNTS, CHANNEL, HAND, ChatShown, Drawn, Playground
from bots.playground.guard import Guard
from core.campaign.live import CampaignShelf, LiveCampaign
from core.database import read_only, sessions
from core.engine.engine import Engine
from core.menu import words_in
from core.operators import Role
from core.outbox import arrived
from core.places import Place
from handlers import MECHANICS
from handlers.draws.latest import latest_draws
from handlers.operators.access import Appointment
from handlers.operators.terminal import word_for
from huoju.bootstrap import Installation
from huoju.demo import Deck
from huoju.web.cached import cached, told_as_unavailable

_KEPT_S = 1.0
_CHIPS_RANKS = 9
"""Words of a greater rank are in every chat, and are found by `help`."""
_NOTHING = {"zh": "演练场", "en": "Playground"}


def playground_of(installation: Installation, engine: Engine) -> Playground:
    """The playground over ``installation``; ``engine`` answers what is said there."""
    keys, opened = installation.keys, sessions(installation.database)
    shelf = CampaignShelf(keys, MECHANICS.texts, MECHANICS.sections)

    def mailbox(address: tuple[str, str, str], after: int, missing: Collection[int]) -> Sequence[Said]:
        with told_as_unavailable():
            return arrived(opened, keys, keys.address_key(*address), after, missing)

    def newest() -> Sequence[Drawn]:
        with told_as_unavailable():
            return latest_draws(opened, shelf, installation.clock())

    def played() -> Sequence[LiveCampaign]:
        with told_as_unavailable(), read_only(opened) as session:
            found = shelf.look(session).values()
        return [one for one in found if one.why_closed(installation.clock()) != "campaign.over"]

    def deck(campaigns: Sequence[LiveCampaign]) -> Deck | None:
        decks = (Deck(installation, one.rules.name) for one in campaigns if one.rules.takes_codes())
        return next((one for one in decks if one.is_there), None)

    def chats() -> Iterator[ChatShown]:
        running = played()
        for account in ACCOUNTS:
            place = Place(CHANNEL, account)
            here = [one for one in running if one.rules.plays_at(place)]
            own = [one for one in here if str(place) in one.rules.channels] or (here if account == ACCOUNT else [])
            if own or account == ACCOUNT:
                rules = [one.rules for one in here]
                words = words_in(MECHANICS.menu, rules, place)
                chips = [word for word in words if word.rank <= _CHIPS_RANKS]
                yield ChatShown(
                    account,
                    [one.rules.name for one in own],
                    own[0].rules.title.model_dump() if own else _NOTHING,
                    [{"zh": word.label["zh"], "en": word.says} for word in chips],
                    deck(own) is not None,
                )

    def deal(account: str, held: Sequence[str]) -> Sequence[str]:
        place = Place(CHANNEL, account)
        with told_as_unavailable():
            found = deck([one for one in played() if one.rules.plays_at(place)])
            return found.deal(held, HAND) if found else []

    def invite(name: str) -> str:
        with told_as_unavailable():
            return word_for(installation.runtime(), Appointment(name, Role.OWNER, CHANNEL), installation.clock())

    password = installation.settings.playground_password
    guard = Guard(password.get_secret_value() if password else None, keys.secret_for(CHANNEL), installation.clock)
    return Playground(
        engine.submit,
        mailbox,
        cached(newest, _KEPT_S),
        installation.clock,
        guard,
        cached(lambda: list(chats()), _KEPT_S),
        deal,
        # Whoever opens a page that asks no password has this machine, as whoever has its shell.
        None if guard.asks else invite,
        installation.settings.links_begin_with,
    )
