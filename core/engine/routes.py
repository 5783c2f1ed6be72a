"""Routes: how a text becomes an intent, and which handler answers it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from enum import IntEnum
from typing import Any, NamedTuple, Protocol, Self, TypeVar

from core.context import Context, TurnRows
from core.engine.delivery import Delivery
from core.messages import InboundKind, InboundMessage, Keyword, Reply

SPOKEN = frozenset({InboundKind.TYPED, InboundKind.TAPPED})
"""Of what a player alone can say."""

CodeFormats = frozenset[tuple[int, bool]]
"""(length, ends in a check symbol) of all codes that could be meant."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """The rows that an intent names of one mechanic; each has a class of its own, whose defaults name nothing."""

    @property
    def joins(self) -> bool:
        """Whether the sender may join a campaign by this."""
        return False

    def guess(self, *, defers_to_prompt: bool) -> str | None:
        """What is guessed, and costs a try where it is wrong. ``defers_to_prompt`` is said of the route."""
        del defers_to_prompt
        return None

    def is_known(self, ctx: Context) -> bool:
        """Whether this names something that exists here, so that it can be no answer to a question."""
        del ctx
        return False

    def scene(self, rows: TurnRows) -> str | None:
        """What a scene is that reads like this, where it is one that we made; the rows are loaded."""
        del rows
        return None

    def __or__(self, other: Self) -> Self:
        """What either of them names."""
        return type(self)(*(getattr(self, each.name) or getattr(other, each.name) for each in fields(self)))


_Kind = TypeVar("_Kind", bound=Requirement)


@dataclass(frozen=True, slots=True)
class Requires:
    """The rows that an intent names, for the turn to load: those of mechanics, and of what all of them stand on."""

    each: tuple[Requirement, ...] = ()
    """At most one of a class."""
    person: bool = False
    """The other addresses that were linked to the sender's: what is wished at one may hold for all of them."""
    offered: int = 0
    """Which of the words it picks that the sender was asked about, if there was such a question."""
    enters: bool = False
    """The sender joins the campaign that is meant."""
    seed: bool = False
    """Whether the seed of the campaign that is meant is revealed."""
    history: bool = False
    """The player's latest movements of points."""

    def of(self, kind: type[_Kind]) -> _Kind:
        """What is named of the mechanic whose requirements are of ``kind``."""
        return next((one for one in self.each if type(one) is kind), None) or kind()

    @property
    def joins(self) -> bool:
        """Whether the sender may join a campaign by this."""
        return self.enters or any(one.joins for one in self.each)

    @property
    def is_nothing(self) -> bool:
        """Whether no row is named, but for what was offered."""
        return replace(self, offered=0) == Requires()

    def guess(self, *, defers_to_prompt: bool) -> str | None:
        """What is guessed, and costs a try where it is wrong."""
        return next(
            (guess for one in self.each if (guess := one.guess(defers_to_prompt=defers_to_prompt)) is not None), None
        )

    def scene(self, rows: TurnRows) -> str | None:
        """What a scene is that reads like this, where it is one that we made; the rows are loaded."""
        return next((scene for one in self.each if (scene := one.scene(rows)) is not None), None)

    def __or__(self, other: "Requires") -> "Requires":
        """What either of them names."""
        if not other.each:
            each = self.each
        else:
            merged = {type(one): one for one in self.each}
            for one in other.each:
                merged[type(one)] = merged[type(one)] | one if type(one) in merged else one
            each = tuple(merged.values())
        return Requires(
            each,
            self.person or other.person,
            self.offered or other.offered,
            self.enters or other.enters,
            self.seed or other.seed,
            self.history or other.history,
        )


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
    def requires(self) -> Requires:
        """The rows that its handler will read or change."""
        ...


@dataclass(frozen=True, slots=True)
class Route:
    """One intent: how it is recognised in a text (pure; None when it is not meant) and how it is answered."""

    name: str
    recognise: Callable[[str, CodeFormats], Intent | None]
    handle: Callable[[Context, Any], list[Reply]]
    sets_language: bool = True
    """False when the text is no words of a language, such as a code."""
    defers_to_prompt: bool = False
    """True when the text is rather the answer to a question, while one waits for it."""
    renews: bool = False
    """True when the text is worth as much when the question before it is no longer open."""
    is_keyword: bool = True
    """False for the route of texts that nobody understood."""
    ends_prompt: bool = False
    """True when a question that waits is not put again after it: the player turns to something else."""
    kinds: frozenset[InboundKind] = SPOKEN | {
        InboundKind.OPENED,
        InboundKind.SCENE,
        InboundKind.FOLLOWED,
        InboundKind.KEY,
    }
    """How somebody must turn to us for it to be meant."""
    stage: Stage = Stage.WORD
    offers: bool = False
    """True when it may say that nobody understood a text, and ask about words of ours that are near it."""
    near: tuple[str, ...] = ()
    """Words of its own that a slip is asked about, though more than these are recognised."""
    when_erased: bool = False
    """True where it is heard at an address at which all was erased, and which did not begin again."""
    when_blocked: bool = False
    """True where it is heard of somebody, too, who may play nothing: a wish, what a platform tells, a call for help."""


HELP = Keyword(zh="帮助", en="HELP")
"""The word that always helps."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One kind of question: what its answer requires, how it is answered, and how it is put once more.

    ``answer`` gives None when it cannot make anything of the text, having changed nothing.
    """

    name: str
    requires: Requires
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
    begun_by: Keyword = field(default_factory=lambda: HELP)
    """The word that has it asked anew, by language: said where it is let go, or came to its end."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A text's intent and the route that answers it."""

    route: Route
    intent: Intent
    requires: Requires
    """Of the intent, put together once."""
    said: str | None = None
    """What was said instead, in a word that all campaigns know, where it was a campaign's own word."""
    language: str | None = None
    """In which language it was said, where an own word tells it."""


def recognise(message: InboundMessage, code_formats: CodeFormats, routes: Sequence[Route]) -> Recognised:
    """The first route that recognises ``message``; those in ``routes`` must together recognise everything."""
    for route in routes:
        if message.kind in route.kinds and (intent := route.recognise(message.text, code_formats)) is not None:
            return Recognised(route, intent, intent.requires)
    raise LookupError("no route recognises this; the last ones must take everything")


class Wanted(NamedTuple):
    """One delivery, and the rows that its message may name."""

    delivery: Delivery
    requires: Requires


class AllWanted(list[Wanted]):
    """All deliveries of a turn, in their order, and the rows that their messages may name."""

    def __init__(self, each: Iterable[Wanted]) -> None:
        super().__init__(each)
        self._by_kind: dict[type[Requirement], list[tuple[Delivery, Any]]] = {}
        for delivery, requires in self:
            for one in requires.each:
                self._by_kind.setdefault(type(one), []).append((delivery, one))

    def of(self, kind: type[_Kind]) -> Sequence[tuple[Delivery, _Kind]]:
        """The deliveries that say something of the mechanic whose requirements are of ``kind``, and what they say."""
        return self._by_kind.get(kind, ())
