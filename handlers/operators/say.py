"""How a chat shows what a verb answers: sentences, and tables as lines, a page at a time."""

from collections.abc import Iterator

from core.answers import NOTHING, Answer, AnswerPart, Column, ColumnFormat, Line, Link, Table, Value
from core.campaign.platforms import page_of
from core.operators import VerbRefused
from core.phrasebook import Phrasebook

_DOT = " · "


class Teller:
    """Says what verbs answer in one language."""

    def __init__(self, phrases: Phrasebook, language: str, public_url: str | None = None) -> None:
        self._phrases, self._language, self._public_url = phrases, language, public_url

    def word(self, sentence: str) -> str:
        """``sentence``, which has no places."""
        return self._phrases.say(sentence, self._language)

    def sentence(self, sentence: str, **values: object) -> str:
        """``sentence`` with ``values`` in its places."""
        told = {name: self.word(value) if isinstance(value, str) else value for name, value in values.items()}
        return self.word(sentence).format(**told)

    def refused(self, why: VerbRefused) -> str:
        """Why something cannot be done."""
        return self.sentence(why.sentence, **why.values) if why.values else self.word(str(why))

    def answer(self, answer: Answer) -> str:
        """All that a verb answers."""
        parts = [*map(self._part, answer.parts), *(f"⚠ {self.word(one)}" for one in answer.wrong)]
        return "\n\n".join(filter(None, parts))

    def picture(self, answer: Answer) -> str | None:
        """The address of the picture that stands above it."""
        return next((one.address(self._public_url) for one in answer.links() if one.picture), None)

    def _part(self, part: AnswerPart) -> str:
        if isinstance(part, Link):
            return "" if part.picture else f"{self.word(part.sentence)}: {part.address(self._public_url)}"
        if isinstance(part, Line):
            return self.sentence(part.sentence, **part.values) if part.values else self.word(part.sentence)
        return "\n".join(self._table(part))

    def _table(self, table: Table) -> Iterator[str]:
        if not table.rows and table.empty == "":
            return
        if table.title:
            yield self.word(table.title)
        if not table.rows:
            yield self.word(table.empty or "nothing")
        elif table.upright:
            for column, value in zip(table.columns, table.rows[0], strict=True):
                yield f"{self._heading(column)}: {self._value(column, value)}"
        else:
            yield _DOT.join(map(self._heading, table.columns))
            for row in table.rows:
                yield _DOT.join(self._value(column, value) for column, value in zip(table.columns, row, strict=True))

    def _heading(self, column: Column) -> str:
        said = self.word(column.name)
        return f"{said} (UTC)" if column.shown in {ColumnFormat.MINUTE, ColumnFormat.SECOND} else said

    def _value(self, column: Column, value: Value) -> str:
        text = column.text(value)
        return text if text == NOTHING or column.shown is ColumnFormat.QUOTED else self.word(text)


def pages(text: str, channel: str) -> tuple[str, str]:
    """The first page of ``text`` on ``channel``, cut between lines where it can be, and the rest."""
    room = page_of(channel)
    if len(text) <= room:
        return text, ""
    cut = text.rfind("\n", 0, room)
    cut = cut if cut > room // 2 else room
    return text[:cut].rstrip(), text[cut:].lstrip("\n")
