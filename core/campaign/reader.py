"""Read a campaign file; every error names the file, the line and the remedy."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, Field, ValidationError, create_model
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import AliasEvent

from core.answers import Line
from core.campaign.explanations import explain
from core.campaign.findings import Unfit, remedy
from core.campaign.grammar import SPOKEN, Part, Section, UsualSection, in_order
from core.campaign.rules import Rules
from core.campaign.slips import slip_in
from core.texts.languages import is_language

SIZE_LIMIT = 1 << 20
"""Bytes of a campaign file."""
_DEPTH_LIMIT = 20
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_BEGINS = {"name", "title", "opens", "closes", "channels"}
"""What no campaign does without; a file that has nothing of it is something else."""


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong in a file, on which line (1-based), at which place, and what to do; line 0 where there is none."""

    file: str
    line: int
    place: str
    why: Line
    column: int = 0
    """Of the key or value on its line (1-based); 0 where the whole line is meant."""

    @property
    def remedy(self) -> str:
        """What to do, as a terminal shows it."""
        return self.why.text

    @property
    def told(self) -> Line:
        """All of it in one line."""
        form = "{file}:{line}: {place}: {why}" if self.place else "{file}:{line}: {why}"
        form = form if self.line else "{place}: {why}"
        return remedy(form, file=self.file, line=self.line, place=self.place, why=self.why)

    def __str__(self) -> str:
        return self.told.text


class BadCampaign(Exception):
    """A campaign file that cannot be used; ``violations`` says all that was found."""

    def __init__(self, violations: list[Violation]) -> None:
        super().__init__("\n".join(map(str, violations)))
        self.violations = violations


class NotACampaign(BadCampaign):
    """A file of another kind: nobody has to be told of its lines."""


@dataclass(frozen=True, slots=True)
class CampaignFile:
    """A file that follows the grammar, still with its lines for complaints of a later check."""

    path: str
    rules: Rules
    document: Any
    """As it was parsed; None for rules that come from no file."""
    sections: tuple[type[Section], ...]
    """What mechanics may be told in it."""
    attached: Mapping[str, bytes] = field(default_factory=dict)
    """What is in the files that it names, by SHA-256 in hex."""

    def violation(self, place: tuple[str | int, ...], why: Line) -> Violation:
        """A complaint about ``place`` (keys and positions from the top), with its line."""
        line, column = (0, 0) if self.document is None else _position(self.document, place)
        return Violation(self.path, line, _spell(place), why, column)


