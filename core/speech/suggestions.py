"""Suggest: which words of ours somebody may have meant whose text nothing understood. It is asked, never acted upon.

Only such a text pays for it, and only a short one: a word or a phrase of ours with one or two slips of a finger, a
Chinese one with characters that sound the same, twice or in another order, or one in letters. What a machine or an
ordinary sentence says is none of these.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from core.campaign.grammar import Phrases as Titles
from core.context import Context
from core.engine.routes import Intent, Route
from core.messages import Choice, Phrases, Reply, Shown
from core.speech.decoration import parts
from core.speech.keywords import Means, plain, polite
from core.speech.own_words import ANSWERS, OwnWords, own_words_at
from core.spelling import slips
from core.texts.languages import unmarked
from core.texts.pinyin import merged, sound

_LONGEST = 32
_FEW, _SOME = 4, 6
"""Letters of a word from which one slip, and two, leave it what it is."""
_MOST = 2
"""Slips in all, and words that are asked about."""
_HEARD = 7
"""Letters of pinyin from which one slip leaves them what they are."""
_LONGEST_TITLE = 39
"""Of which an address keeps two while it is asked about them."""
_SENTENCE = 4
"""Characters from which one may be read nearly the same."""


class Meant(NamedTuple):
    """A word that may be meant: as it is shown, and what it means (None for what opts out)."""

    shown: str
    intent: Intent | str | None
    """A campaign's own word that is none of ours means itself, as the name of a language does."""


class _Words(NamedTuple):
    """All words that may be meant."""

    phrases: Mapping[int, Sequence[tuple[list[str], Meant]]]
    """Those in letters, by how many words they have."""
    sounds: Mapping[str, Sequence[Meant]]
    """The Chinese ones, by how they are read."""
    shuffled: Mapping[str, Sequence[Meant]]
    """The same, by the characters that they are made of."""
    intents: Mapping[str, Intent | None]
    """What all of them mean, as they are compared."""


class Vocabulary:
    """The words of all routes that may be meant; they are put together when the first text asks for them."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = routes
        self._words: _Words | None = None
        self._near = lru_cache(maxsize=64)(self._ours)

    def near(self, text: str, own: OwnWords | None = None) -> list[str]:
        """The words that ``text`` may be asked about, as they are said."""
        return [plain(word) for word in self.nearest(text, own)]

    def nearest(self, text: str, own: OwnWords | None = None) -> tuple[str, ...]:
        """The words, ours and those of campaigns, to which ``text`` is nearest, one for each thing that they mean.

        None when none is near.
        """
        said = polite(text)
        if not 1 < len(said) <= _LONGEST:
            return ()
        found = [*self._near_own(said, own or {}), *self._near(said)]
        least = min((far for far, _ in found), default=0)
        shown: dict[Intent | str | None, str] = {}
        for far, meant in found:
            if far == least:
                shown.setdefault(meant.intent, meant.shown)
        return tuple(shown.values())[:_MOST]

    def _near_own(self, said: str, own: OwnWords) -> Iterator[tuple[int, Meant]]:
        """Each of a campaign's own words that may be meant; they are compared without the marks on their letters."""
        words = unmarked(said).split(" ")
        for word in own.values() if own else ():
            phrase = unmarked(parts(word.shown)).split(" ")
            far = _slips(words, phrase) if len(words) == len(phrase) and word.means not in ANSWERS else None
            if far is not None:
                intents = self._all().intents
                yield far, Meant(word.shown, intents.get(plain(word.means), word.means))

    def _ours(self, said: str) -> list[tuple[int, Meant]]:
        return list(_near(said, self._all()))

    def _all(self) -> _Words:
        if self._words is None:
            self._words = _words_of(self._routes)
        return self._words


def nearest_titles(text: str, titles: Sequence[Titles]) -> Sequence[int]:
    """Which of the ``titles`` of a short list ``text`` may be, or some words of one: at most two, the nearest ones."""
    said = polite(text)
    if not 1 < len(said) <= _LONGEST:
        return ()
    far = {
        at: min(found)
        for at, title in enumerate(titles)
        if (found := [slipped for each in title.each for slipped in _from_title(said, parts(each))])
        and max(map(len, title.each)) <= _LONGEST_TITLE
    }
    nearest_ones = [at for at, slipped in far.items() if slipped == min(far.values())]
    return nearest_ones if len(nearest_ones) <= _MOST else ()


