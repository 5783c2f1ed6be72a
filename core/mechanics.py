"""A mechanic: one thing that a campaign can do, as the engine sees it; and all of them together.

The engine knows no mechanic by name. What it recognises, asks, fires and checks is derived from the tuple that the
composition root hands in, whose order is the precedence of what is recognised at the same stage.
"""

import inspect
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from core import kept_of_people, rights
from core.alerts import Alert, nobody_told
from core.answers import Line
from core.audit.faults import Check
from core.audit.ledger_checks import stocks
from core.audit.seal_checks import opens
from core.audit.transfer_checks import known_kinds
from core.campaign.findings import Finding
from core.campaign.grammar import Section
from core.campaign.live import LiveCampaign
from core.campaign.platforms import channels_in_chinese
from core.campaign.reader import CampaignFile
from core.campaign.rules import Rules
from core.context import Context, TurnRows
from core.engine.aside import Aside
from core.engine.routes import AllWanted, Prompt, Route
from core.events import Reaction
from core.measures.measure import Measure
from core.measures.recount import recount
from core.menu import MenuWord
from core.messages import Reply
from core.models import Base, Campaign
from core.models.stock import Stocked
from core.personal import Forgets, Kept, Parts
from core.phrasebook import Phrasebook, phrasebook_of
from core.places import Place
from core.profile import Finder, Profile
from core.reception import Reception
from core.results import conversation
from core.results.result import Result
from core.retention import kinds
from core.retention.kinds import Aged
from core.sealed import Sealed
from core.segments.reading import Lexicon
from core.segments.words import Word
from core.speech.own_word_checks import own_word_findings
from core.speech.own_words import words_known
from core.speech.suggestions import Vocabulary
from core.texts.catalogue import Catalogue, shipped
from core.timers.kinds import TimerKind
from core.timers.reschedule import Schedule, plant_kind, replant
from core.triggers import Occurrence, Trigger, Words
from core.verbs import Verb, by_name

_SPOKEN = ("", "engine", "campaign", "segments", "speech")
"""Folders of core that say something to operators: itself, and some of its own."""

Related = Callable[[Session, TurnRows, AllWanted], set[bytes]]
Loader = Callable[[Session, TurnRows, AllWanted], None]


@dataclass(frozen=True, slots=True)
class Publishing:
    """A version of a campaign that is being published; all campaigns are locked."""

    campaign: Campaign
    before: Rules | None
    """The rules of the version before it."""
    rules: Rules
    file: CampaignFile
    now: datetime


