"""`huoju texts`: what players read, what it costs, and what a language of a campaign still lacks."""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import click
from rich.text import Text

from core.answers import Answer, AnswerPart, Column, Line, Table, Value, Verbatim, line, said
from core.campaign.grammar import in_order
from core.campaign.platforms import is_brief
from core.campaign.reader import read_campaign
from core.campaign.rules import Rules
from core.engine.missing_texts import missing
from core.engine.text_verbs import UNPRICED, called
from core.menu import words_in
from core.operators import VerbRefused
from core.places import place_named
from core.texts.catalogue import Catalogue, overridden
from core.texts.languages import LANGUAGES
from core.texts.plurals import named
from core.texts.previews import Preview, cost_of
from handlers import MECHANICS
from huoju.account_registry import AccountRegistry, known_places, read_registry
from huoju.cli.campaign import told_in
from huoju.cli.console import json_option, out, tell
from huoju.cli.language import in_language
from huoju.cli.misspoken import Misspelt
from huoju.cli.wording import teller
from huoju.settings import read_settings
from huoju.typical_player import CODES, filled, said_of, texts_of

_TEXTS = [Column(name) for name in ("key", "language", "text")]
_ARRIVING = [Column(name) for name in ("key", "language", "place", "length", "room", "counted in", "parts", "cost")]
_TYPICAL = [Column(name) for name in ("language", "place", "texts", "parts", "cost")]
_MISSING, _WORDS = [Column(name) for name in ("key", "text")], [Column("word")]

_ALWAYS = ("start", "yes", "no", "cancel")
"""Words of no menu that all campaigns have."""


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--preview",
    "where",
    metavar="CHANNEL",
    help="Tell of each how long it arrives at a channel or one of our accounts, in how many parts, and what a typical"
    " player's texts come to.",
)
@click.option("--missing", "lacks", metavar="LANGUAGE", help="List what FILE has no words for yet in this language.")
@json_option
@in_language
def texts(file: Path | None, where: str | None, lacks: str | None, language: str, *, as_json: bool) -> None:
    """All texts that players read, by key; with a campaign FILE in its words and languages."""
    if where is not None and (wrong := known_places(read_settings()).wrong_with(where)) is not None:
        raise Misspelt(line("Invalid value for {argument}: {why}", argument="--preview", why=wrong))
    if lacks is not None and file is None:
        raise click.UsageError("name the campaign file as well: huoju texts --missing LANGUAGE FILE")
    rules = None
    if file is not None:
        with told_in(teller(language), as_json=as_json):
            rules = read_campaign(file, MECHANICS.sections).rules
    if rules is not None and lacks is not None:
        _tell_missing(rules, lacks, language, as_json=as_json)
        return
    if where is None:
        _tell_all(rules, as_json=as_json)
    else:
        _tell_preview(rules, where, language, as_json=as_json)


def _tell_all(rules: Rules | None, *, as_json: bool) -> None:
    listed = list(_listed(rules))
    if as_json:
        tell(Answer([Table("texts", _TEXTS, listed)]), as_json=True)
        return
    for key, each in groupby(listed, key=itemgetter(0)):
        out.print(Text(key, "bold"))
        for _, language, text in each:
            out.print(f"  {language}: {text!r}")


def _tell_preview(rules: Rules | None, where: str, language: str, *, as_json: bool) -> None:
    registry, listed = read_registry(read_settings()), list(_listed(rules))
    arriving, typical = list(_arriving(listed, registry, where)), list(_typical(rules, registry, where))
    tables = [Table("arriving", _ARRIVING, [each.row for each in arriving]), Table("typical", _TYPICAL, typical)]
    if as_json:
        tell(Answer([Table("texts", _TEXTS, listed), *tables]), as_json=True)
        return
    says = teller(language)
    for key, each in groupby(listed, key=itemgetter(0)):
        out.print(Text(key, "bold"))
        for _, spoken, text in each:
            out.print(f"  {spoken}: {text!r}")
            for one in arriving:
                if (one.key, one.language) == (key, spoken):
                    out.print(f"      {says.line(one.told)}")
    ends: list[AnswerPart] = [line(said_of(rules), codes=CODES), tables[1]]
    if any(one.arrives.is_paid and one.arrives.micros is None for one in arriving):
        ends.append(line(UNPRICED))
    tell(Answer(ends), as_json=False, language=language)


def _listed(rules: Rules | None) -> Iterator[tuple[str, str, str]]:
    """Each text in each language: its key, the language, and what it says."""
    spoken, catalogue = _spoken(rules)
    yield from ((key, each, catalogue[each][key]) for key in MECHANICS.texts()["en"] for each in spoken)


