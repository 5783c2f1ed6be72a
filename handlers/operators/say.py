"""How a chat shows what a verb answers: sentences, and tables as lines, a page at a time."""

from collections.abc import Iterable, Iterator
from typing import Any

from core.answers import (
    NAMES,
    NOTHING,
    Answer,
    AnswerPart,
    ArgumentName,
    Column,
    ColumnFormat,
    Line,
    Link,
    Table,
    Value,
    Verbatim,
    VerbName,
)
from core.campaign.platforms import page_of
from core.operators import VerbRefused
from core.phrasebook import Phrasebook
from core.verbs import Verb

_DOT = " · "


class Teller:
    """Says what verbs answer in one language."""

    def __init__(
        self, phrases: Phrasebook, language: str, public_url: str | None = None, verbs: Iterable[Verb[Any]] = ()
    ) -> None:
        self._phrases, self._language, self._public_url = phrases, language, public_url
        self._colon = "：" if language == "zh" else ": "
        self._verbs = {verb.name: verb for verb in verbs}

    def word(self, sentence: str) -> str:
        """``sentence``, which has no places."""
        return self._phrases.say(sentence, self._language)

    def sentence(self, sentence: str, **values: Value) -> str:
        """``sentence`` with ``values`` in its places."""
        return self.line(Line(sentence, values))

    def line(self, said: Line) -> str:
        """A sentence with its values, words of ours among them in the operator's language, too."""
        sentence = self.word(said.sentence)
        return (
            sentence.format(**{name: self._filled(name, value) for name, value in said.values.items()})
            if said.values
            else sentence
        )

    def _filled(self, place: str, value: Value) -> Value:
        return value if place in NAMES and type(value) is str else self.told(value)

    def told(self, value: Value) -> Value:
        """A value in the place of a sentence: words of ours in the operator's language."""
        match value:
            case Line():
                return self.line(value)
            case VerbName():
                return self.verb(value)
            case ArgumentName():
                name, equals, told = value.partition("=")
                return f"{self.argument(name)}{equals}{self.word(told)}"
            case Verbatim():
                return value
            case str():
                return self.word(value)
        return value

    def argument(self, name: str) -> str:
        """How the argument ``name`` is called in a chat."""
        said = self.word(name.replace("_", " "))
        return said if said != name.replace("_", " ") else name.replace("_", "-")

    def verb(self, name: str) -> str:
        """How the verb ``name`` is said in a chat, and what it is given in place behind it.

        A command or an option that only a terminal has is shown as that.
        """
        words = [] if "--" in name else name.split()
        for count in range(len(words), 0, -1):
            if (found := self._verbs.get(" ".join(words[:count]))) is not None:
                return " ".join((f"/{found.chinese if self._language == 'zh' else found.name}", *words[count:]))
        return f"{VerbName(name)}"

    def refused(self, why: VerbRefused) -> str:
        """Why something cannot be done."""
        return self.line(why.line)

    def answer(self, answer: Answer) -> str:
        """All that a verb answers."""
        parts = [*map(self.part, answer.parts), *(f"⚠ {self.line(one)}" for one in answer.wrong)]
        return "\n\n".join(filter(None, parts))

    def picture(self, answer: Answer) -> str | None:
        """The address of the picture that stands above it; None where this server has no address in the web."""
        if self._public_url is None:
            return None
        found = (one.address(self._public_url) for one in answer.links() if one.picture)
        return next((f"{address}?lang={self._language}" for address in found), None)

    def part(self, part: AnswerPart) -> str:
        """One part of an answer."""
        if isinstance(part, Link):
            return "" if part.picture else f"{self.word(part.sentence)}{self._colon}{part.address(self._public_url)}"
        if isinstance(part, Line):
            return self.line(part)
        return "\n".join(self._table(part))

    def _table(self, table: Table) -> Iterator[str]:
        if not table.rows and table.empty == "":
            return
        if table.title:
            yield self.word(table.title)
        if not table.rows:
            nothing = table.empty or "nothing"
            yield self.line(nothing) if isinstance(nothing, Line) else self.word(nothing)
        elif table.upright:
            for column, value in zip(table.columns, table.rows[0], strict=True):
                yield f"{self._heading(column)}{self._colon}{self.value(column, value)}"
        else:
            yield _DOT.join(map(self._heading, table.columns))
            for row in table.rows:
                yield _DOT.join(self.value(column, value) for column, value in zip(table.columns, row, strict=True))

    def _heading(self, column: Column) -> str:
        said = self.word(column.name)
        return f"{said} (UTC)" if column.shown in {ColumnFormat.MINUTE, ColumnFormat.SECOND} else said

    def value(self, column: Column, value: Value) -> str:
        """One value of a table, in the operator's language where it is a word of ours."""
        if isinstance(value, Line | VerbName | ArgumentName):
            return str(self.told(value))
        text = column.text(value)
        is_name = column.name in NAMES or column.shown in {ColumnFormat.QUOTED, ColumnFormat.COPIED}
        as_it_is = text == NOTHING or is_name
        return text if as_it_is else self.word(text)


def pages(text: str, channel: str) -> tuple[str, str]:
    """The first page of ``text`` on ``channel``, cut between lines where it can be, and the rest."""
    room = page_of(channel)
    if len(text) <= room:
        return text, ""
    cut = text.rfind("\n", 0, room)
    cut = cut if cut > room // 2 else room
    return text[:cut].rstrip(), text[cut:].lstrip("\n")
