"""Which chats a page names: those of a campaign's channels, as people know our accounts there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.campaign.platforms import asks_word
from core.campaign.rules import Rules
from pages.chats import Chat

_NAMES = {"wechat": "WeChat 微信", "telegram": "Telegram", "sms": "SMS 短信", "playground": "Playground 演练场"}
"""What people call a channel; one that is missing keeps the name that the campaign file has for it."""


class Contact(Protocol):
    """How people reach one of our accounts."""

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

    def of(self, rules: Rules, word: str, on: Callable[[Rules, str], bool]) -> tuple[Sequence[Chat], bool]:
        """(chats that people open to say ``word``, whether there is a button for the playground).

        The playground is not among them if others are; the terminal is open to nobody who looks at a page.
        """
        not_here = {"terminal"} if self.playground else {"terminal", "playground"}
        found = [channel for channel in rules.channels if channel not in not_here and on(rules, channel)]
        named = [channel for channel in found if channel != "playground"] or found
        chats = [chat for channel in named for chat in self._on(rules, channel, word)]
        return list(dict.fromkeys(chats)), "playground" in found

    def _on(self, rules: Rules, channel: str, word: str) -> list[Chat]:
        name, typed = _NAMES.get(channel, channel), asks_word(rules, channel)
        known = [contact for contact in self.contacts(channel, word) if contact.known_as or contact.link]
        return [
            Chat(f"{name} {contact.known_as}" if contact.known_as else name, typed, contact.link) for contact in known
        ] or [Chat(name, typed)]
