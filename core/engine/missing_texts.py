"""Missing texts: what a campaign may say, and has no words for yet in a language that Huoju does not come in."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from core.answers import Line, line
from core.campaign.grammar import SectionList, UsualSection, in_order
from core.campaign.rules import Rules
from core.engine.text_verbs import called
from core.mechanics import Mechanic, Mechanics
from core.texts.catalogue import shipped
from core.texts.languages import LANGUAGES
from core.texts.plurals import Plural, parsed


class Missing(NamedTuple):
    """The texts that a campaign lacks in one language."""

    language: str
    keys: Sequence[str]
    of: int
    """So many it may say."""
    instead: str
    """In which language they are said until then."""

    @property
    def told(self) -> Line:
        """How many they are."""
        told = "{language} lacks {count} of {of} texts, which are said in {other} until then."
        count = len(self.keys)
        return line(told, language=called(self.language), count=count, of=self.of, other=called(self.instead))


def missing(mechanics: Mechanics, rules: Rules) -> Sequence[Missing]:
    """What the campaign lacks, in each of its languages that Huoju does not come in."""
    said = list(sayable(mechanics, rules))
    main = rules.language if rules.language in LANGUAGES else "en"
    return [
        Missing(language, [key for key in said if key not in rules.texts.get(language, {})], len(said), main)
        for language in in_order(rules.languages)
        if language not in LANGUAGES
    ]


def sayable(mechanics: Mechanics, rules: Rules) -> Iterator[str]:
    """The keys of all texts with words in them that a campaign with ``rules`` may say."""
    core = shipped()["en"]
    yield from filter(lambda key: _has_words(core[key]), core)
    for one in mechanics.each:
        if one.texts is not None and _plays(one, rules):
            own = shipped(one.texts)["en"]
            yield from (key for key in own if key not in core and _has_words(own[key]))


def _plays(mechanic: Mechanic, rules: Rules) -> bool:
    """Whether a campaign has to do with ``mechanic``: a file says something of it, or it holds unsaid."""
    return not mechanic.sections or any(
        rules.says(each) or (issubclass(each, UsualSection) and not issubclass(each, SectionList))
        for each in mechanic.sections
    )


def _has_words(text: str) -> bool:
    """Whether something in ``text`` is said in words, not by what fills it alone."""
    said = parsed(text).parts
    return any(isinstance(each, Plural) or (isinstance(each, str) and any(map(str.isalpha, each))) for each in said)
