"""All our accounts, as the processes use them: their doors, sending halves and links."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from flask import Blueprint

from bots.base import Finding, Sends
from bots.playground.receive import ACCOUNT as AT_PLAYGROUND
from bots.playground.receive import CHANNEL as PLAYGROUND
from bots.playground.sending import PlaygroundSends
from bots.terminal import ACCOUNT as AT_TERMINAL
from bots.terminal import CHANNEL as TERMINAL
from core.campaign.place_checks import KnownPlaces
from core.sending.outbound import Limits, Outlet
from huoju.accounts import Account, AccountsRefused, Found, Kinds, look_at_accounts, read_accounts
from huoju.blocked_words import TABLE as NAMES
from huoju.channels import CHANNELS
from huoju.channels.wiring import Channel, Desk, Link, Surroundings
from huoju.settings import Settings


class Linked(NamedTuple):
    """A link and whose it is."""

    account: Account
    link: Link


class Contact(NamedTuple):
    """How people reach one of our accounts."""

    account: str
    known_as: str | None
    link: str | None
    """Opens the chat, with a word ready to be sent."""


class Ours:
    """What huoju.toml says: its accounts, without those of the playground and the terminal, which are always there."""

    def __init__(
        self,
        accounts: Sequence[Account],
        channels: Mapping[str, Channel[Any]] = CHANNELS,
        blocked_words: Sequence[str] | None = None,
    ) -> None:
        self.accounts, self._channels, self.blocked_words = accounts, channels, blocked_words

    def outlets(self) -> list[Outlet]:
        """How each account may be used for sending, the playground's too."""
        return [PlaygroundSends().outlet, *(self._channels[one.channel].outlet(one.table) for one in self.accounts)]

    def limits(self) -> dict[tuple[str, str], Limits]:
        """What texts cost and what may be spent, by channel and account, where texts cost money."""
        return {(one.channel, one.account): one.limits for one in self.outlets() if one.limits}

    def addresses(self) -> dict[str, str | None]:
        """The path under which the platform calls us, by account; None where we call it."""
        return {str(one): self._channels[one.channel].address(one.table) for one in self.accounts}

    def doors(self, around: Surroundings, desk: Desk) -> Iterator[Blueprint]:
        """The doors of all accounts that have any."""
        for name in dict.fromkeys(one.channel for one in self.accounts):
            channel = self._channels[name]
            tables = [one.table for one in self.accounts if one.channel == name and channel.address(one.table)]
            if tables and (doors := channel.doors(tables, around, desk)) is not None:
                yield doors

    def senders(self, around: Surroundings) -> list[Sends]:
        """The sending halves of all accounts, without those that only the holder of a link can send for."""
        found = (self._channels[one.channel].sends(one.table, around) for one in self.accounts)
        return [PlaygroundSends(), *(one for one in found if one is not None)]

    def links(self, around: Surroundings, desk: Desk, channel: str | None = None) -> list[Linked]:
        """The links of all accounts (of ``channel``), not yet connected."""
        chosen = [one for one in self.accounts if channel in {None, one.channel}]
        found = [(one, self._channels[one.channel].link(one.table, around, desk)) for one in chosen]
        return [Linked(account, link) for account, link in found if link is not None]

    def findings(self, account: Account, around: Surroundings) -> Iterator[Finding]:
        """What an operator should know of ``account``; each may take some seconds."""
        return self._channels[account.channel].findings(account.table, around)

    def contacts(self, channel: str, word: str) -> list[Contact]:
        """How people reach each account of ``channel``, to say ``word``."""
        ours = [one for one in self.accounts if one.channel == channel]
        found = ((one, self._channels[channel]) for one in ours)
        return [Contact(one.name, each.known_as(one.table), each.opens(one.table, word)) for one, each in found]

    def have_links(self, channel: str | None = None) -> bool:
        """Whether there are any."""
        chosen = (one for one in self.accounts if channel in {None, one.channel})
        return any(self._channels[one.channel].has_link(one.table) for one in chosen)


class _Models(Mapping[str, Kinds]):
    """The models of accounts, by channel; those of a channel without accounts are not imported."""

    def __getitem__(self, name: str) -> Kinds:
        return CHANNELS[name].models

    def __iter__(self) -> Iterator[str]:
        return iter(CHANNELS)

    def __len__(self) -> int:
        return len(CHANNELS)


MODELS: Mapping[str, Kinds] = _Models()


def read_ours(settings: Settings) -> Ours:
    """What is in huoju.toml. Raises AccountsRefused."""
    found = read_accounts(settings, MODELS)
    return Ours(found.complete, blocked_words=found.blocked_words)


def blocked_words(settings: Settings) -> Sequence[str] | None:
    """The installation's own words that no name holds, whatever its accounts lack. Raises AccountsRefused."""
    found = look_at_ours(settings)
    if wrong := [one for one in found.complaints if one.place.split(".")[0] in {"", NAMES}]:
        raise AccountsRefused(wrong)
    return found.blocked_words


def known_places(settings: Settings) -> KnownPlaces:
    """Where people can talk with us; which accounts there are is known from a huoju.toml that can be read."""
    found = look_at_ours(settings)
    named = {*map(str, found.complete), *(one.account for one in found.complaints if one.account)}
    at_home = {f"{PLAYGROUND}/{AT_PLAYGROUND}", f"{TERMINAL}/{AT_TERMINAL}"}
    is_read = settings.config_file.exists() and all(one.place for one in found.complaints)
    return KnownPlaces({*CHANNELS, PLAYGROUND, TERMINAL}, named | at_home if is_read else None)


def look_at_ours(settings: Settings) -> Found:
    """The accounts in huoju.toml that are complete, and what is wrong with the rest."""
    return look_at_accounts(settings, MODELS)
