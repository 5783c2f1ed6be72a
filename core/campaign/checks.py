"""What a campaign must satisfy beyond its grammar: money, and the law of sales promotion.

Pointers for the operator's lawyer, not advice. Sources: State Administration for Market Regulation, Order 32 of 2020
(prizes, conditions, time, number or odds, claim rules and organiser published beforehand);
Pepsi 349 of 1992 (liability is checked against what is really printed).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import assert_never

from phonenumbers import SUPPORTED_REGIONS

from core.answers import Line, VerbName
from core.campaign.findings import Finding, meant, remedy
from core.campaign.grammar import phrases_in
from core.campaign.place_checks import KnownPlaces, place_findings
from core.campaign.quantities import Money, clock_trouble, is_named_zone
from core.campaign.reader import BadCampaign, CampaignFile, Violation
from core.campaign.rules import Rules
from core.campaign.unasked_checks import limit_findings
from core.texts.languages import own_name
from core.texts.plurals import Fault, Mistake, mistakes, needed_forms, placeholders

_RULES = "rules."
"""Texts that begin so are what the law wants published: a campaign may word them, and leave nothing out."""


def check_campaign(
    file: CampaignFile,
    shipped: Mapping[str, Mapping[str, str]],
    now: datetime,
    first_published_at: datetime | None = None,
    known: KnownPlaces | None = None,
    *,
    words: Callable[[Rules], Iterable[Finding]] = lambda _rules: (),
) -> Rules:
    """Return the rules as they would be frozen now. ``shipped`` are the text catalogues by language.

    Instants counted from publication count from the first one. ``known`` is where people can reach us, if that is told,
    and ``words`` finds what players cannot say.

    Raises BadCampaign with every complaint found.
    """
    published_at = first_published_at or now
    findings = [
        *_windows(file.rules, published_at, now),
        *_nothing(file),
        *_points(file.rules),
        *_money(file.rules),
    ]
    findings += _region(file.rules)
    findings += _clocks(file)
    findings += limit_findings(file.rules)
    findings += _sections(file)
    findings += _languages(file.rules)
    findings += _texts(file.rules, shipped)
    findings += place_findings(file.rules, known) if known else ()
    findings += words(file.rules)
    violations: list[Violation] = [file.violation(place, why) for place, why in findings]
    if violations:
        raise BadCampaign(violations)
    return file.rules.resolved(published_at)


def _windows(rules: Rules, published_at: datetime, now: datetime) -> Iterator[Finding]:
    opens_at = rules.opens.resolve(published_at)
    closes_at = rules.closes.resolve(published_at, opens_at)
    if closes_at <= opens_at:
        yield ("closes",), remedy("the campaign must close after it opens; give a later instant")
    elif closes_at <= now:
        yield ("closes",), remedy("the campaign would be over already; give a later instant")
    if rules.opens.after_opening is not None:
        yield ("opens",), remedy("the opening cannot be counted from itself; give an instant, or: at publication")


def _clocks(file: CampaignFile) -> Iterator[Finding]:
    """Zones that depend on the machine, and times that a change of the clocks leaves out or brings twice."""
    rules = file.rules
    named = {"zone": rules.zone.key, "opens": rules.opens.zone, "closes": rules.closes.zone}
    for key, zone in named.items():
        if zone is not None and not is_named_zone(zone):
            told = "{zone} is not the same on every machine; use a name such as Asia/Shanghai or Europe/Berlin"
            yield (key,), remedy(told, zone=zone)
    for key in ("opens", "closes") if file.document is not None else ():
        if (why := clock_trouble(str(file.document[key]))) is not None:
            yield (key,), why


def _nothing(file: CampaignFile) -> Iterator[Finding]:
    rules = file.rules
    played = any(section.played for section in rules.each())
    if rules.points.earn is None and not played:
        yield ("name",), remedy("nothing can be won; add draw: …, points: {earn: 10 points}, or relay: {window: 10m}")


def _region(rules: Rules) -> Iterator[Finding]:
    if rules.region is not None and rules.region not in SUPPORTED_REGIONS:
        why = remedy("{region} is no country with phone numbers; use one such as CN or GB", region=rules.region)
        yield ("region",), why


def _sections(file: CampaignFile) -> Iterator[Finding]:
    for kind in file.sections:
        section = file.rules.section(kind)
        if section is not None and file.rules.says(kind):
            yield from (((kind.key, *place), why) for place, why in section.findings(file.rules))


def _points(rules: Rules) -> Iterator[Finding]:
    if rules.wins and rules.earned() and rules.points.earn:
        yield ("points", "earn"), remedy("a campaign with a draw says this as draw.otherwise; remove one of them")


def liability(rules: Rules, codes_count: int) -> Money:
    """The most that ``codes_count`` codes can cost: every prize won, points for every other code and friend.

    The rules have one currency (Rules.currency).
    """
    assert rules.currency is not None
    return Money(sum(liabilities(rules, codes_count).values()), rules.currency)


def liabilities(rules: Rules, codes_count: int) -> dict[str, int]:
    """The same in hundredths, by the key of a campaign file under which it stands; without what costs nothing."""
    worth = rules.points.worth.cents if rules.points.worth else 0
    points = rules.earned() * codes_count * worth
    others = {section.key: section.costs(rules, codes_count) for section in rules.each()}
    return {key: cents for key, cents in {**others, "points": points}.items() if cents}


def _money(rules: Rules) -> Iterator[Finding]:
    if rules.budget is None:
        return
    amounts = sorted(((*place, "value"), item.value) for place, item in rules.goods() if item.value)
    worth = [(("points", "worth"), rules.points.worth)] if rules.points.worth else []
    for place, money in [*amounts, *worth]:
        if money.currency != rules.budget.currency:
            told = "is in {currency} but the budget is in {other}; use one currency"
            yield place, remedy(told, currency=money.currency, other=rules.budget.currency)
            return
    owed = liability(rules, rules.planned_codes)
    if owed.cents > rules.budget.cents:
        told = "all prizes and points together can cost {owed}; raise the budget or lower the stock"
        yield ("budget",), remedy(told, owed=str(owed))


def _languages(rules: Rules) -> Iterator[Finding]:
    """Phrases that are not in each language of the title, or in more."""
    spoken = rules.languages
    if rules.language not in rules.title.by_language:
        told = "the title is not in {language}; add {tag}: … to it, or write language: {other}"
        other = next(iter(rules.title.by_language))
        yield ("language",), remedy(told, language=own_name(rules.language), tag=rules.language, other=other)
        return
    sections = ((section.key, section) for section in rules.each() if rules.says(type(section)))
    parts = [((), rules), *(((key,), section) for key, section in sections)]
    for place, phrase in (found for above, part in parts for found in phrases_in(part, above)):
        for language in spoken:
            if language not in phrase.by_language:
                told = "the title is in {language}, too, and this is not; add {tag}: …"
                yield place, remedy(told, language=own_name(language), tag=language)
        for language in phrase.by_language:
            if language not in spoken:
                yield (*place, language), _unspoken(language)
    for key, said in (("texts", rules.texts), ("words", rules.words or {})):
        for language in said:
            if language not in spoken:
                yield (key, language), _unspoken(language)


def _unspoken(language: str) -> Line:
    told = "the campaign does not speak {language}; add {tag}: … to the title and to each other text, or remove this"
    return remedy(told, language=own_name(language), tag=language)


def _texts(rules: Rules, shipped: Mapping[str, Mapping[str, str]]) -> Iterator[Finding]:
    for language, texts in rules.texts.items():
        like = shipped.get(language, shipped["en"])
        for key, text in texts.items():
            for why in wrong_with_text(key, text, like, language):
                yield ("texts", language, key), why


def wrong_with_text(key: str, text: str, shipped: Mapping[str, str], language: str) -> Iterator[Line]:
    """What must not be said in ``language`` in the place of the text ``key`` of ``shipped``."""
    if key not in shipped:
        told = "there is no such text{meant}; {verb} lists them all"
        yield remedy(told, meant=meant(key, shipped), verb=VerbName("texts"))
        return
    yield from _wrong_beside(text, shipped[key], language, published=key.startswith(_RULES))


@lru_cache(maxsize=16_384)
def _wrong_beside(text: str, shipped: str, language: str, *, published: bool) -> tuple[Line, ...]:
    """What must not be said in the place of one ``shipped`` text. Each is looked at once: a file is checked often."""
    return tuple(_wrongs_beside(text, shipped, language, published=published))


def _wrongs_beside(text: str, shipped: str, language: str, *, published: bool) -> Iterator[Line]:
    yield from (_wrong_plural(each, language) for each in mistakes(text, language))
    allowed = placeholders(shipped)
    for unknown in sorted(placeholders(text) - allowed):
        if allowed:
            told = "{unknown} cannot be filled here; this text has {allowed}"
            yield remedy(told, unknown=f"{{{unknown}}}", allowed=_list(allowed))
        else:
            yield remedy("{unknown} cannot be filled here; this text has no placeholders", unknown=f"{{{unknown}}}")
    missing = allowed - placeholders(text)
    if published and missing:
        yield remedy("the rules must publish {missing} (Order 32 of 2020); add them", missing=_list(missing))


def _wrong_plural(wrong: Mistake, language: str) -> Line:
    forms = needed_forms(language)
    example = f"{{{wrong.name}, plural, {' '.join(f'{form} {{# …}}' for form in forms)}}}"
    called, has = own_name(language), ", ".join(forms)
    match wrong.fault:
        case Fault.UNREADABLE:
            return remedy("the plural of {name} cannot be read; write {example}", name=wrong.name, example=example)
        case Fault.OPEN:
            told = "the form {form} in the plural of {name} is not closed; write {example}"
            return remedy(told, form=wrong.form, name=wrong.name, example=example)
        case Fault.TWICE:
            told = "the plural of {name} has the form {form} twice; remove one"
            return remedy(told, name=wrong.name, form=wrong.form)
        case Fault.STRANGE:
            told = "{language} has no plural form {form}; it has {forms}"
            return remedy(told, language=called, form=wrong.form, forms=has)
        case Fault.LACKS:
            told = "the plural of {name} lacks the form {form}, which {language} has; write {example}"
            return remedy(told, name=wrong.name, form=wrong.form, language=called, example=example)
        case _:
            assert_never(wrong.fault)


def _list(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))