def _from_title(said: str, title: str) -> Iterator[int]:
    """How far ``said`` is from ``title``, or from some words or characters of it."""
    words, meant, together, whole = said.split(" "), title.split(" "), said.replace(" ", ""), title.replace(" ", "")
    if together.isascii():
        for at in range(len(meant) - len(words) + 1):
            if (slipped := _slips(words, meant[at : at + len(words)])) is not None:
                yield slipped
        if len(whole) >= _SOME and (far := slips(together, whole)) <= _MOST:
            yield far
        if not whole.isascii() and merged(together) == sound(whole):
            yield 1
        return
    heard = sound(together)
    if any(sound(whole[at : at + len(together)]) == heard for at in range(len(whole) - len(together) + 1)):
        yield 1
    if sorted(together) == sorted(whole) or (len(whole) > _MOST and slips(together, whole) == 1):
        yield 1


def _near(said: str, words: _Words) -> Iterator[tuple[int, Meant]]:
    """Each word that may be meant, and how far ``said`` is from it."""
    together = said.replace(" ", "")
    if together.isascii():
        for phrase, meant in words.phrases.get(said.count(" ") + 1, ()):
            if (far := _slips(said.split(" "), phrase)) is not None:
                yield far, meant
        yield from _sounding(merged(together), words)
    elif together.isalpha():
        yield from ((0, meant) for meant in words.shuffled.get("".join(sorted(set(together))), ()))
        heard = sound(together)
        yield from ((0, meant) for meant in words.sounds.get(heard, ()))
        if len(together) >= _SENTENCE:
            yield from _sounding(heard, words)


def _slips(said: Sequence[str], phrase: Sequence[str]) -> int | None:
    """The slips that make ``said`` of ``phrase``, word by word; None when a word is another one."""
    slipped = 0
    for one, meant in zip(said, phrase, strict=True):
        if one != meant:
            most = 0 if len(meant) < _FEW else 1 if len(meant) < _SOME else _MOST
            if abs(len(one) - len(meant)) > most or (far := slips(one, meant)) > most:
                return None
            slipped += far
    return slipped if slipped <= _MOST else None


def _sounding(heard: str, words: _Words) -> Iterator[tuple[int, Meant]]:
    """Chinese words that are read as ``heard``, or nearly so where that is long enough."""
    yield from ((1, meant) for meant in words.sounds.get(heard, ()))
    if len(heard) >= _HEARD:
        for each, meant in words.sounds.items():
            if abs(len(each) - len(heard)) <= 1 and len(each) >= _HEARD and slips(heard, each) == 1:
                yield from ((_MOST, one) for one in meant)


def _words_of(routes: Sequence[Route]) -> _Words:
    phrases, sounds, shuffled = defaultdict(list), defaultdict(list), defaultdict(list)
    intents: dict[str, Intent | None] = {}
    known = [each.recognise for each in routes if isinstance(each.recognise, Means)]
    listed = [(each.words, each.intent, each.offered) for each in known if each.offered != ()]
    near = tuple(dict.fromkeys(word for each in routes for word in each.near))
    for words, intent, offered in [*listed, (near, None, None)]:
        for word in words:
            said = plain(word)
            intents[said] = intent
            meant = Meant(next((one for one in offered or () if one.isascii() == said.isascii()), word), intent)
            if said.isascii():
                phrases[word.count(" ") + 1].append((word.lower().split(" "), meant))
            elif len(said) > 1:
                sounds[sound(said)].append(meant)
                shuffled["".join(sorted(set(said)))].append(meant)
    return _Words(phrases, sounds, shuffled, intents)


def nearest(ctx: Context) -> Sequence[str]:
    """The words, ours and those of the campaigns here, that a text may mean which nobody understood; as shown."""
    own = own_words_at(ctx.rows.campaigns.values(), ctx.message.place)
    return ctx.mechanics.vocabulary.nearest(ctx.message.text, own)


def offer(ctx: Context, words: Sequence[tuple[str, str | Phrases]], choices: Sequence[Choice]) -> Reply:
    """Ask whether one of ``words`` is meant (as it is said, as it is shown).

    It acts when it is agreed to, tapped or typed, and not before.
    """
    if ctx.address.scanned is None:  # else a yes says that a friend's word is taken
        ctx.address.offered = " ".join(said for said, _ in words)
    lines = (Reply("unknown.word", {"number": at, "word": shown}) for at, (_, shown) in enumerate(words, start=1))
    shown: Shown = {"word": words[0][1]} if len(words) == 1 else {"lines": tuple(lines)}
    return Reply("unknown.meant" if len(words) == 1 else "unknown.which", shown, tuple(choices))
