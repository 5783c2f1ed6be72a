"""Words that no name may hold, of a whole installation: the table [names] of huoju.toml, or the file that it names."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from core.answers import Value, Verbatim, line
from core.campaign.findings import meant
from handlers.relay.rules import BlockedWord

TABLE = "names"
_FIELDS = ("blocked", "blocked_file")
_MOST_BYTES, _MOST_WORDS = 1 << 20, 50_000
_SHOWN = 40
_REMARK = re.compile(r"(?:^|\s)#.*")
_ENCODINGS = ("utf-8-sig", "gb18030")
"""What editors write, in China older ones too; UTF-16 is known by its mark."""
_MARKS = (b"\xff\xfe", b"\xfe\xff")
_SPELT = TypeAdapter(BlockedWord)


class WordsRefused(Exception):
    """The table cannot be used; ``wrong`` says where and what would do."""

    def __init__(self, place: str, sentence: str, **values: Value) -> None:
        remedy = line(sentence, **values)
        super().__init__(f"{place}: {remedy.text}")
        self.wrong = (place, remedy)


def read_words(table: Any, folder: Path) -> tuple[str, ...] | None:
    """The words of ``table``, None where there is no list; a path begins in ``folder``. Raises WordsRefused."""
    if table is None:
        return None
    if not isinstance(table, dict):
        raise WordsRefused(TABLE, 'write a table: [names], and blocked = ["word"] inside it')
    for key in table:
        if key not in _FIELDS:
            told = "this is not known here{asked}; there is blocked"
            raise WordsRefused(f"{TABLE}.{key}", told, asked=meant(key, _FIELDS))
    if len(table) == len(_FIELDS):
        raise WordsRefused(f"{TABLE}.blocked", "the words are given twice, here and by blocked_file; leave one")
    if "blocked" in table:
        return _listed(table["blocked"])
    return _filed(table["blocked_file"], folder) if table else None


def _listed(words: Any) -> tuple[str, ...]:
    place = f"{TABLE}.blocked"
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise WordsRefused(place, 'write a list of words: blocked = ["word", "*anywhere", "~doubtful"]')
    return _checked(place, ((f"word {number}", word) for number, word in enumerate(words, start=1)))


def _filed(name: Any, folder: Path) -> tuple[str, ...]:
    place = f"{TABLE}.blocked_file"
    if not isinstance(name, str) or not name:
        raise WordsRefused(place, "write the path of a file in quotes")
    path = folder / name
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:  # a path with a zero in it is a ValueError
        why = Verbatim(getattr(error, "strerror", None) or error)
        raise WordsRefused(place, "{file} cannot be read: {why}", file=str(path), why=why) from None
    if len(raw) > _MOST_BYTES:
        raise WordsRefused(place, "{file} is larger than 1 MiB; it has one word a line", file=str(path))
    text = _text(raw)
    if text is None:
        raise WordsRefused(place, "{file} is no text that can be read here; save it as UTF-8", file=str(path))
    lines = ((f"{path}, line {number}", line) for number, line in enumerate(text.splitlines(), start=1))
    return _checked(place, ((where, said) for where, line in lines if (said := _REMARK.sub("", line).strip())))


def _text(raw: bytes) -> str | None:
    for encoding in ("utf-16",) if raw.startswith(_MARKS) else _ENCODINGS:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return None


def _checked(place: str, words: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The words, each once. ``words`` are (where, word)."""
    found = tuple(dict.fromkeys(_spelt(place, words)))
    if len(found) > _MOST_WORDS:
        told = "these are {count:,} words; {most:,} at the most"
        raise WordsRefused(place, told, count=len(found), most=_MOST_WORDS)
    return found


def _spelt(place: str, words: Iterable[tuple[str, str]]) -> Iterator[str]:
    for where, word in words:
        try:
            yield _SPELT.validate_python(word)
        except ValidationError:
            shown = word if len(word) <= _SHOWN else word[:_SHOWN] + "…"
            told = (
                "{where}: “{word}” is no word of such a list; write 1 to 40 signs without spaces, * before them for "
                "anywhere and ~ for doubtful"
            )
            raise WordsRefused(place, told, where=Verbatim(where), word=shown) from None
