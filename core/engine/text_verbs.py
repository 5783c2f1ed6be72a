"""What operators do with the texts of a campaign: list them, see how one arrives on each channel, change one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from pydantic import Field
from sqlalchemy.orm import Session

from core.answers import (
    Answer,
    AnswerPart,
    Change,
    Column,
    ColumnFormat,
    Line,
    Reach,
    Table,
    Value,
    Verbatim,
    VerbName,
    line,
    listing,
)
from core.arguments import Arguments, Given, LanguageArgument
from core.campaign.checks import wrong_with_text
from core.campaign.findings import meant
from core.campaign.grammar import LONGEST_PHRASE, in_order
from core.campaign.place_checks import KnownPlaces
from core.campaign.publication import get_campaign, lock_campaigns, publish
from core.campaign.published import newest_rules
from core.campaign.reader import BadCampaign, CampaignFile
from core.campaign.rules import Rules
from core.database import read_only
from core.engine.verbs import CAMPAIGNS
from core.operators import Role, VerbRefused
from core.texts.catalogue import Catalogue, Texts, overridden
from core.texts.languages import LANGUAGES, languages_of, own_name
from core.texts.plurals import named, placeholders
from core.texts.previews import Preview, whole
from core.verbs import Desk, Previews, Verb

_NAMES: Mapping[str, str] = {"zh": "Chinese", "en": "English"}
_NOT_YET = "{language}, not translated yet, so players read: {text}"
UNPRICED = "To see what texts cost, write price_micros and currency of the account into huoju.toml."
"""Where parts are paid for, and nobody said how dearly."""
_OVERTAKEN = "{key} reads otherwise by now, as somebody has changed it; look at it, and say this once more"


def called(language: str) -> Value:
    """How operators read the name of ``language``."""
    return _NAMES.get(language) or Verbatim(own_name(language))


class _Texts(Arguments):
    name: str = Field(description="The name of a campaign.")
    key: Annotated[str | None, Given.IN_PLACE] = Field(
        None, description="The key of a text, or how keys begin; without it, how they begin.", examples=["redeem.won"]
    )
    text: Annotated[str | None, Given.IN_PLACE] = Field(
        None, description="What players read in its place from then on, in quotes."
    )
    language: LanguageArgument | None = Field(
        None,
        description="Of which language of the campaign the text is; by its letters where that is not said.",
        examples=["zh", "en", "vi"],
    )
    reset: bool = Field(default=False, description="Let players read again what comes with Huoju.")
    instead_of: str | None = Field(
        None, description='Only where the campaign says this now; "" stands for what comes with Huoju.'
    )


class _Wording(NamedTuple):
    """One text in one language."""

    key: str
    language: str
    shipped: str
    """What is said where the campaign has no words of its own: what comes with Huoju, or in another language."""
    own: str | None
    """The campaign's own one, in place of the shipped one."""

    @property
    def read(self) -> str:
        """What players read."""
        return self.shipped if self.own is None else self.own


def _texts(desk: Desk, given: _Texts) -> Answer:
    if given.text is not None or given.reset:
        return _reword(desk, given)
    with read_only(desk.runtime.sessions) as session:
        rules = _rules(desk, session, given.name)
    shipped = desk.runtime.mechanics.texts()
    if given.key is None:
        return Answer(list(_groups(rules, shipped)))
    if given.key in shipped["en"]:
        each = [_wording(desk, rules, given.key, language) for language in _languages(rules, given)]
        return Answer(list(_shown(desk, rules, each)))
    begin = [key for key in shipped["en"] if key.startswith(given.key)]
    if not begin:
        raise _no_text(given.key, shipped)
    return Answer([_listed([_wording(desk, rules, key, each) for each in _languages(rules, given)]) for key in begin])


def _rules(desk: Desk, session: Session, name: str) -> Rules:
    return newest_rules(session, get_campaign(session, name), desk.runtime.mechanics.sections)


def _languages(rules: Rules, given: _Texts) -> Sequence[str]:
    """Those that are asked about. Raises VerbRefused for one that the campaign does not speak."""
    if given.language is None:
        return in_order(rules.languages)
    if given.language not in rules.languages:
        told = "{campaign} does not speak {language}; it speaks {languages}"
        spoken = Verbatim(", ".join(in_order(rules.languages)))
        raise VerbRefused(told, campaign=Verbatim(rules.name), language=Verbatim(given.language), languages=spoken)
    return [given.language]


def _wording(desk: Desk, rules: Rules, key: str, language: str) -> _Wording:
    own = rules.texts.get(language, {}).get(key)
    return _Wording(key, language, otherwise_said(desk.runtime.mechanics.texts(), rules, language)[key], own)


