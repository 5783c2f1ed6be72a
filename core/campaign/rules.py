"""The grammar of a campaign file: what may stand in it, with remedies for what may not.

Published rules are read with the same grammar for as long as they live: what it once accepted it must accept for ever.
A new refusal belongs into the findings of a section, or into `core/campaign/checks.py`: they only look at what is about
to be published.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, Self, TypeVar, overload

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from core.campaign.findings import Unfit
from core.campaign.goods import Goods
from core.campaign.grammar import (
    Language,
    Name,
    Part,
    Phrase,
    Phrases,
    PlaceName,
    Section,
    Tries,
    UsualSection,
    Within,
    in_order,
)
from core.campaign.quantities import Days, MomentField, MoneyField, Points, Region, ZoneField
from core.campaign.unasked import FollowUpLimits
from core.places import Place

_Section = TypeVar("_Section", bound=Section)
_Usual = TypeVar("_Usual", bound=UsualSection)


def _several(said: object) -> object:
    return (said,) if isinstance(said, str) else said


_OwnWord = Annotated[str, StringConstraints(min_length=1, max_length=32)]
OwnWords = Annotated[
    tuple[_OwnWord, ...],
    Field(min_length=1, max_length=20),
    BeforeValidator(
        _several, json_schema_input_type=_OwnWord | Annotated[tuple[_OwnWord, ...], Field(min_length=1, max_length=20)]
    ),
]
"""What players may type for one word of ours; the first one is named."""


_NOTHING_YET = BeforeValidator(lambda said: {} if said is None else said)
"""A language under which all lines are still comments."""


class PointRules(Part):
    """What points are worth to the organiser and when they expire. ``earn`` is credited where there is no draw."""

    earn: Points | None = Field(None, description="Points for each code, in a campaign without a draw.")
    worth: MoneyField | None = Field(
        None, description="What one point costs you; the check counts with it.", examples=["0.01 CNY"]
    )
    expire: Days | None = Field(
        None, description="Points expire so many days after they were earned, at the end of that day."
    )


class Rules(Part):
    """A whole campaign file. What mechanics keep in sections of their own is kept as it was published."""

    model_config = ConfigDict(extra="allow")

    name: Name = Field(
        description=(
            "What you and your operators call it: 1 to 32 of a-z, 0-9 and -, beginning with a letter. It never changes."
        )
    )
    title: Phrases = Field(description="What players call it.")
    organiser: Phrases = Field(description="Who runs it, as the rules name you.")
    zone: ZoneField = Field(description="The time zone whose midnight ends a day, and in which times are told.")
    opens: MomentField = Field(description="When it opens.")
    closes: MomentField = Field(description="When it closes; after that no code counts.")
    channels: Annotated[tuple[PlaceName, ...], Field(min_length=1)] = Field(
        description=(
            "Where it is played: channels, or single accounts of yours such as wechat/main. Nowhere else does"
            " anybody learn of it."
        )
    )
    language: Language = Field(
        "zh",
        description=(
            "The language of the answer to somebody who has not yet said a word, where the title is in several;"
            " the only one of a file whose phrases stand alone."
        ),
    )
    budget: MoneyField | None = Field(
        None,
        description=(
            "The most that prizes, gifts and points may cost. A draw needs one; the check adds up the dearest case."
        ),
    )
    contact: Phrases | None = Field(
        None, description="Whom players can ask, and how: said to whoever wants a person, or complains."
    )
    conditions: Phrases | None = Field(
        None, description="Who may take part and how prizes are received; part of the rules that players read."
    )
    points: PointRules = Field(
        PointRules(),
        description="What a code earns where nothing is drawn, what points are worth to you, and when they expire.",
    )
    follow_up_limits: FollowUpLimits | None = Field(
        None,
        description=(
            "How often follow-ups and calendar texts, together, may be said to one player, and at what hours"
            " they are not."
        ),
    )
    region: Region | None = Field(None, description="The country whose phone numbers are typed without a country code.")
    texts: dict[Language, Annotated[dict[str, Phrase], _NOTHING_YET]] = Field(
        default_factory=dict,
        description=(
            "Your own words in place of ours, by language and by key, and all words of a language that Huoju does not"
            " come in; the command texts lists all keys."
        ),
    )

    words: dict[Language, Annotated[dict[str, OwnWords], _NOTHING_YET]] | None = Field(
        None,
        description=(
            "What players type in their language, by language and by the word of ours that it stands for: one, or a"
            " list of which our texts name the first. Ours are understood as well."
        ),
    )

    _kinds: tuple[type[Section], ...] | None = None

    def knowing(self, kinds: Sequence[type[Section]]) -> Self:
        """These rules, in which what mechanics are told is known to be of ``kinds``."""
        self._kinds = tuple(kinds)
        return self

    def each(self) -> Iterator[Section]:
        """What is said of each mechanic, or holds unsaid, in the order of mechanics."""
        return iter(self._each)

    @cached_property
    def _each(self) -> tuple[Section, ...]:
        assert self._kinds is not None, "rules of which nobody told what mechanics there are"
        return tuple(section for section in map(self.section, self._kinds) if section is not None)

    @overload
    def section(self, kind: type[_Usual]) -> _Usual: ...
    @overload
    def section(self, kind: type[_Section]) -> _Section | None: ...
    def section(self, kind: type[_Section]) -> _Section | None:
        """What is said of the mechanic whose section is of ``kind``; None where nothing is and nothing holds then."""
        try:
            found: _Section | None = self._sections[kind]
        except KeyError:
            found = self._sections[kind] = self._read(kind)
        return found

    def _read(self, kind: type[_Section]) -> _Section | None:
        if self.says(kind):
            return kind.model_validate((self.model_extra or {})[kind.key])
        return kind.usual() if issubclass(kind, UsualSection) else None

    def says(self, kind: type[Section]) -> bool:
        """Whether something is said of the mechanic whose section is of ``kind``."""
        return (self.model_extra or {}).get(kind.key) is not None

    @cached_property
    def _sections(self) -> dict[type[Section], Any]:
        return {}

    def plays_at(self, place: Place) -> bool:
        """Whether the campaign is played at ``place``."""
        return place.is_among(self.channels)

    def goods(self) -> Iterator[tuple[Within, Goods]]:
        """Everything that can be won or bought, each with its place in a campaign file."""
        for section in self.each():
            yield from (((section.key, *place), item) for place, item in section.goods())

    @property
    def languages(self) -> tuple[str, ...]:
        """Those in which it speaks with players, those of its title; its main one first."""
        return tuple(dict.fromkeys((self.language, *in_order(self.title.by_language))))

    @model_validator(mode="before")
    @classmethod
    def _main_language(cls, said: object) -> object:
        """Where a file does not say its main language, it is Chinese where the title is, else the first one of it."""
        title = said.get("title") if isinstance(said, dict) else None
        if not isinstance(said, dict) or "language" in said or not isinstance(title, dict) or not title:
            return said
        return {**said, "language": "zh" if "zh" in title else str(next(iter(title)))}

    def segments_named(self) -> Mapping[str, str]:
        """The segments that have a name in this file, each as it was written."""
        return {name: text for section in self.each() for name, text in section.segments_named.items()}

    def takes_codes(self) -> bool:
        """Whether a code from a card brings anything: a draw, points, or what another mechanic gives for it."""
        return self.pays_codes() or any(section.takes_codes for section in self.each())

    def pays_codes(self) -> bool:
        """Whether codes are what one plays with: they win, or earn points."""
        return self.wins or self.points.earn is not None

    @cached_property
    def wins(self) -> bool:
        """Whether codes can win something; then whatever they win by says what the others earn."""
        return any(section.wins for section in self.each())

    @cached_property
    def brings_friends(self) -> bool:
        """Whether players can bring friends in."""
        return any(section.brings_friends for section in self.each())

    @cached_property
    def tries(self) -> Tries:
        """How many wrong codes and words are borne."""
        return next((each for section in self.each() if (each := section.tries) is not None), Tries())

    @property
    def code_length(self) -> int | None:
        """How many symbols its codes have, where it has any."""
        return next((each for section in self.each() if (each := section.code_length) is not None), None)

    @property
    def planned_codes(self) -> int:
        """How many codes will ever be issued, at most; 0 where nobody says so."""
        return sum(section.planned_codes for section in self.each())

    @property
    def currency(self) -> str | None:
        """In which it says what things are worth; None where it says nothing of that, or has several."""
        amounts = (self.budget, self.points.worth, *(item.value for _, item in self.goods()))
        found = {amount.currency for amount in amounts if amount is not None}
        return found.pop() if len(found) == 1 else None

    def earned(self) -> int:
        """Points for a code that wins nothing."""
        return sum(section.consoles for section in self.each()) if self.wins else self.points.earn or 0

    def canonical(self) -> str:
        """The rules as JSON with one spelling: what is stored, and hashed."""
        document = self.model_dump(mode="json", exclude_none=True)
        return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def resolved(self, published_at: datetime) -> "Rules":
        """These rules with both instants absolute, as they are frozen at publication."""
        opens_at = self.opens.resolve(published_at)
        closes_at = self.closes.resolve(published_at, opens_at)
        if closes_at <= opens_at:
            raise Unfit("closes: the campaign must close after it opens")
        key = self.zone.key
        return self.model_copy(
            update={"opens": type(self.opens)(opens_at, key), "closes": type(self.closes)(closes_at, key)}
        )


def rules_hash(canonical: str) -> str:
    """SHA-256, in hex, of canonical rules."""
    return hashlib.sha256(canonical.encode()).hexdigest()
