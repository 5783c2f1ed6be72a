"""What a verb is told: typed arguments, read from what somebody typed, each wrong one refused in one sentence."""

import re
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import Enum, auto
from typing import Annotated, Any, Literal, NamedTuple, Self, Union, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import Base64Bytes, BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

from core.alphabet import normalise
from core.answers import Line, Value, VerbName, line, listing
from core.campaign.platforms import channel_called
from core.operators import Misspoken
from core.phones import looks_like_phone
from core.speech.keywords import plain
from core.texts.languages import LANGUAGES, names_of
from core.words import Kind, Mark, is_word, read_row_number, row_number

_ADDRESS = re.compile(r"([^/]+)/([^/]+)/(.+)")
_INSTANTS = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S")
_NO_NUMBER = "{number} is no number of ours, a symbol is wrong or missing; copy it from {verb}"
_LISTED_BY: Mapping[Mark, Value] = {
    Mark.CLAIM: VerbName("claims list"),
    Mark.FRIEND: listing([VerbName("invites list"), VerbName("names list")], " / "),
    Mark.PLAYER: VerbName("player find"),
}
_WRONG = {
    "missing": "something must stand here",
    "extra_forbidden": "nothing like this can be said here",
    "int_parsing": "write a whole number, for example 50",
    "int_type": "write a whole number, for example 50",
    "int_from_float": "write a whole number, for example 50",
    "int_parsing_size": "write a smaller number",
    "greater_than_equal": "write {ge} or more",
    "less_than_equal": "write {le} or less",
    "enum": "write one of: {expected}",
    "literal_error": "write one of: {expected}",
    "bool_parsing": "write yes or no",
    "bool_type": "write yes or no",
    "too_short": "say one at least",
}
"""What each kind of error says that pydantic finds; its words are for programmers."""
_LONGEST_SHOWN = 20
_LENGTHS_OF_NUMBERS = range(13, 18)
"""Symbols of a number of a row, and of one with a slip or two."""
_SAMPLE_ROW = 12


class BadArgument(Misspoken):
    """What was typed for an argument is none of its kind; the message says which, and what would do."""

    def __init__(self, name: str, why: Line) -> None:
        argument = name.replace("_", " ")
        if why.sentence == _WRONG["missing"]:
            super().__init__("{argument} is missing", argument=argument)
        else:
            super().__init__("{argument}: {why}", argument=argument, why=why)
        self.name, self.why = name, why


class Given(Enum):
    """Where an argument stands, if not where its kind does: what is required in its place, the rest by its name."""

    IN_PLACE = auto()
    BY_NAME = auto()
    IN_CHAT = auto()
    """By its name, and in a chat alone: a terminal knows it by the name of the file that it is to write."""


class ArgumentKind(Enum):
    """What may be typed for an argument."""

    WORD = "word"
    NUMBER = "number"
    CHOICE = "choice"
    SWITCH = "switch"
    """Said or not said."""
    FILE = "file"
    """Never typed: it is sent before."""
    INSTANT = "instant"
    """A day, or a day and a time, in UTC."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a verb, as help and completion tell of it."""

    name: str
    says: str
    kind: ArgumentKind
    called: str
    """How its place is named in the help."""
    required: bool
    in_place: bool
    """True where it stands in its order, False where its name is said, too."""
    many: bool
    """True for any number of them."""
    default: Any
    choices: Sequence[str] = ()
    example: str = ""
    least: int | None = None
    most: int | None = None
    in_chat: bool = False
    """True where a terminal does not ask for it."""


class Arguments(BaseModel):
    """The arguments of a verb; each has a description."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def read(cls, given: Mapping[str, object]) -> Self:
        """Read what was typed, by name. Raises BadArgument, and Misspoken for a number of a row that is mistyped."""
        try:
            return cls.model_validate(dict(given))
        except ValidationError as error:
            first = error.errors()[0]
            raise BadArgument(str(first["loc"][0]) if first["loc"] else "", _why(first)) from None

    @classmethod
    def each(cls) -> Iterator[Argument]:
        """What it takes, in their order."""
        return (_argument(name, field) for name, field in cls.model_fields.items())


def _why(error: ErrorDetails) -> Line:
    if (sentence := _WRONG.get(error["type"])) is None:
        return line(error["msg"].removeprefix("Value error, "))
    told = {name: value for name, value in error.get("ctx", {}).items() if f"{{{name}}}" in sentence}
    if "expected" in told:
        told["expected"] = listing(re.findall(r"'([^']+)'", str(told["expected"])))
    return line(sentence, **told)


class SentFile(BaseModel):
    """A file that was sent to us, whole."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    content: Base64Bytes


class NoArguments(Arguments):
    """A verb that is told nothing."""


def _argument(name: str, field: FieldInfo) -> Argument:
    annotation, many = _one(field.annotation)
    required = field.is_required()
    choices = _choices(annotation)
    return Argument(
        name,
        field.description or "",
        _kind(annotation),
        field.title or name.upper().replace("_", "-"),
        required,
        Given.IN_PLACE in field.metadata or (required and Given.BY_NAME not in field.metadata),
        many,
        None if required else field.default,
        choices,
        _example(field),
        _bound(field, Ge, "ge"),
        _bound(field, Le, "le"),
        Given.IN_CHAT in field.metadata,
    )


def _example(field: FieldInfo) -> str:
    """One that can be read: its own, or a number of a row that is spelt right."""
    if field.examples:
        return str(field.examples[0])
    within = (one for each in get_args(field.annotation) for one in getattr(each, "__metadata__", ()))
    mark = next((one for one in (*field.metadata, *within) if isinstance(one, Mark)), None)
    return "" if mark is None else row_number(mark, _SAMPLE_ROW)


