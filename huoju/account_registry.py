"""The account registry: all our accounts as the processes use them, with their routes, sending halves and links."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from flask import Blueprint

from bots import CHANNELS, load
from bots.base import Channel, ChannelDependencies, Finding, InboundSink, Link, PersonalMenus, Sends
from core.attachments import MediaFetcher
from core.campaign.place_checks import KnownPlaces
from core.places import Place, place_named
from core.retention.keep import Keep
from core.sending.outbound import Limits, SendingAccount
from core.texts.previews import Preview, whole
from huoju.accounts import Account, AccountsRefused, Found, Kinds, look_at_accounts, read_accounts
from huoju.blocked_words import TABLE as NAMES
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


class AccountRegistry:
    """What huoju.toml says, and the accounts that are always there: these are sent for, and are not in ``accounts``."""

    def __init__(
        self, accounts: Sequence[Account], blocked_words: Sequence[str] | None = None, keep: Keep | None = None
    ) -> None:
        self.accounts, self.blocked_words, self.keep = accounts, blocked_words, keep or Keep()

    def outlets(self) -> list[SendingAccount]:
        """How each account may be used for sending."""
        found = (channel.outlet(one.table) for one, channel in self._all())
        return [one for one in found if one is not None]

    def limits(self) -> dict[tuple[str, str], Limits]:
        """What texts cost and what may be spent, by channel and account, where texts cost money."""
        return {(one.channel, one.account): one.limits for one in self.outlets() if one.limits}

    def webhook_paths(self) -> dict[str, str | None]:
        """The path under which the platform calls us, by account; None where we call it."""
        return {str(one): load(one.channel).webhook_path(one.table) for one in self.accounts}

    def routes(self, dependencies: ChannelDependencies, sink: InboundSink) -> Iterator[Blueprint]:
        """What all accounts serve to whom."""
        for name in dict.fromkeys(one.channel for one in self.accounts):
            channel = load(name)
            tables = [one.table for one in self.accounts if one.channel == name and channel.webhook_path(one.table)]
            if tables and (routes := channel.routes(tables, dependencies, sink)) is not None:
                yield routes

    def senders(self, dependencies: ChannelDependencies) -> list[Sends]:
        """The sending halves of all accounts, without those that only the holder of a link can send for."""
        found = (channel.sender(one.table, dependencies) for one, channel in self._all())
        return [one for one in found if one is not None]

    def menus(self, dependencies: ChannelDependencies) -> dict[Place, PersonalMenus]:
        """What shows one person a menu, by account, where there is such a thing."""
        found = ((one, load(one.channel).menus(one.table, dependencies)) for one in self.accounts)
        return {Place(one.channel, one.name): menus for one, menus in found if menus is not None}

    def fetcher(self, account: Account, dependencies: ChannelDependencies) -> MediaFetcher | None:
        """What fetches the media that were sent to ``account``; None where none can be sent."""
        return load(account.channel).fetcher(account.table, dependencies)

    def fetchers(self, dependencies: ChannelDependencies) -> Callable[[Place], MediaFetcher | None]:
        """What finds the fetcher of an account; each is made when it is first asked for."""
        accounts = {Place(one.channel, one.name): one for one in self.accounts}

        @cache
        def at(place: Place) -> MediaFetcher | None:
            account = accounts.get(place)
            return None if account is None else self.fetcher(account, dependencies)

        return at

    def links(self, dependencies: ChannelDependencies, sink: InboundSink, channel: str | None = None) -> list[Linked]:
        """The links of all accounts (of ``channel``), not yet connected."""
        chosen = [one for one in self.accounts if channel in {None, one.channel}]
        found = [(one, load(one.channel).link(one.table, dependencies, sink)) for one in chosen]
        return [Linked(account, link) for account, link in found if link is not None]

    def have_links(self, channel: str | None = None) -> bool:
        """Whether there are any."""
        chosen = (one for one in self.accounts if channel in {None, one.channel})
        return any(load(one.channel).has_link(one.table) for one in chosen)

    def findings(self, account: Account, dependencies: ChannelDependencies) -> Iterator[Finding]:
        """What an operator should know of ``account``; each may take some seconds."""
        return load(account.channel).doctor(account.table, dependencies)

    def contacts(self, channel: str, word: str) -> list[Contact]:
        """How people reach each account of ``channel``, to say ``word``."""
        ours = [one for one in self.accounts if one.channel == channel]
        found = ((one, load(channel)) for one in ours)
        return [Contact(one.name, each.known_as(one.table), each.deep_link(one.table, word)) for one, each in found]

    def previews(self, name: str, text: str) -> dict[str, Preview]:
        """How ``text`` arrives where a campaign file says ``name``: at each of our accounts, if not alike at all.

        Of a channel on which we have none, as at one of which nothing is known; of one that is not here, as it is.
        """
        place = place_named(name)
        if place.channel not in {listed.name for listed in CHANNELS}:
            return {name: whole(text)}
        channel = load(place.channel)
        ours = [one for one, _ in self._all() if one.channel == place.channel and place.account in {"", one.name}]
        found = {str(Place(one.channel, one.name)): channel.preview(one.table, text) for one in ours}
        alike = next(iter(found.values()), channel.preview(None, text))
        return found if len(set(found.values())) > 1 else {name: alike}

    def _all(self) -> Iterator[tuple[Account, Channel[Any]]]:
        """Each account with its channel, those that are always there first."""
        for account in (*_built_in(), *self.accounts):
            yield account, load(account.channel)


_DESCRIBED = tuple(listed.name for listed in CHANNELS if not listed.built_in)


class _Models(Mapping[str, Kinds]):
    """The models of accounts, by channel; those of a channel without accounts are not imported."""

    def __getitem__(self, name: str) -> Kinds:
        return load(name).models

    def __iter__(self) -> Iterator[str]:
        return iter(_DESCRIBED)

    def __contains__(self, name: object) -> bool:
        return name in _DESCRIBED

    def __len__(self) -> int:
        return len(_DESCRIBED)


MODELS: Mapping[str, Kinds] = _Models()


def read_registry(settings: Settings) -> AccountRegistry:
    """What is in huoju.toml. Raises AccountsRefused."""
    found = read_accounts(settings, MODELS)
    return AccountRegistry(found.complete, found.blocked_words, found.keep)


def complete_registry(settings: Settings) -> AccountRegistry:
    """What is complete in huoju.toml, whatever the rest lacks: for a clock, which no mistake there stops."""
    found = look_at_registry(settings)
    return AccountRegistry(found.complete, found.blocked_words, found.keep)


def blocked_words(settings: Settings) -> Sequence[str] | None:
    """The installation's own words that no name holds, whatever its accounts lack. Raises AccountsRefused."""
    found = look_at_registry(settings)
    if wrong := [one for one in found.violations if one.place.split(".")[0] in {"", NAMES}]:
        raise AccountsRefused(wrong)
    return found.blocked_words


def known_places(settings: Settings) -> KnownPlaces:
    """Where people can talk with us; which accounts there are is known from a huoju.toml that can be read."""
    found = look_at_registry(settings)
    named = {*map(str, found.complete), *(one.account for one in found.violations if one.account)}
    is_read = settings.config_file.exists() and all(one.place for one in found.violations)
    return KnownPlaces({listed.name for listed in CHANNELS}, named | {*map(str, _built_in())} if is_read else None)


def look_at_registry(settings: Settings) -> Found:
    """The accounts in huoju.toml that are complete, and what is wrong with the rest."""
    return look_at_accounts(settings, MODELS)


def _built_in() -> list[Account]:
    """The accounts that huoju.toml does not describe."""
    names = [listed.name for listed in CHANNELS if listed.built_in]
    return [Account(name, table.name, table) for name in names for table in load(name).built_in]
