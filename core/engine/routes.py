"""Routes: how a text becomes an intent, and which handler answers it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from enum import IntEnum
from typing import Any, Protocol

from core.context import Context
from core.messages import InboundMessage, Manner, Reply

SPOKEN = frozenset({Manner.TYPED, Manner.TAPPED})
"""Manners of what a player alone can say."""

Shapes = frozenset[tuple[int, bool]]
"""(length, ends in a check symbol) of all codes that could be meant."""


@dataclass(frozen=True, slots=True)
class Needs:
    """The rows that an intent names, for the turn to load."""

    codes: tuple[str, ...] = ()
    """Normalised codes, of which at most one is meant."""
    history: bool = False
    """The player's latest movements of points."""
    claims: bool = False
    """The player's claims, and what was handed to them."""
    gifts: bool = False
    """The campaign's stock of gifts, to be shown."""
    stock: bool = False
    """The stock of gifts of the campaign that a question is about: one of them may be handed out."""
    friends: bool = False
    """What the player's invites have brought."""
    invite_word: str | None = None
    """A normalised invite word."""
    link_word: str | None = None
    """A normalised link word."""
    phone: str | None = None
    """A phone number as typed."""
    scanned: bool = False
    """The invite word that the sender scanned before."""
    torch: bool = False
    """The player's torches, and where they stand."""
    quota: bool = False
    """How many torches the day's quota has left."""
    board: bool = False
    """The heads of the boards."""
    person: bool = False
    """The other addresses that were linked to the sender's: what is wished at one may hold for all of them."""
    offered: int = 0
    """Which of the words it picks that the sender was asked about, if there was such a question."""
    enters: bool = False
    """The sender joins the campaign that is meant."""
    seed: bool = False
    """Whether the seed of the campaign that is meant is revealed."""

    @property
    def joins(self) -> bool:
        """Whether the sender may join a campaign by this."""
        named = bool(self.codes) or self.invite_word is not None or self.phone is not None
        return named or self.enters or self.scanned

    def __or__(self, other: "Needs") -> "Needs":
        """What either of them needs."""
        return Needs(*(getattr(self, each.name) or getattr(other, each.name) for each in fields(self)))


class Stage(IntEnum):
    """When a route is tried; those of one stage in the order of their mechanics."""

    EVENT = 0
    """What a platform says without words: that is no text."""
    CODE = 1
    """A code, and nothing else: no word and no wish is spelt so."""
    WISH = 2
    """To be left alone, or not any more: it is heard in whatever else is said."""
    WORD = 3
    """A word of ours, each of which one route has."""
    PATTERN = 4
    """What is spelt like a code, a phone, an address, a name."""
    LOOSE = 5
    """What may be meant where nothing else is."""
    REST = 6
    """What nobody understood."""


class Intent(Protocol):
    """What a text means."""

    @property
    def needs(self) -> Needs:
        """The rows that its handler will read or change."""
        ...


@dataclass(frozen=True, slots=True)
class Route:
    """One intent: how it is recognised in a text (pure; None when it is not meant) and how it is answered."""

    name: str
    recognise: Callable[[str, Shapes], Intent | None]
    handle: Callable[[Context, Any], list[Reply]]
    speaks: bool = True
    """False when the text is no words of a language, such as a code."""
    yields: bool = False
    """True when the text is rather the answer to a question, while one waits for it."""
    renews: bool = False
    """True when the text is worth as much when the question before it is no longer open."""
    means: bool = True
    """False for the route of texts that nobody understood."""
    leaves: bool = False
    """True when a question that waits is not put again after it: the player turns to something else."""
    manners: frozenset[Manner] = SPOKEN | {Manner.OPENED, Manner.SCENE, Manner.FOLLOWED, Manner.KEY}
    """How somebody must turn to us for it to be meant."""
    stage: Stage = Stage.WORD
    offers: Callable[[str], Sequence[str]] = lambda _text: ()
    """The words of ours that a text may be asked about, in the order of their numbers."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One kind of question: what its answer needs, how it is answered, and how it is put once more.

    ``answer`` gives None when it cannot make anything of the text, having changed nothing.
    """

    name: str
    needs: Needs
    answer: Callable[[Context, str, str], list[Reply] | None]
    """Called with what the question is about, and the text."""
    put: Callable[[Context, str], list[Reply]]
    patience: timedelta
    free: bool = False
    """True when any words may be the answer, so that nothing else is sought in them."""
    bad: str = "question.again"
    """The text that says why an answer could not be used, before the question is put again."""
    menu: bool = False
    """True for a list that one may leave without a word: it is not put again when something else comes between."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A text's intent and the route that answers it."""

    route: Route
    intent: Intent
    needs: Needs
    """Of the intent, put together once."""


def recognise(message: InboundMessage, shapes: Shapes, routes: Sequence[Route]) -> Recognised:
    """The first route that recognises ``message``; those in ``routes`` must together recognise everything."""
    for route in routes:
        if message.manner in route.manners and (intent := route.recognise(message.text, shapes)) is not None:
            return Recognised(route, intent, intent.needs)
    raise LookupError("no route recognises this; the last ones must take everything")
