"""What every part of a campaign file is made of: names, phrases in one language or more, counts and limits."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import new_class
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, NamedTuple, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    RootModel,
    StringConstraints,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from core.answers import Line
from core.campaign.findings import Unfit, remedy
from core.messages import Keyword
from core.places import Place
from core.texts.languages import LANGUAGES, is_language, language_meant

if TYPE_CHECKING:
    from core.campaign.goods import Goods
    from core.campaign.rules import Rules

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
"""1 to 32 of a–z, 0–9 and -, beginning with a letter."""
PlaceName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}(/[a-z0-9][a-z0-9_-]{0,31})?$")]
"""A channel with all our accounts there, such as wechat, or one of them as huoju.toml calls it: wechat/brand-a."""
SPOKEN = "spoken"
"""Under this key whoever reads a file tells its phrases which languages the campaign speaks."""


def _known_language(tag: str) -> str:
    if is_language(tag):
        return tag
    meant = language_meant(tag)
    asked = remedy(" (do you mean {language}?)", language=meant) if meant else remedy("")
    told = "{tag} is no language{asked}; write its code of two or three letters, such as zh, en, vi or id"
    raise Unfit(told, tag=tag, asked=asked)


Language = Annotated[
    str,
    AfterValidator(_known_language),
    Field(json_schema_extra={"pattern": "^[a-z]{2,3}$", "examples": ["en", "zh", "vi"]}),
]
"""A language of ISO 639, without script and country."""
LONGEST_PHRASE = 500
"""Characters."""
Phrase = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_PHRASE)]
Count = Annotated[int, Field(ge=0, le=10**12, strict=True)]
Limit = Annotated[int, Field(ge=1, le=10**6, strict=True)]


class Part(BaseModel):
    """A part of a campaign file: unknown words are refused, nothing changes after reading."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Phrases(Part, RootModel[dict[Language, Phrase]]):
    """One phrase in each language that the campaign speaks; where that is one, it may stand alone in the file."""

    model_config = ConfigDict(extra=None)

    def __hash__(self) -> int:
        return hash(frozenset(self.root.items()))

    @property
    def by_language(self) -> Mapping[str, str]:
        """It in each language."""
        return self.root

    @property
    def each(self) -> tuple[str, ...]:
        """What it says, in whatever language, the same words once: Chinese first, then English, then others."""
        return tuple(dict.fromkeys(self.root[language] for language in in_order(self.root)))

    def said(self, *languages: str) -> str:
        """It in the first of ``languages`` that it is in, or else in any."""
        order = (*languages, *in_order(self.root))
        return next(self.root[language] for language in order if language in self.root)

    @model_validator(mode="before")
    @classmethod
    def _alone(cls, said: object, told: ValidationInfo) -> object:
        if isinstance(said, str):
            spoken: Sequence[str] = told.context.get(SPOKEN, ()) if isinstance(told.context, dict) else ()
            if len(spoken) == 1:
                return {spoken[0]: said}
            example = ", ".join(f"{each}: …" for each in spoken or LANGUAGES)
            if spoken:
                raise Unfit("say this in each language of the title: {example}", example=f"{{{example}}}")
            either = "say in which language this is: {example}; or language: en, where all of the file is in one"
            raise Unfit(either, example=f"{{{example}}}")
        if said == {}:
            raise Unfit("write a text here; it may not be empty")
        return said

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        del schema, handler
        text = {"type": "string", "minLength": 1, "maxLength": LONGEST_PHRASE}
        known = {
            "zh": {**text, "description": "In Chinese."},
            "en": {**text, "description": "In English."},
        }
        several = {"type": "object", "properties": known, "propertyNames": {"pattern": "^[a-z]{2,3}$"}}
        return {"anyOf": [{**several, "additionalProperties": text, "minProperties": 1}, text]}


def in_order(languages: Iterable[str]) -> list[str]:
    """``languages``, those that Huoju comes in first."""
    found = set(languages)
    return [*(each for each in LANGUAGES if each in found), *sorted(found - set(LANGUAGES))]


def phrases_in(part: object, within: "Within" = ()) -> Iterator[tuple["Within", Phrases]]:
    """All phrases in a part of a campaign file, each with its place in it."""
    if isinstance(part, Phrases):
        yield within, part
    elif isinstance(part, RootModel):
        yield from phrases_in(part.root, within)
    elif isinstance(part, BaseModel):
        for key in type(part).model_fields:
            yield from phrases_in(getattr(part, key), (*within, key))
    elif isinstance(part, tuple):
        for at, each in enumerate(part):
            yield from phrases_in(each, (*within, at))


class Tries(NamedTuple):
    """How many wrong codes and words are borne."""

    per_day: int = 20
    """Of one sender; after these the day is locked (My Coke Rewards locked at 20)."""
    per_hour: int = 10_000
    """Of a whole campaign; above it each sender has only ``under_attack`` tries a day."""
    under_attack: int = 3


Within = tuple[str | int, ...]
"""A place within a section."""