Telling = Callable[[LiveCampaign, Place], Mapping[str, Sequence[Reply]]]
"""What is told of a campaign at a place, by the placeholder that is filled with it."""
Beside = Callable[[Context], Sequence[Reply]]
Restored = Callable[[Session, TurnRows, datetime], Iterable[Line]]
"""Settles, in a copy of a database that was restored, what may have been done after the copy was taken; says what."""
Triggered = Callable[[TurnRows, Trigger, Occurrence], None]
Published = Callable[[Session, Publishing], None]
"""Raises BadCampaign for what cannot be published on this database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mechanic:
    """One mechanic, whole."""

    name: str
    sections: Sequence[type[Section]] = ()
    """What a campaign file may say of it, each under a key of its own, with what must not be published."""
    texts: Path | None = None
    """The folder of what players read, a file a language."""
    routes: Sequence[Route] = ()
    """Its intents, those that are tried first before the others of their stage."""
    prompts: Sequence[Prompt] = ()
    """What it asks."""
    related: Related | None = None
    """Whom else its messages concern: the addresses to lock, looked up before anything is locked."""
    load: Loader | None = None
    """Loads what its messages name, when addresses and players are locked. No query where none names anything."""
    rank: int = 0
    """Where the locks of ``load`` stand in the order of all: those of a smaller rank are taken first."""
    timers: Mapping[str, TimerKind] = field(default_factory=dict)
    """What falls due, by the name of its kind."""
    schedule: Schedule | None = None
    """Those of its timers that are set anew for whoever plays already, when a version has others."""
    published: Published | None = None
    """What it does when a version is published."""
    on: Mapping[type[Any], Reaction] = field(default_factory=dict)
    """What it does when something happens elsewhere, by the class of the event."""
    reception: Reception | None = None
    """Its answers where no mechanic is concerned: one has them for all."""
    says: Beside | None = None
    """What it says of that beside the answer of whose message it was, where the handler lets it: ``ctx.besides()``."""
    asks: Beside | None = None
    """The same where it may be a question, which stands at the end of all that is said."""
    segments: Sequence[Word] = ()
    """Its words for what is true of players."""
    triggers: Sequence[Trigger] = ()
    """Its words for what happens to them."""
    triggered: Triggered | None = None
    """What it does when that happens, whosever word it is."""
    measures: Sequence[Measure] = ()
    """What it counts."""
    results: Sequence[Result] = ()
    """What players do with it that a text can be measured by."""
    menu: Sequence[MenuWord] = ()
    """Its words in menus."""
    titles: Callable[[Rules, Sequence[Route]], Iterable[Finding]] = lambda _rules, _routes: ()
    """What players cannot say of what a campaign file calls its things."""
    tables: Sequence[type[Base]] = ()
    """Its own tables."""
    sealed: Sequence[Sealed] = ()
    """Its columns of ciphertext."""
    kept: Sequence[Kept] = ()
    """What of them is about people, and handed out to whom it is about."""
    parts: Parts | None = None
    """Settles what a person has open who is about to be erased."""
    forgets: Forgets | None = None
    """Takes what is known of a person out of them."""
    ages: Sequence[Aged] = ()
    """What of them goes when it is old."""
    verbs: Sequence[Verb[Any]] = ()
    """What operators can do with it."""
    profile: Profile | None = None
    """Its lines of a player whom an operator looks at."""
    finds: Sequence[Finder] = ()
    """How it finds players, for operators."""
    aside: Aside | None = None
    """The messages that it deals with beside the turns of players: one has some at most."""
    alert: Alert | None = None
    """Tells operators what none of them asked for: one mechanic has them."""
    help: Telling = lambda _campaign, _place: {}
    """Its lines in the help of a campaign that has it."""
    terms: Telling = lambda _campaign, _place: {}
    """What the rules publish of it."""
    checks: Sequence[Check] = ()
    """Its invariants, for the audit."""
    restored: Restored | None = None
    """What of its rows must not be done once more when a backup was restored."""
    transfers: Sequence[ColumnElement[bool]] = ()
    """Its kinds of transfers, and between which accounts each goes: the audit knows no others."""


@dataclass(frozen=True, slots=True)
class Mechanics:
    """What the engine derives from all mechanics of a product."""

    each: tuple[Mechanic, ...]
    sections: tuple[type[Section], ...]
    """What campaign files may say of them."""
    routes: tuple[Route, ...]
    """In the order in which a text is tried."""
    vocabulary: Vocabulary
    """Their words, of which one may be meant by a text that nobody understood."""
    prompts: Mapping[str, Prompt]
    related: tuple[Related, ...]
    loaders: tuple[Loader, ...]
    """In the order of their locks."""
    timers: Mapping[str, TimerKind]
    reactions: Mapping[type[Any], Sequence[Reaction]]
    """By the class of the event, in the order of mechanics."""
    besides: tuple[Beside, ...]
    """What is said beside an answer, in the order of mechanics, and then what is asked."""
    published: tuple[Published, ...]
    segments: Lexicon
    triggers: Mapping[str, Trigger]
    measures: Mapping[str, Measure]
    """In the order of mechanics."""
    results: Mapping[str, Result]
    """What a text can be measured by: what is said after it first."""
    menu: tuple[MenuWord, ...]
    """By rank."""
    checks: tuple[Check, ...]
    sealed: tuple[Sealed, ...]
    """All columns of ciphertext, the engine's first."""
    kept: tuple[Kept, ...]
    """What is about people: what the engine keeps first."""
    ages: tuple[Aged, ...]
    """What goes when it is old, in the order in which it does."""
    verbs: tuple[Verb[Any], ...]
    phrases: Callable[[], Phrasebook]
    """What verbs say, in Chinese; read once, when somebody asks. Raises ValueError for a sentence said in two ways."""

    @property
    def aside(self) -> Aside | None:
        """The messages that are dealt with beside the turns of players."""
        return next((one.aside for one in self.each if one.aside is not None), None)

    @property
    def alert(self) -> Alert:
        """What tells operators something that none of them asked for."""
        return next((one.alert for one in self.each if one.alert is not None), nobody_told)

    @property
    def reception(self) -> Reception:
        """Whoever answers where no mechanic is concerned. Raises StopIteration where nobody does."""
        return next(one.reception for one in self.each if one.reception is not None)

    def profiles(self) -> Iterator[Profile]:
        """What each shows of a player, in the order of mechanics."""
        return (one.profile for one in self.each if one.profile is not None)

    def finders(self) -> Iterator[Finder]:
        """How players are found, in the order of mechanics."""
        return (finder for one in self.each for finder in one.finds)

    def titles(self, rules: Rules) -> Iterator[Finding]:
        """What players cannot say of what a campaign file calls things, and of its own words."""
        yield from own_word_findings(rules, self.routes)
        for one in self.each:
            yield from one.titles(rules, self.routes)

    def words(self) -> Collection[str]:
        """The words under which a campaign file lists its own."""
        return words_known(self.routes)

    def texts(self) -> Catalogue:
        """What players read. Raises ValueError for a key that two have."""
        return shipped(*(one.texts for one in self.each if one.texts is not None))

    @classmethod
    def of(cls, *each: Mechanic) -> Self:
        """What ``each`` have, in their order; routes by their stages first.

        Raises ValueError where two have one name, or sections, questions, kinds of timers, verbs, measures, results or
        words of one name.
        """
        words = Words(
            Lexicon(list(_by_name([word for one in each for word in one.segments]).values())),
            _by_name([word for one in each for word in one.triggers]),
            frozenset(name for one in each for verb in one.verbs for name in (verb.name, verb.group.name)),
        )
        measures = _by_name([measure for one in each for measure in one.measures])
        results = _by_name([*conversation.RESULTS, *(result for one in each for result in one.results)])
        verbs = _verbs(each)
        by_key = _by_key([section for one in each for section in one.sections])
        sections = tuple(section.knowing(words) for section in by_key.values())
        schedules = [one.schedule for one in each if one.schedule is not None]
        sealed = (*rights.SEALED, *(column for one in each for column in one.sealed))
        routes = tuple(sorted((route for one in each for route in one.routes), key=lambda route: route.stage))
        return cls(
            each,
            sections,
            routes,
            Vocabulary(routes),
            _by_name([prompt for one in each for prompt in one.prompts]),
            tuple(one.related for one in each if one.related is not None),
            tuple(one.load for one in sorted(each, key=lambda one: one.rank) if one.load is not None),
            _by_name([*(kind for one in each for kind in one.timers.values()), plant_kind(schedules)]),
            _reactions(each, list(words.triggers.values())),
            (
                *(one.says for one in each if one.says is not None),
                *(one.asks for one in each if one.asks is not None),
            ),
            (
                *(one.published for one in each if one.published is not None),
                lambda session, publishing: replant(session, publishing, schedules),
            ),
            words.segments,
            words.triggers,
            measures,
            results,
            tuple(sorted((word for one in each for word in one.menu), key=lambda word: word.rank)),
            (
                known_kinds(*(kind for one in each for kind in one.transfers)),
                opens(sealed),
                recount(sections, measures),
                stocks(*(table for one in each for table in one.tables if issubclass(table, Stocked))),
                *(check for one in _by_name(each).values() for check in one.checks),
            ),
            sealed,
            (*kept_of_people.KEPT, *(kept for one in each for kept in one.kept)),
            (*kinds.KINDS, *(kind for one in each for kind in one.ages)),
            verbs,
            cache(lambda: _phrases(each, verbs, _in_chinese(measures, results))),
        )


