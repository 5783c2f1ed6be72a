"""What is said in each language, and the one formatter, which fills placeholders and does nothing else.

No template language ever sees a player's words: a placeholder is ``{name}``, its value is put in as it is, and no
value is looked at again. What is said of a number is chosen by the number (`core/texts/plurals.py`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path

from ruamel.yaml import YAML

from core.messages import Button, Choice, Keyword, Reply, Rich, Shown, Told
from core.texts.languages import LANGUAGES, locale, named_as
from core.texts.plurals import Parts, Plural, Slot, parsed

_OWN_LINE = re.compile(r"^\s*(\w+)\s*[.:)．。、：）]", re.MULTILINE)


class Texts(Mapping[str, str]):
    """What is said in one language, by key; what is not said in it is said in another one."""

    __slots__ = ("_ready", "_said", "language", "languages", "words")

    def __init__(
        self,
        language: str,
        own: Mapping[str, str],
        otherwise: "Texts | None" = None,
        words: Mapping[str, str] | None = None,
    ) -> None:
        self.language = language
        self.words: Mapping[str, str] = words or {}
        """What players type in it in place of words that all campaigns know, by these in small letters."""
        self.languages: Sequence[str] = (language, *(otherwise.languages if otherwise is not None else ()))
        """That, and those in which is said what is not said in it, the nearest first."""
        others = {} if otherwise is None else otherwise._said  # noqa: SLF001  # of its own class
        self._said: dict[str, tuple[str, str]] = {**others, **{key: (text, language) for key, text in own.items()}}
        self._ready: dict[str, tuple[Parts, str]] = {}

    def __getitem__(self, key: str) -> str:
        return self._said[key][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._said)

    def __len__(self) -> int:
        return len(self._said)

    def parts(self, key: str) -> tuple[Parts, str]:
        """The text of ``key`` in its parts, and in which language it is."""
        try:
            return self._ready[key]
        except KeyError:
            text, language = self._said[key]
            ready = self._ready[key] = (parsed(text).parts, language)
            return ready


class Catalogue(dict[str, Texts]):
    """Texts by language, in each language that is spoken; ``main`` is the one for everybody else."""

    def __init__(self, texts: Mapping[str, Texts], main: str) -> None:
        super().__init__(texts)
        self.main = main

    def speaking(self, language: str) -> Texts:
        """What is said to whoever speaks ``language``."""
        return self.get(language) or self[self.main]


@cache
def shipped(*folders: Path) -> Catalogue:
    """The catalogues that come with Huoju: what all mechanics say, and what those do whose texts are in ``folders``.

    Raises ValueError for a key that two have.
    """
    each = {language: Texts(language, _read(language, Path(__file__).parent, *folders)) for language in LANGUAGES}
    return Catalogue(each, "en")


def _read(language: str, *folders: Path) -> Mapping[str, str]:
    yaml, found = YAML(typ="safe", pure=True), dict[str, str]()
    for folder in folders:
        texts = yaml.load((folder / f"{language}.yaml").read_text("utf-8"))
        if twice := found.keys() & texts.keys():
            raise ValueError(f"{folder}: these texts are there already: {', '.join(sorted(twice))}")
        found.update(texts)
    return found


def overridden(
    catalogue: Catalogue,
    texts: Mapping[str, Mapping[str, str]],
    main: str,
    languages: Sequence[str],
    words: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
) -> Catalogue:
    """What a campaign says in each of ``languages``: its own ``texts`` in place of those of ``catalogue``.

    What neither has in a language is said in ``main``, and what is not said in that one either in English. Of its own
    ``words``, by language and by the words that all know, the first ones are named.
    """
    own = words or {}
    last = _with(main, texts, catalogue.speaking(main), own)
    others = {each: _with(each, texts, catalogue.get(each, last), own) for each in languages if each != main}
    return Catalogue({main: last, **others}, main)


def _with(
    language: str,
    texts: Mapping[str, Mapping[str, str]],
    otherwise: Texts,
    words: Mapping[str, Mapping[str, Sequence[str]]],
) -> Texts:
    """``otherwise`` itself where nothing else is said: a thousand campaigns that say nothing else keep one of it."""
    first = {known: named_as(each[0], language) for known, each in words.get(language, {}).items()}
    if language == otherwise.language and not texts.get(language) and (language in LANGUAGES or not first):
        return otherwise
    return Texts(language, texts.get(language, {}), otherwise, {} if language in LANGUAGES else first)


def render(reply: Reply, texts: Texts) -> str:
    """The words of ``reply``. Raises KeyError for a text or a parameter that does not exist."""
    return _fill(reply, texts).strip()


def compose(reply: Reply, texts: Texts) -> tuple[str, Rich | None]:
    """The words of ``reply`` as they read anywhere, and where there are buttons and pictures if that is another text.

    Without buttons each choice that the text does not list is a line of its own, with what to type before it; without
    pictures the text ends with the address of the picture. Raises as :func:`render`.

    A campaign's own text may have such lines as it likes them ("1. Yes, I do"): those stay, and none is added.
    """
    text = render(reply, texts)
    if not reply.choices and reply.picture is None and not reply.desk and not reply.ends:
        return text, None
    buttons = tuple(Button(one.says, _label(one, texts), one.question) for one in reply.choices)
    # Judged by the text alone: what fills its placeholders are a player's words.
    own = {line[1] for line in _OWN_LINE.finditer(texts[reply.key])}
    shown = zip(buttons, reply.choices, strict=True)
    lines = [f"{b.says}. {b.label}" for b, choice in shown if not (choice.listed or b.says in own)]
    pictured = [reply.picture] if reply.picture is not None and not reply.page_in(text) else []
    return "\n".join([text, *lines, *pictured]), Rich(text, buttons, reply.picture, reply.desk, reply.ends)


def _label(choice: Choice, texts: Texts) -> str:
    match choice.label:
        case Reply() as reply:
            return render(reply, texts)
        case str(words):
            return words
        case phrases:
            return _phrase(phrases, texts)


def _phrase(phrases: Mapping[str, str], texts: Texts) -> str:
    """That of ``phrases`` which whoever reads ``texts`` understands best."""
    if isinstance(phrases, Keyword) and (own := texts.words.get(phrases["en"].lower())) is not None:
        return own
    for language in texts.languages:
        if language in phrases:
            return phrases[language]
    return next(iter(phrases.values()))


def _fill(reply: Reply, texts: Texts) -> str:
    parts, language = texts.parts(reply.key)
    return "".join(_filled(parts, reply.params, texts, language, ""))


def _filled(parts: Parts, params: Shown, texts: Texts, language: str, number: str) -> list[str]:
    said = []
    for part in parts:
        if isinstance(part, str):
            said.append(part)
        elif isinstance(part, Slot):
            said.append(_said(params[part.name], texts, language))
        elif isinstance(part, Plural):
            said.append(_counted(part, params, texts, language))
        else:
            said.append(number)
    return said


def _said(value: "str | int | Mapping[str, str] | Told | tuple[Reply, ...]", texts: Texts, language: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return "\n".join([_fill(line, texts) for line in value])
    if isinstance(value, Mapping):
        return _phrase(value, texts)
    return value.said(language)


def _counted(plural: Plural, params: Shown, texts: Texts, language: str) -> str:
    """The form that holds for the number, which is what the parameter says, be it in digits."""
    number = _said(params[plural.name], texts, language)
    count = int(number) if number.isdecimal() else None
    form = None if count is None else plural.exact.get(count)
    if form is None:
        kind = "other" if count is None else _form(language, count)
        form = plural.forms.get(kind) or plural.forms["other"]
    return "".join(_filled(form, params, texts, language, number))


@lru_cache(maxsize=4096)
def _form(language: str, count: int) -> str:
    """The plural form of ``count`` by CLDR."""
    form: str = locale(language).plural_form(count)
    return form
