"""Text catalogues in every language, and a formatter that fills placeholders and does nothing else.

No template language ever sees a player's words: a placeholder is ``{name}``, its value is put in as it is, and no
value is looked at again.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

from ruamel.yaml import YAML

from core.messages import Button, Choice, Reply, Rich

LANGUAGES = ("zh", "en")

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_OWN_LINE = re.compile(r"^\s*(\w+)\s*[.:)．。、：）]", re.MULTILINE)
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")

Catalogue = Mapping[str, Mapping[str, str]]
"""Texts by language and key, in every one of LANGUAGES."""


@lru_cache(maxsize=4096)
def placeholders(text: str) -> frozenset[str]:
    """The names that ``text`` wants filled."""
    return frozenset(_PLACEHOLDER.findall(text))


def named(text: str) -> str:
    """``text`` with the name of each placeholder in its place: so it is measured, as nobody knows what will fill it."""
    return _PLACEHOLDER.sub(r"\1", text)


@cache
def shipped(*folders: Path) -> Catalogue:
    """The catalogues that come with Huoju: what all mechanics say, and what those do whose texts are in ``folders``.

    Raises ValueError for a key that two have.
    """
    return {language: _read(language, Path(__file__).parent, *folders) for language in LANGUAGES}


def _read(language: str, *folders: Path) -> Mapping[str, str]:
    yaml, found = YAML(typ="safe", pure=True), dict[str, str]()
    for folder in folders:
        texts = yaml.load((folder / f"{language}.yaml").read_text("utf-8"))
        if twice := found.keys() & texts.keys():
            raise ValueError(f"{folder}: these texts are there already: {', '.join(sorted(twice))}")
        found.update(texts)
    return found


def overridden(catalogue: Catalogue, texts: Mapping[str, Mapping[str, str]]) -> Catalogue:
    """``catalogue`` with a campaign's own ``texts`` in place of the shipped ones."""
    if not texts:
        return catalogue
    return {language: {**catalogue[language], **texts.get(language, {})} for language in catalogue}


def render(reply: Reply, catalogue: Mapping[str, str], language: str) -> str:
    """The words of ``reply`` in one language. Raises KeyError for a text or a parameter that does not exist."""
    return _fill(reply, catalogue, language).strip()


def compose(reply: Reply, catalogue: Mapping[str, str], language: str) -> tuple[str, Rich | None]:
    """The words of ``reply`` as they read anywhere, and where there are buttons and pictures if that is another text.

    Without buttons each choice that the text does not list is a line of its own, with what to type before it; without
    pictures the text ends with the address of the picture. Raises as :func:`render`.

    A campaign's own text may have such lines as it likes them ("1. Yes, I do"): those stay, and none is added.
    """
    text = render(reply, catalogue, language)
    if not reply.choices and reply.picture is None and not reply.desk and not reply.ends:
        return text, None
    buttons = tuple(Button(one.says, _label(one, catalogue, language), one.question) for one in reply.choices)
    # Judged by the text alone: what fills its placeholders are a player's words.
    own = {line[1] for line in _OWN_LINE.finditer(catalogue[reply.key])}
    shown = zip(buttons, reply.choices, strict=True)
    lines = [f"{b.says}. {b.label}" for b, choice in shown if not (choice.listed or b.says in own)]
    pictured = [reply.picture] if reply.picture is not None and not reply.page_in(text) else []
    return "\n".join([text, *lines, *pictured]), Rich(text, buttons, reply.picture, reply.desk, reply.ends)


def _label(choice: Choice, catalogue: Mapping[str, str], language: str) -> str:
    match choice.label:
        case Reply() as reply:
            return render(reply, catalogue, language)
        case str(words):
            return words
        case phrases:
            return phrases[language]


def _fill(reply: Reply, catalogue: Mapping[str, str], language: str) -> str:
    def value_of(match: re.Match[str]) -> str:
        value = reply.params[match[1]]
        if isinstance(value, tuple):
            return "\n".join(_fill(line, catalogue, language) for line in value)
        if isinstance(value, Mapping):
            return value[language]
        return str(value)

    return _PLACEHOLDER.sub(value_of, catalogue[reply.key])


def language_of(text: str) -> str | None:
    """The language of somebody's first words: "zh" for any Han character, "en" for Latin words, else None."""
    if _HAN.search(text):
        return "zh"
    return "en" if _LATIN_WORD.search(text) else None