def _tell_missing(rules: Rules, tag: str, language: str, *, as_json: bool) -> None:
    """The texts that ``rules`` lack in the language ``tag``, each to be translated in its place of the file."""
    lacks = next((each for each in missing(MECHANICS, rules) if each.language == tag), None)
    if lacks is None and tag in rules.languages:
        tell(
            said("Huoju comes in {language}; nothing is missing.", language=called(tag)),
            as_json=as_json,
            language=language,
        )
        return
    if lacks is None:
        told = "{campaign} does not speak {language}; it speaks {languages}"
        spoken = Verbatim(", ".join(in_order(rules.languages)))
        raise VerbRefused(told, campaign=Verbatim(rules.name), language=Verbatim(tag), languages=spoken)
    source = MECHANICS.texts()[language]
    rows = [(key, source[key]) for key in lacks.keys]
    words = list(_words_missing(rules, tag))
    if as_json:
        tables = [Table("missing", _MISSING, rows), Table("words", _WORDS, [(each,) for each in words])]
        tell(Answer([lacks.told, *tables]), as_json=True)
        return
    says = teller(language)
    comments = [says.line(lacks.told)]
    if rows:
        comments.append(says.word("Translate what stands in quotes, take the # away, and paste it into the file."))
    out.print("".join(f"# {each}\n" for each in comments), end="")
    if rows:
        out.print(f"texts:\n  {tag}:")
        out.print("\n".join(f"    # {key}: {_quoted(text)}" for key, text in rows))
    if words:
        out.print(f"words:\n  {tag}:")
        out.print("\n".join(f"    # {word}: {word}" for word in words))


def _words_missing(rules: Rules, tag: str) -> Iterator[str]:
    """Words of ours that mean something in a campaign, and for which it has none in the language ``tag``."""
    own = (rules.words or {}).get(tag, {})
    places = [place_named(each) for each in rules.channels]
    shown = dict.fromkeys(word.says for place in places for word in words_in(MECHANICS.menu, [rules], place))
    yield from (word for word in (*shown, *_ALWAYS) if word not in own)


def _quoted(text: str) -> str:
    """``text`` as YAML has it on one line."""
    return json.dumps(text, ensure_ascii=False)


def _typical(rules: Rules | None, registry: AccountRegistry, where: str) -> Iterator[tuple[Value, ...]]:
    """What all texts of a typical player come to, by language and place."""
    spoken, catalogue = _spoken(rules)
    times = texts_of(rules, brief=is_brief(place_named(where).channel))
    for language in spoken:
        texts = catalogue[language]
        found: dict[str, list[tuple[Preview, int]]] = {}
        for key, count in times.items():
            for place, arrives in registry.previews(where, filled(key, texts, rules)).items():
                found.setdefault(place, []).append((arrives, count))
        for place, each in found.items():
            parts = sum(len(arrives.parts) * count for arrives, count in each)
            yield language, place, sum(times.values()), parts, cost_of(each)


def _spoken(rules: Rules | None) -> tuple[Sequence[str], Catalogue]:
    """The languages of a campaign, and what is said in them; those that Huoju comes in without one."""
    shipped = MECHANICS.texts()
    if rules is None:
        return LANGUAGES, shipped
    spoken = in_order(rules.languages)
    return spoken, overridden(shipped, rules.texts, rules.language, spoken, rules.words)


class _Arriving(NamedTuple):
    """One text where it arrives."""

    key: str
    language: str
    place: str
    arrives: Preview

    @property
    def row(self) -> tuple[Value, ...]:
        """As scripts read it."""
        one = self.arrives
        return (self.key, self.language, self.place, one.length, one.room, one.counted_in, len(one.parts), one.cost)

    @property
    def told(self) -> Line:
        """As people read it."""
        one, count = self.arrives, len(self.arrives.parts)
        size = line(
            "{length} {counted_in}" if one.room is None else "{length} of {room} {counted_in}",
            length=one.length,
            room=one.room,
            counted_in=Verbatim(one.counted_in),
        )
        parts = line("1 part" if count == 1 else "{count} parts", count=count)
        if one.cost is None:
            return line("{place}: {size}, {parts}", place=Verbatim(self.place), size=size, parts=parts)
        cost = Verbatim(one.cost)
        return line("{place}: {size}, {parts}, {cost}", place=Verbatim(self.place), size=size, parts=parts, cost=cost)


def _arriving(listed: Sequence[tuple[str, str, str]], registry: AccountRegistry, where: str) -> Iterator[_Arriving]:
    for key, language, text in listed:
        for place, arrives in registry.previews(where, named(text)).items():
            yield _Arriving(key, language, place, arrives)
