"""What a verb answers: lines and tables of typed values, which a terminal, a chat or a script each shows in its way."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Union

if TYPE_CHECKING:
    from core.campaign.rules import Rules

Value = Union[str, int, float, bool, datetime, date, timedelta, Fraction, "Line", None]
"""Instants are aware and in UTC. What is said in words of ours is a :class:`Line` where it has places."""
NOTHING = "-"


class ColumnFormat(Enum):
    """How people read the values of a column."""

    PLAIN = "plain"
    COPIED = "copied"
    """People copy it: it is never broken over lines."""
    QUOTED = "quoted"
    """What somebody wrote, in quotes, with signs that cannot be seen made visible."""
    SIGNED = "signed"
    """A number with + or -."""
    MINUTE = "minute"
    """An instant, to the minute."""
    SECOND = "second"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table, by what its values are."""

    name: str
    shown: ColumnFormat = ColumnFormat.PLAIN

    @property
    def heading(self) -> str:
        """The name, and the zone of instants."""
        return f"{self.name} (UTC)" if self.shown in {ColumnFormat.MINUTE, ColumnFormat.SECOND} else self.name

    @property
    def key(self) -> str:
        """The name as scripts say it."""
        return self.name.replace(" ", "_")

    def text(self, value: Value) -> str:
        """``value`` as people read it."""
        match value:
            case None:
                return NOTHING
            case bool():
                return "yes" if value else "no"
            case datetime():
                return f"{value:%Y-%m-%d %H:%M:%S}" if self.shown is ColumnFormat.SECOND else f"{value:%Y-%m-%d %H:%M}"
            case timedelta():
                return str(value).split(".", maxsplit=1)[0]
        if self.shown is ColumnFormat.QUOTED:
            return repr(value)
        return f"{value:+}" if self.shown is ColumnFormat.SIGNED else str(value)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of values, one of each column."""

    name: str
    """What a row is, in the plural; no other table of an answer is called so."""
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    title: str = ""
    """Said before it."""
    empty: "str | Line | None" = None
    """Said in the place of one without rows; None shows its headings, and "" nothing, not even the title."""
    upright: bool = False
    """One row, a line a column."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, and the values that fill its places."""

    sentence: str
    values: Mapping[str, Value]

    @property
    def text(self) -> str:
        """The sentence with its values, as a terminal shows it."""
        return self.sentence.format(**self.values) if self.values else self.sentence

    def __str__(self) -> str:
        return self.text


class VerbName(str):
    """The name of a verb in a sentence: a terminal shows it as `huoju NAME`, a chat as /NAME."""

    __slots__ = ()

    def __format__(self, _spec: str) -> str:
        return f"`huoju {str(self)}`"  # noqa: RUF010  # its own format would begin anew


class ArgumentName(str):
    """An argument in a sentence: as "state=all", "limit=" for one of any value, or "limit" for its name alone.

    A terminal shows it as an option, a chat as it is typed there.
    """

    __slots__ = ()

    def __format__(self, _spec: str) -> str:
        name, _, value = self.partition("=")
        option = f"--{name.replace('_', '-')}"
        return option if value in {"", "yes"} else f"{option} {value}"


class Verbatim(str):
    """What stands in a sentence as it is, in each language: a word of a file, never one of ours."""

    __slots__ = ()


def line(sentence: str, **values: Value) -> Line:
    """``sentence`` with ``values`` in its places, as :meth:`str.format` reads them."""
    return Line(sentence, values)


@dataclass(frozen=True, slots=True)
class Link:
    """A page or a picture of this installation, by its path, where that has an address in the web."""

    sentence: str
    """What it is."""
    path: str
    """With a slash at its beginning."""
    picture: bool = False
    """Whether it is a PNG, which a chat shows above the text."""
    numbers: Table | None = None
    """What a picture shows, for scripts."""

    def address(self, begins_with: str | None) -> str:
        """The whole address, of which ``begins_with`` is the part before the path."""
        return f"{(begins_with or '').rstrip('/')}{self.path}"


def listing(each: Sequence[Value], between: str = ", ") -> Line:
    """One value that tells ``each`` of some in their order, which each medium says in its way."""
    names = [f"part_{number}" for number in range(len(each))]
    return Line(between.join(f"{{{name}}}" for name in names), dict(zip(names, each, strict=True)))


