"""Which chats a page names: those of a campaign's channels, as people know our accounts there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bots import CHANNELS
from bots.playground.api import CHANNEL as PLAYGROUND
from bots.terminal.chat import CHANNEL as TERMINAL
from core.campaign.platforms import asks_word
from core.campaign.rules import Rules
from core.places import Place, place_named
from pages.chats import Chat

_TITLES = {listed.name: listed.title for listed in CHANNELS}
"""A channel that is missing keeps the name that the campaign file has for it."""


class Contact(Protocol):
    """How people reach one of our accounts."""

    @property
    def account(self) -> str:
        """What huoju.toml calls the account."""
        ...

    @property
    def known_as(self) -> str | None:
        """What they find it by."""
        ...

    @property
    def link(self) -> str | None:
        """Opens the chat, with a word ready to be sent."""
        ...


Contacts = Callable[[str, str], Sequence[Contact]]
"""How people reach our accounts on a channel, to say a word."""


@dataclass(frozen=True, slots=True)
class Chats:
    """Names the chats of a campaign."""

    contacts: Contacts
    playground: bool
    """Whether it is served here."""

    def of(self, rules: Rules, word: str, on: Callable[[Rules, Place], bool]) -> tuple[Sequence[Chat], bool]:
        """(chats that people open to say ``word``, whether there is a button for the playground).

        Accounts of ours, those first that a link opens; where there is none, the playground, if it is served and the
        campaign is played there, else the names of channels. The terminal is open to nobody who looks at a page.
        """
        places = [place for place in map(place_named, rules.channels) if place.channel not in {TERMINAL, PLAYGROUND}]
        found = dict.fromkeys(chat for place in places for chat in self._ours(rules, place, word, on))
        chats = sorted(found, key=lambda chat: chat.link is None)
        if chats:
            return chats, False
        if self.playground and on(rules, here := Place(PLAYGROUND, "")) and rules.plays_at(here):
            return [], True
        named = [place for place in places if on(rules, place)]
        return [Chat(_TITLES.get(each.channel, each.channel), asks_word(rules, each)) for each in named], False

    def _ours(self, rules: Rules, place: Place, word: str, on: Callable[[Rules, Place], bool]) -> list[Chat]:
        """The chats at ``place``, which is one account or a channel with all of ours; one without a name if need be."""
        name = _TITLES.get(place.channel, place.channel)
        named = [each for each in self.contacts(place.channel, word) if place.account in {"", each.account}]
        ours = [(Place(place.channel, each.account), each) for each in named]
        here = [(asks_word(rules, at), contact) for at, contact in ours if on(rules, at)]
        known = [
            Chat(f"{name} {contact.known_as}" if contact.known_as else name, typed, contact.link)
            for typed, contact in here
            if contact.known_as or contact.link
        ]
        return known or ([Chat(name, asks_word(rules, place))] if here else [])