def otherwise_said(texts: Catalogue, rules: Rules, language: str) -> Texts:
    """What is said in ``language`` where a file has no words of its own for it."""
    others = {each: own for each, own in rules.texts.items() if each != language}
    return overridden(texts, others, rules.language, rules.languages, rules.words).speaking(language)


def _no_text(key: str, shipped: Mapping[str, Mapping[str, str]]) -> VerbRefused:
    told = "there is no text {key}{meant}; {verb} and the name of the campaign list them"
    near = meant(key, shipped["en"])
    return VerbRefused(told, key=Verbatim(key), meant=near, verb=VerbName("campaign text"))


_GROUPS = (Column("begins with", ColumnFormat.COPIED), Column("count"), Column("its own"))


def _groups(rules: Rules, shipped: Mapping[str, Mapping[str, str]]) -> Iterator[AnswerPart]:
    own = {key for texts in rules.texts.values() for key in texts}
    begin = dict.fromkeys(_begin(key) for key in shipped["en"])
    rows = [
        (each, sum(_begin(key) == each for key in shipped["en"]), sum(_begin(key) == each for key in own))
        for each in begin
    ]
    yield Table("groups", _GROUPS, rows)
    yield line(
        "{verb} lists those that begin so, or shows one of them.",
        verb=listing([VerbName("campaign text"), Verbatim(f"{rules.name} {rows[0][0]}")], " "),
    )


def _begin(key: str) -> str:
    return key.partition(".")[0]


def _listed(each: Sequence[_Wording]) -> Line:
    """A text in some languages, its key above it."""
    told = [line("{text}", text=Verbatim(one.read)) if one.own is None else _marked(one) for one in each]
    return listing([Verbatim(f"▸ {each[0].key}"), *told], "\n")


def _marked(one: _Wording) -> Line:
    return line("(its own) {text}", text=Verbatim(one.read))


def _shown(desk: Desk, rules: Rules, each: Sequence[_Wording]) -> Iterator[AnswerPart]:
    """One text in some languages, what fills it, and how it arrives on each channel of the campaign."""
    yield line("{key} in {campaign}:", key=Verbatim(each[0].key), campaign=Verbatim(rules.name))
    for one in each:
        comes = "{language}, as it comes with Huoju: {text}" if one.language in LANGUAGES else _NOT_YET
        told = comes if one.own is None else "{language}, its own: {text}"
        yield line(told, language=called(one.language), text=Verbatim(one.read))
    yield _filled(each[0].shipped)
    yield from _previews(desk, rules, [(one.language, one.read) for one in each])


def _filled(text: str) -> Line:
    names = sorted(placeholders(text))
    if not names:
        return line("Nothing is filled in.")
    return line("It is filled with {names}.", names=Verbatim(", ".join(f"{{{name}}}" for name in names)))


_PREVIEWS = tuple(map(Column, ("language", "where", "length", "one holds", "counted in", "parts", "cost")))


def _previews(desk: Desk, rules: Rules, texts: Iterable[tuple[str, str]]) -> Iterator[AnswerPart]:
    """How long each of ``texts`` is where it arrives, and its parts where they are not the text as it is."""
    rows: list[tuple[Value, ...]] = []
    told: list[Line] = []
    has_names = unpriced = False
    for language, text in texts:
        has_names = has_names or bool(placeholders(text))
        for where, preview in _arrives(desk, rules, named(text)):
            name = called(language)
            told_name = line(name) if type(name) is str else name
            size = (preview.length, preview.room, preview.counted_in, len(preview.parts), preview.cost)
            rows.append((told_name, where, *size))
            unpriced = unpriced or (preview.is_paid and preview.micros is None)
            if preview.parts != (named(text),):
                parts = [Verbatim(f"{number}. {part}") for number, part in enumerate(preview.parts, 1)]
                told.append(listing([line("At {where} it arrives so:", where=Verbatim(where)), *parts], "\n"))
    yield Table("previews", _PREVIEWS, rows)
    if has_names:
        yield line("What is filled in counts with the length of its name.")
    if unpriced:
        yield line(UNPRICED)
    yield from told


def _arrives(desk: Desk, rules: Rules, text: str) -> Iterator[tuple[str, Preview]]:
    """By each channel or account at which the campaign is played."""
    previews = desk.runtime.setting(Previews)
    for name in rules.channels:
        yield from ({name: whole(text)} if previews is None else previews.at(name, text)).items()