AnswerPart = Line | Table | Link
NAMES = frozenset(
    {
        *("account", "address", "by", "campaign", "file", "gift", "inviter", "item", "job", "name", "names", "of"),
        *("operator", "place", "player", "players", "pool", "prize", "ref", "text", "title", "user", "word"),
    }
)
"""Places of sentences, and columns, for what somebody has called something: it is no word of ours, whatever it is."""


class Change(NamedTuple):
    """One value that a verb changed; None where there was none before, or is none now.

    Words were set; numbers grew by the difference, whatever else came between.
    """

    what: str
    """In our words: state, points."""
    before: str | int | None
    after: str | int | None
    of: str = ""
    """Whose it is: the name of a campaign, a number."""


class Reach(NamedTuple):
    """Whom a verb reaches, and how much it hands out or takes: what its plan says, and an approval may depend on."""

    people: int = 0
    amount: int = 0
    """In what the verb gives: points, pieces, codes, hundredths of money."""
    campaign: str | None = None
    """Whose file says from which amount on a second operator confirms."""
    currency: str = ""
    """Of an amount of money; "" of any other one."""
    rules: "Rules | None" = None
    """Of a campaign that is published by this very verb, and has no others yet that could judge it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a verb answers, from above to below; it was carried out, or what was to be looked at was found."""

    parts: Sequence[AnswerPart] = ()
    wrong: Sequence[Line] = field(default=(), kw_only=True)
    """What is not good of what was looked at, or was refused while the rest was done; a sentence each."""
    changes: Sequence[Change] = field(default=(), kw_only=True)
    """What is different now, for the log."""
    reach: Reach = field(default=Reach(), kw_only=True)
    afterwards: Sequence[AnswerPart] = field(default=(), kw_only=True)
    """What is told below it only once it was done, as a plan cannot know it: what is drawn by lot then."""
    pinned: Mapping[str, object] = field(default_factory=dict, kw_only=True)
    """Arguments that a plan of it keeps beside those that were given: what it saw, so that nothing else is done."""
    file: Path | None = field(default=None, kw_only=True)
    """What it left for whoever asked for it."""

    def tables(self) -> Iterator[Table]:
        """Its tables."""
        return (part for part in self.parts if isinstance(part, Table))

    def links(self) -> Iterator[Link]:
        """Its links."""
        return (part for part in self.parts if isinstance(part, Link))

    def document(self, say: Callable[[Line], str] = str) -> dict[str, object]:
        """The same for scripts: the sentences, each table by its name, and what is wrong. Instants are ISO 8601.

        Sentences are as ``say`` says them; names and words of values are the same in each language.
        """
        lines = [part for part in self.parts if isinstance(part, Line)]
        return {
            "ending": "not good" if self.wrong else "done",
            "says": [{"text": say(one), "values": _plain(one.values)} for one in lines],
            "links": [_link(one) for one in self.links()],
            "tables": {table.name: _records(table, say) for table in self.tables()},
            "wrong": [say(one) for one in self.wrong],
            **({} if self.file is None else {"file": str(self.file)}),
        }


def more_than(limit: int, found: Sequence[object]) -> list[Line]:
    """What is said below a list of at most ``limit`` where more was ``found``."""
    return (
        [line("… and more; {option} shows more than {limit}", option=ArgumentName(f"limit={limit * 5}"), limit=limit)]
        if len(found) > limit
        else []
    )


def said(sentence: str, **values: Value) -> Answer:
    """An answer of one line."""
    return Answer([line(sentence, **values)])


def _link(one: Link) -> dict[str, object]:
    numbers = {} if one.numbers is None else {one.numbers.name: _records(one.numbers)}
    return {"says": one.sentence, "path": one.path, **numbers}


def _records(table: Table, say: Callable[[Line], str] = str) -> list[dict[str, str | int | float | bool | None]]:
    return [_plain(_record(table, row), say) for row in table.rows]


def _record(table: Table, row: Sequence[Value]) -> dict[str, Value]:
    return {column.key: value for column, value in zip(table.columns, row, strict=True)}


def _plain(values: Mapping[str, Value], say: Callable[[Line], str] = str) -> dict[str, str | int | float | bool | None]:
    return {name: _plain_value(value, say) for name, value in values.items()}


def _plain_value(value: Value, say: Callable[[Line], str]) -> str | int | float | bool | None:
    match value:
        case datetime() | date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Line():
            return say(value)
        case Fraction():
            return str(value)
    return value