def _choices(annotation: Any) -> tuple[str, ...]:
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return tuple(str(one.value) for one in annotation)
    return tuple(map(str, get_args(annotation))) if get_origin(annotation) is Literal else ()


def _bound(field: FieldInfo, kind: type, name: str) -> int | None:
    found = next((getattr(one, name) for one in field.metadata if isinstance(one, kind)), None)
    return found if isinstance(found, int) else None


def _one(annotation: Any) -> tuple[Any, bool]:
    """What one of them is, without "or none", and whether there may be many."""
    while get_origin(annotation) in {Union, types.UnionType, Annotated}:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) is tuple:
        return _one(get_args(annotation)[0])[0], True
    return annotation, False


def _kind(annotation: Any) -> ArgumentKind:
    if _choices(annotation):
        return ArgumentKind.CHOICE
    return {
        SentFile: ArgumentKind.FILE,
        bool: ArgumentKind.SWITCH,
        datetime: ArgumentKind.INSTANT,
        int: ArgumentKind.NUMBER,
    }.get(annotation, ArgumentKind.WORD)


class PlayerAddress(NamedTuple):
    """A player's address, as operators write it: channel/account/user."""

    channel: str
    account: str
    user: str

    def __str__(self) -> str:
        return "/".join(self)


def _address(match: re.Match[str]) -> PlayerAddress:
    channel, account, user = match.groups()
    return PlayerAddress(channel_called(channel), account, user)


def _read_address(text: object) -> object:
    if not isinstance(text, str):
        return text
    match = _ADDRESS.fullmatch(text)
    if not match:
        said = "write an address as channel/account/user, for example playground/demo/anna"
        raise PydanticCustomError("address", said)
    return _address(match)


class PlayerName(NamedTuple):
    """A player as an operator names one; one of these is there."""

    said: str
    address: PlayerAddress | None = None
    phone: str | None = None
    """As it was typed, without a country code perhaps."""
    player_id: int | None = None
    word: str | None = None
    """The player's own invite word, normalised."""

    def __str__(self) -> str:
        return self.said


def player_named(text: str) -> PlayerName | None:
    """The player whom ``text`` names, by address, number, invite word or phone; None where it is none of these.

    Raises Misspoken for a number that is mistyped.
    """
    said = text.strip()
    if match := _ADDRESS.fullmatch(said):
        return PlayerName(said, address=_address(match))
    word = normalise(said)
    if is_word(Kind.INVITE, word):
        return PlayerName(said, word=word)
    for mark in (Mark.PLAYER, Mark.FRIEND):  # a friend of the lists of invites and names is a player, too
        if word.startswith(mark) and len(word) in _LENGTHS_OF_NUMBERS and word[1:2].isdigit():
            return PlayerName(said, player_id=row_of(mark, said))
    return PlayerName(said, phone=said) if looks_like_phone(said) else None


def _read_player(text: object) -> object:
    if not isinstance(text, str):
        return text
    if (named := player_named(text)) is None:
        said = (
            "name the player by number, phone or invite code, or write an address as channel/account/user,"
            " for example playground/demo/anna"
        )
        raise PydanticCustomError("player", said)
    return named


def instant_named(text: str, zone: tzinfo = UTC) -> datetime | None:
    """The instant that ``text`` names in ``zone``, a day or a day and a time; None where it names none."""
    for form in _INSTANTS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=zone).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None


def _read_instant(text: object) -> object:
    if not isinstance(text, str):
        return text
    if (found := instant_named(text)) is None:
        raise PydanticCustomError("instant", "write a day, or a day and a time, for example 2026-12-02 01:00")
    return found


def _row(mark: Mark) -> BeforeValidator:
    return BeforeValidator(lambda text: row_of(mark, text) if isinstance(text, str) else text)


def row_of(mark: Mark, number: str) -> int:
    """The id of the row that operators know under ``number``. Raises Misspoken when it is mistyped."""
    row_id = read_row_number(mark, number)
    if row_id is None:
        shown = number if len(number) <= _LONGEST_SHOWN and number.isprintable() else "this"
        raise Misspoken(_NO_NUMBER, number=shown, verb=_LISTED_BY[mark])
    return row_id


def _read_channel(text: object) -> object:
    return channel_called(text) if isinstance(text, str) else text


def _read_account(text: object) -> object:
    if not isinstance(text, str):
        return text
    channel, slash, account = text.strip().partition("/")
    return f"{channel_called(channel)}{slash}{account}"


def _read_language(text: object) -> object:
    called = {plain(name): code for code in LANGUAGES for name in names_of(code)}
    return called.get(plain(text), text) if isinstance(text, str) else text


ChannelArgument = Annotated[str, BeforeValidator(_read_channel)]
"""The name of a channel, as people call it, too: 短信."""
LanguageArgument = Annotated[str, BeforeValidator(_read_language)]
"""The code of a language; one that Huoju comes in by its name, too: 英文."""
AccountArgument = Annotated[str, BeforeValidator(_read_account)]
"""channel/account."""
AddressArgument = Annotated[PlayerAddress, BeforeValidator(_read_address)]
InstantArgument = Annotated[datetime, BeforeValidator(_read_instant)]
ClaimNumber = Annotated[int, _row(Mark.CLAIM), Mark.CLAIM]
PlayerArgument = Annotated[PlayerName, BeforeValidator(_read_player), Mark.PLAYER]
"""A player, however an operator names one: what it names is found by core.engine.lookup."""
FriendNumber = Annotated[int, _row(Mark.FRIEND), Mark.FRIEND]