def read_campaign(path: Path, sections: Sequence[type[Section]]) -> CampaignFile:
    """Read and validate ``path``, in which mechanics may be told what ``sections`` say. Raises BadCampaign."""
    name = str(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadCampaign([Violation(name, 1, "", remedy("cannot be read: {why}", why=error.strerror))]) from None
    return _with_files(read_content(name, raw, sections), path.parent)


def _with_files(file: CampaignFile, folder: Path) -> CampaignFile:
    """``file`` with what is in the files that it names beside it. Raises BadCampaign."""
    said, attached = {}, {}
    for kind in file.sections:
        section = file.rules.section(kind)
        if section is None or (beside := section.file_beside) is None:
            continue
        try:
            content = _beside(folder / beside[1])
            said[kind.key] = section.holding(content).model_dump(mode="json", exclude_none=True)
        except Unfit as error:
            raise BadCampaign([file.violation((kind.key, beside[0]), error.remedy)]) from None
        attached[hashlib.sha256(content).hexdigest()] = content
    if not attached:
        return file
    rules = Rules.model_validate({**file.rules.model_dump(mode="json", exclude_none=True), **said})
    return replace(file, rules=rules.knowing(file.sections), attached=attached)


def _beside(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise Unfit("there is no file {file} beside this one", file=path.name)
        with path.open("rb") as opened:
            return opened.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise Unfit("{file} cannot be read: {why}", file=path.name, why=str(error.strerror)) from None


def read_content(name: str, raw: bytes, sections: Sequence[type[Section]]) -> CampaignFile:
    """Read and validate what a file called ``name`` holds, as :func:`read_campaign` does. Raises NotACampaign, too."""
    document = _load(raw, name)
    if not isinstance(document, CommentedMap) or not document.keys() & _BEGINS:
        why = remedy("this is not a campaign file; begin with lines such as name: …")
        raise NotACampaign([Violation(name, 1, "", why)])
    plain = _plain(document)
    grammar = grammar_of(*sections)
    known: dict[str, object] = {section.key: section.words for section in sections}
    known[SPOKEN] = _spoken(plain)
    try:
        checked = grammar.model_validate(plain, context=known)
    except ValidationError as error:
        explained = explain(error.errors(), plain, grammar)
        placed = [(*_position(document, at), _spell(at), why) for at, why in explained]
        found = [Violation(name, line, place, why, column) for line, column, place, why in placed]
        raise BadCampaign(sorted(found, key=lambda violation: violation.line)) from None
    for key in (section.key for section in sections):
        said: Part | None = getattr(checked, key)
        plain.pop(key, None)
        plain.update({} if said is None else {key: said.model_dump(mode="json", exclude_none=True)})
    rules = Rules.model_validate(plain, context=known).knowing(sections)
    return CampaignFile(name, rules, document, tuple(sections))


def _spoken(document: Mapping[str, Any]) -> Sequence[str]:
    """The languages of its title; that which it names, where the title stands alone."""
    title, language = document.get("title"), document.get("language")
    if isinstance(title, dict):
        return in_order(map(str, title))
    return [language] if isinstance(title, str) and isinstance(language, str) and is_language(language) else []


@cache
def grammar_of(*sections: type[Section]) -> type[Rules]:
    """Rules in which ``sections`` may stand, and nothing that nobody knows."""
    fields: dict[str, Any] = {section.key: _field(section) for section in sections}
    return create_model("Grammar", __base__=_Strict, **fields)


def _field(section: type[Section]) -> tuple[Any, Any]:
    if issubclass(section, UsualSection) and section.published:
        return section, Field(section.usual(), description=section.says)
    return section | None, Field(None, description=section.says)


class _Strict(Rules):
    model_config = ConfigDict(extra="forbid")


def _load(raw: bytes, name: str) -> Any:
    if len(raw) > SIZE_LIMIT:
        why = remedy("is larger than 1 MiB; a campaign file is a few pages")
        raise BadCampaign([Violation(name, 1, "", why)])
    if raw.startswith(b"PK\x03\x04"):
        why = remedy("is a Word, Excel or ZIP file; save it as plain text, as UTF-8")
        raise NotACampaign([Violation(name, 1, "", why)])
    yaml = YAML(typ="rt", pure=True)
    yaml.allow_duplicate_keys = False
    try:
        text = raw.decode("utf-8-sig")
        for event in yaml.parse(text) if "*" in text else ():
            if isinstance(event, AliasEvent):  # a few aliases of aliases are a billion nodes
                why = remedy(
                    "aliases (*name) are not read here; write it out, and put a text that begins with * in quotes"
                )
                raise BadCampaign([Violation(name, event.start_mark.line + 1, "", why)])
        return yaml.load(text)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise NotACampaign([Violation(name, line, "", _not_utf_8(raw))]) from None
    except YAMLError as error:
        line, why = slip_in(text, error)
        raise BadCampaign([Violation(name, line, "", why)]) from None
    except (ValueError, RecursionError) as error:
        deep = isinstance(error, RecursionError)
        why = remedy("is nested too deep" if deep else "a number or a date here is none; put it in quotes")
        raise BadCampaign([Violation(name, 1, "", why)]) from None


def _not_utf_8(raw: bytes) -> Line:
    """What to do with a file of another encoding: Notepad has two that it likes."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return remedy("is saved as UTF-16 (Notepad calls it Unicode), not as UTF-8; save the file as UTF-8")
    try:
        raw.decode("gbk")
    except UnicodeDecodeError:
        is_gbk = False
    else:
        is_gbk = _NO_TEXT.search(raw) is None
    if not is_gbk:
        return remedy("is not UTF-8 text; save the file as UTF-8")
    return remedy("is saved as GBK (Notepad calls it ANSI), not as UTF-8; save the file as UTF-8")


def _plain(node: Any, depth: int = 0) -> Any:
    """``node`` without what remembers its place in the file."""
    if depth > _DEPTH_LIMIT:
        return None
    if isinstance(node, CommentedMap):
        return {str(key): _plain(value, depth + 1) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return [_plain(value, depth + 1) for value in node]
    if node is None or isinstance(node, bool):
        return node
    # ruamel's numbers remember how they were written; everything else is text.
    return next((kind(node) for kind in (int, float) if isinstance(node, kind)), str(node))


def _position(node: Any, place: tuple[str | int, ...]) -> tuple[int, int]:
    """Line and column (1-based) of the key or list item at ``place``, or of what it would stand in."""
    line, column = node.lc.line, node.lc.col
    for step in place:
        try:
            if isinstance(node, CommentedMap):
                step = next(key for key in node if str(key) == step)  # noqa: PLW2901  # 1: and yes: are no text in it
                line, column = node.lc.key(step)
            elif isinstance(node, CommentedSeq) and isinstance(step, int):
                line, column = node.lc.item(step)
            else:
                break
            node = node[step]
        except (KeyError, IndexError, TypeError, StopIteration):
            break
    return line + 1, column + 1


def _spell(place: tuple[str | int, ...]) -> str:
    return ".".join(str(step + 1) if isinstance(step, int) else step for step in place)