class Section(Part):
    """What a campaign file says of one mechanic, under a key of its own."""

    key: ClassVar[str]
    says: ClassVar[str] = ""
    """What it is for, in one sentence."""
    told_as: ClassVar[str | None] = None
    """How the texts are called that say what a campaign is, where codes are not what one plays with."""
    reminds: ClassVar[bool] = False
    """Whether it reminds players of what waits for them, which quiet hours put off."""

    @property
    def played(self) -> bool:
        """Whether it may be all that there is to play."""
        return False

    @property
    def takes_codes(self) -> bool:
        """Whether a code from a card brings anything by it."""
        return False

    @property
    def wins(self) -> bool:
        """Whether codes can win something by it."""
        return False

    @property
    def consoles(self) -> int:
        """Points for a code that can win something by it, and does not."""
        return 0

    @property
    def tries(self) -> Tries | None:
        """How many wrong codes and words are borne; None where that is no affair of it."""
        return None

    @property
    def code_length(self) -> int | None:
        """How many symbols its codes have; None where it has none."""
        return None

    @property
    def planned_codes(self) -> int:
        """How many codes it will ever have, at most; 0 where nobody says so."""
        return 0

    @property
    def gives_points(self) -> bool:
        """Whether players get points by it."""
        return False

    @property
    def brings_friends(self) -> bool:
        """Whether players can bring friends in."""
        return False

    @property
    def waits_for_code(self) -> bool:
        """Whether a friend's code concerns the player who brought the friend in."""
        return False

    @property
    def segments_named(self) -> Mapping[str, str]:
        """Segments to which it gives a name, each as it was written."""
        return {}

    def friends_at(self, rules: "Rules", place: Place) -> bool:
        """Whether friends can be brought in at ``place``."""
        del rules, place
        return False

    def asks_word(self, place: Place) -> bool | None:
        """Whether somebody who comes by a scan or a link types a word at ``place`` before joining; None: as usual."""
        del place
        return None

    def notes(self, rules: "Rules") -> Iterable[Line]:
        """What an operator should know, though nothing is refused."""
        del rules
        return ()

    unasked: ClassVar[bool] = False
    """Whether it says what nobody asked for, which a campaign may limit."""
    worded: ClassVar[bool] = False
    """Whether words of other mechanics may stand in it."""
    words: ClassVar[object] = None
    """Which (core.triggers.Words), where that is known (:meth:`knowing`)."""

    @classmethod
    def knowing(cls, words: object) -> type[Self]:
        """The same where no words but these may stand in it; itself for one in which none may."""
        if not cls.worded:
            return cls

        body = {"words": words, "__module__": cls.__module__, "__qualname__": cls.__qualname__, "__doc__": cls.__doc__}
        return new_class(cls.__name__, (cls,), exec_body=lambda namespace: namespace.update(body))

    @classmethod
    def spelling(cls) -> Mapping[str, Mapping[str, Any]]:
        """What JSON Schema says of the words that may stand in its parts, by keys; of the section itself by ""."""
        return {}

    @property
    def file_beside(self) -> tuple[str, str] | None:
        """A field that names a file beside the campaign file, which is still to be read, and the name of that file."""
        return None

    def holding(self, content: bytes) -> Self:
        """The same, which names that file by the SHA-256 of its content. Raises Unfit for what is no use."""
        del content
        return self

    def findings(self, rules: "Rules") -> Iterable[tuple[Within, Line]]:
        """What must not be published: a place within the section, and the remedy."""
        del rules
        return ()

    def changes(self, before: Self) -> Iterable[Line]:
        """What is other than ``before``, where players or the budget feel it; stocks are told of all goods alike."""
        del before
        return ()

    def goods(self) -> Iterable[tuple[Within, "Goods"]]:
        """What can be won or bought by it, each with its place."""
        return ()

    def costs(self, rules: "Rules", codes_count: int) -> int:
        """The most that it costs the organiser when there are ``codes_count`` codes, in hundredths."""
        del rules, codes_count
        return 0

    def shown_again_by(self) -> Keyword | None:
        """The word that shows its list again, for whoever chose from an old one; None where there is no list."""
        return None


class UsualSection(Section):
    """One that holds where a file says nothing of it, too: with its usual values."""

    published: ClassVar[bool] = False
    """Whether the usual values stand in published rules, too."""

    @classmethod
    def usual(cls) -> Self:
        """What holds where nothing is said."""
        return cls()


class Named(Part):
    """A part of a list, which it is named in."""

    name: Name = Field(description="What your lists call it; each name once.")


_Listed = TypeVar("_Listed", bound=Named)


def known_word(word: object, words: Collection[str] | None) -> object:
    """``word``, where it is one of ``words`` or nobody knows them: published rules have what was known then.

    Raises PydanticCustomError for another one, which is explained as for a Literal.
    """
    if words is None or word in words:
        return word
    *others, last = (f"'{each}'" for each in sorted(words))
    expected = f"{', '.join(others)} or {last}" if others else last
    raise PydanticCustomError("literal_error", "Input should be {expected}", {"expected": expected})


class SectionList(UsualSection, RootModel[Annotated[tuple[_Listed, ...], Field(max_length=50)]], Generic[_Listed]):
    """A section that is a list, each of its parts with a name of its own; an empty one where nothing is said."""

    model_config = ConfigDict(extra=None)  # a list has no keys
    called: ClassVar[str]
    """What its parts are called, more than one."""

    @property
    def each(self) -> tuple[_Listed, ...]:
        """Its parts, in their order."""
        return self.root

    def named(self, name: str) -> _Listed | None:
        """The part called ``name``."""
        return next((each for each in self.root if each.name == name), None)

    @classmethod
    def usual(cls) -> Self:
        """Nothing."""
        return cls(())

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        refuse_twins(self.called, [each.name for each in self.root])
        return self


def refuse_twins(called: str, names: list[str]) -> None:
    """Raise ValueError where two of ``names`` are the same; ``called`` is what they name, more than one."""
    for name in names:
        if names.count(name) > 1:
            raise Unfit("two {called} are named {name}; give each its own name", called=remedy(called), name=name)