def _phrases(each: Sequence[Mechanic], verbs: Sequence[Verb[Any]], named: Mapping[str, str]) -> Phrasebook:
    acts: list[Callable[..., Any]] = [verb.act for verb in verbs]
    acts += [one.published for one in each if one.published is not None]
    beside = (Path(inspect.getfile(act)).parent for act in acts)
    texts = (one.texts.parent for one in each if one.texts is not None)
    book = phrasebook_of(*dict.fromkeys((*(Path(__file__).parent / name for name in _SPOKEN), *texts, *beside)))
    return book.knowing({**named, **channels_in_chinese()})


def _in_chinese(measures: Mapping[str, Measure], results: Mapping[str, Result]) -> dict[str, str]:
    said = {one.name: one.chinese[0] for one in results.values()}
    return said | {one.name: one.chinese for one in measures.values()}


def _verbs(each: Sequence[Mechanic]) -> tuple[Verb[Any], ...]:
    verbs = tuple(verb for one in each for verb in one.verbs)
    by_name(verbs)
    return verbs


def _reactions(each: Sequence[Mechanic], triggers: Sequence[Trigger]) -> dict[type[Any], list[Reaction]]:
    found: dict[type[Any], list[Reaction]] = {}
    for one in each:
        for event, reaction in one.on.items():
            found.setdefault(event, []).append(reaction)
        if one.triggered is not None:
            for trigger in triggers:
                found.setdefault(trigger.event, []).append(partial(_pull, trigger, one.triggered))
    return found


def _pull(trigger: Trigger, triggered: Triggered, rows: TurnRows, event: object) -> None:
    """Let a mechanic do what it does when ``event`` is one of ``trigger``."""
    if (occurrence := trigger.occurred(event)) is not None:
        triggered(rows, trigger, occurrence)


def _by_key(sections: Sequence[type[Section]]) -> dict[str, type[Section]]:
    found = {section.key: section for section in sections}
    if len(found) < len(sections) or found.keys() & Rules.model_fields.keys():
        raise ValueError(f"a key of a campaign file has two meanings: {[section.key for section in sections]}")
    return found


_Named = TypeVar("_Named", Mechanic, Prompt, TimerKind, Word, Trigger, Measure, Result)


def _by_name(each: Sequence[_Named]) -> dict[str, _Named]:
    found = {one.name: one for one in each}
    if len(found) < len(each):
        names = [one.name for one in each]
        raise ValueError(f"two have one name: {sorted({name for name in names if names.count(name) > 1})}")
    return found
