"""What must not stand among a campaign's own words: what means something else already when a player types it."""

from collections.abc import Iterator, Sequence

from core.alphabet import normalise
from core.answers import Line
from core.campaign.findings import Finding, meant, remedy
from core.campaign.platforms import all_opt_out_words
from core.campaign.rules import Rules
from core.engine.routes import CodeFormats, Route, Stage
from core.messages import InboundKind
from core.speech.answers import number_in, yes_or_no
from core.speech.keywords import plain
from core.speech.own_words import ANSWERS, spellings, words_known
from core.texts.languages import names_of, own_name

_SAYS = {"yes": True, "no": False}


def own_word_findings(rules: Rules, routes: Sequence[Route]) -> Iterator[Finding]:
    """Each own word that stands for none of ours, or that means something else: a code, another word, a title."""
    known = words_known(routes)
    taken = {plain(name): own_name(each) for each in rules.languages for name in names_of(each)}
    titles = {plain(each): each for _, item in rules.goods() for each in item.title.each}
    seen: dict[str, str] = {}
    for language, words in (rules.words or {}).items():
        for ours, each in words.items():
            place = ("words", language, ours)
            if ours not in known:
                told = "no word of ours is {ours}{meant}; there are {known}"
                yield place, remedy(told, ours=ours, meant=meant(ours, known), known=", ".join(sorted(known)))
                continue
            for at, word in enumerate(each):
                why = _meant(word, ours, routes, rules.code_length)
                for spelling in spellings(word, language):
                    if why is None and seen.setdefault(spelling, ours) != ours:
                        why = remedy(
                            "“{word}” stands for {other} already; choose another", word=word, other=seen[spelling]
                        )
                    if why is None and (other := titles.get(spelling) or taken.get(spelling)) is not None:
                        why = remedy("{other} is called “{word}”; choose another", word=word, other=other)
                if why is not None:
                    yield (*place, at) if len(each) > 1 else place, why


def _meant(word: str, ours: str, routes: Sequence[Route], code_length: int | None) -> Line | None:
    """Why ``word`` cannot stand for ``ours``; None where it can."""
    if not plain(word).strip("?"):
        return remedy("nothing of “{word}” can be read; write letters", word=word)
    if yes_or_no(word) is not None or number_in(word) is not None:
        answers = remedy("“{word}” answers a question already; choose another", word=word)
        return None if ours in ANSWERS and yes_or_no(word) is _SAYS[ours] else answers
    if len(normalise(word)) == code_length:
        return remedy("“{word}” is as long as a code, and may be one; put another word with it", word=word)
    formats: CodeFormats = frozenset({(code_length, True)} if code_length else ())
    said = _route(word, routes, formats)
    if said is None or said.stage is Stage.REST or _same(said, word, ours, routes, formats):
        return None
    return remedy("“{word}” means {other} already; choose another", word=word, other=said.name)


def _route(word: str, routes: Sequence[Route], formats: CodeFormats) -> Route | None:
    typed = (route for route in routes if InboundKind.TYPED in route.kinds)
    return next((route for route in typed if route.recognise(word, formats) is not None), None)


def _same(said: Route, word: str, ours: str, routes: Sequence[Route], formats: CodeFormats) -> bool:
    """Whether ``word``, which the route ``said`` hears, means the same as ``ours``."""
    if ours == "stop" and plain(word) in all_opt_out_words():
        return True
    if said is not _route(ours, routes, formats):
        return False
    return said.stage is Stage.WISH or said.recognise(word, formats) == said.recognise(ours, formats)