def _reword(desk: Desk, given: _Texts) -> Answer:
    mechanics, now = desk.runtime.mechanics, desk.at
    with desk.runtime.sessions.begin() as session:
        lock_campaigns(session)  # what is read of the newest version stays so until there is the next one
        rules = _rules(desk, session, given.name)
        if get_campaign(session, given.name).state == "ended":
            raise VerbRefused("{campaign} has ended; its texts stay as they are", campaign=Verbatim(rules.name))
        before = _wording(desk, rules, *_meant(desk, rules, given))
        if given.instead_of is not None and given.instead_of != (before.own or ""):
            raise VerbRefused(_OVERTAKEN, key=Verbatim(before.key))
        after = before._replace(own=None if given.reset else _good(desk, before, given.text or ""))
        if after == before:
            raise VerbRefused("{key} reads like that already; nothing changed", key=Verbatim(before.key))
        try:
            done = publish(
                session,
                CampaignFile(rules.name, _with(rules, after), None, mechanics.sections),
                now,
                desk.runtime.keys,
                desk.runtime.randomness,
                mechanics=mechanics,
                known=desk.runtime.setting(KnownPlaces),
                words=mechanics.titles,
            )
        except BadCampaign as refused:
            wrong = listing([each.told for each in refused.violations], "\n")
            raise VerbRefused("no version with this text can be published:\n{wrong}", wrong=wrong) from None
    changes = [
        Change("text", before.own, after.own, f"{rules.name} {before.key} {before.language}"),
        Change("version", done.version - 1, done.version, rules.name),
    ]
    told = [
        line("{key}, {language}, of {campaign}:", **_named(before), campaign=Verbatim(rules.name)),
        line("Before: {text}", text=Verbatim(before.read)),
        line("From now on: {text}", text=Verbatim(after.read)),
    ]
    return Answer(
        [
            listing(told, "\n"),
            *_previews(desk, rules, [(after.language, after.read)]),
            line("It is version {version} of {campaign}.", version=done.version, campaign=Verbatim(rules.name)),
        ],
        changes=changes,
        reach=Reach(campaign=rules.name),
        pinned={"instead_of": before.own or ""},
    )


def _named(one: _Wording) -> dict[str, Value]:
    return {"key": Verbatim(one.key), "language": called(one.language)}


def _meant(desk: Desk, rules: Rules, given: _Texts) -> tuple[str, str]:
    """Which text is changed. Raises VerbRefused where that is not said, or there is none like that."""
    shipped = desk.runtime.mechanics.texts()
    if given.key is None:
        raise VerbRefused("name the text that you mean by its key, for example redeem.won")
    if given.key not in shipped["en"]:
        raise _no_text(given.key, shipped)
    if given.text is not None and given.reset:
        raise VerbRefused("say a text, or that it shall be the shipped one, not both")
    if given.language is not None or len(rules.languages) == 1:
        return given.key, _languages(rules, given)[0]
    by_letters = languages_of(given.text or "", rules.languages)
    if given.text is None or len(by_letters) > 1:
        either = Verbatim(", ".join(f"language={each}" for each in in_order(rules.languages)))
        raise VerbRefused("say of which language: {either}", either=either)
    return given.key, by_letters[0] if by_letters else rules.language


def _good(desk: Desk, one: _Wording, text: str) -> str:
    """``text``, which may be said in its place. Raises VerbRefused, with the shipped one as an example."""
    if not text.strip():
        raise VerbRefused("write a text here; it may not be empty")
    if len(text) > LONGEST_PHRASE:
        told = "a text has at most {max_length} characters; write a shorter one"
        raise VerbRefused(told, max_length=LONGEST_PHRASE)
    wrong = list(wrong_with_text(one.key, text, desk.runtime.mechanics.texts().speaking(one.language), one.language))
    if wrong:
        raise VerbRefused("{why}. For example: {example}", why=listing(wrong, "; "), example=Verbatim(one.shipped))
    return text


def _with(rules: Rules, one: _Wording) -> Rules:
    """The same rules but for one text."""
    texts = {language: dict(own) for language, own in rules.texts.items()}
    mine = texts.setdefault(one.language, {})
    mine.pop(one.key, None)
    if one.own is not None:
        mine[one.key] = one.own
    return rules.model_copy(update={"texts": {language: own for language, own in texts.items() if own}})


def _back(given: _Texts, changes: Sequence[Change]) -> tuple[str, Mapping[str, object]]:
    """Put back what was said before, where nobody has changed that since."""
    change = next(each for each in changes if each.what == "text")
    _, key, language = change.of.split(" ")
    told = {"name": given.name, "key": key, "language": language, "instead_of": change.after or ""}
    return "campaign text", told | ({"reset": True} if change.before is None else {"text": change.before})


VERBS: tuple[Verb[Any], ...] = (
    Verb(
        group=CAMPAIGNS,
        word="text",
        chinese="活动文字",
        role=Role.OPERATOR,
        says="The texts of a campaign: list them, see how one arrives on each channel, or change one.",
        more="Put a new text in quotes, so that a ? at its end belongs to it; what is filled in stands in {…}.",
        takes=_Texts,
        act=_texts,
        changes=True,
        looks=lambda given: given.text is None and not given.reset,
        confirm="Players read it from that moment on. Change it?",
        undo=_back,
    ),
)
