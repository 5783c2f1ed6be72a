"""A crowd: who asks whom, how fast they answer, who never does. It knows what it reads in its chats, no more."""

import hashlib
import heapq
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from core.alphabet import normalise
from core.campaign.platforms import asks_word
from core.campaign.rules import Rules
from core.messages import Answer, InboundKind, InboundMessage
from core.places import Place, place_named
from core.words import LENGTH, Kind, is_word
from handlers.relay.rules import RelayRules, relay_on

Side = TypeVar("Side")
_WHOLE = 1 << 53
_MS = timedelta(milliseconds=1)
_WORDS = {
    "torch": ("火炬", "torch"),
    "relight": ("重燃", "relight"),
    "perk": ("特权", "perk"),
    "board": ("排行榜", "board"),
    "yes": ("1", "1"),
    "points": ("积分", "points"),
    "rules": ("规则", "rules"),
}
_NAMES = (("小兰", "小明", "阿华", "大伟", "晓红"), ("Anna", "Tom", "Mei", "Sam", "Lily"))
_CURIOUS = ("board", "perk", "torch")


class Dice:
    """Dice whose throws follow from a seed and what they are thrown for, in whatever order they are thrown."""

    def __init__(self, seed: int) -> None:
        self._seed = str(seed).encode()

    def fraction(self, *of: object) -> float:
        """A number from 0 up to, but not including, 1: the same whenever it is thrown for the same thing."""
        what = ":".join(map(str, of)).encode()
        drawn = hashlib.blake2b(what, digest_size=8, key=self._seed).digest()
        return (int.from_bytes(drawn, "big") >> 11) / _WHOLE

    def happens(self, share: float, *of: object) -> bool:
        """True in ``share`` of all cases."""
        return self.fraction(*of) < share

    def below(self, most: int, *of: object) -> int:
        """A whole number from 0 up to, but not including, ``most``."""
        return int(self.fraction(*of) * most)

    def one_of(self, sides: Sequence[Side], *of: object) -> Side:
        """One of ``sides``, all alike."""
        return sides[self.below(len(sides), *of)]

    def waited_ms(self, mean_s: float, *of: object) -> int:
        """Milliseconds until something happens that may happen at any moment, ``mean_s`` on average."""
        return round(-math.log(1 - self.fraction(*of)) * mean_s * 1000)


@dataclass(frozen=True, slots=True)
class Habits:
    """What people are like: shares from 0 to 1, and lengths of time. Guesses for a lively campaign, not findings."""

    beginners: float = 0.02
    """Come by themselves, without a friend."""
    friends: tuple[int, ...] = (0, 1, 1, 2, 2, 2, 3, 3, 4, 6)
    """How many are asked at once for one torch, all alike."""
    asks_after_s: float = 45
    answers: float = 0.62
    """Of those who are asked and have not joined, the others never answer."""
    answers_again: float = 0.15
    """Of those who have joined and are asked by somebody else: they send the word all the same."""
    slow: float = 0.35
    """Of those who answer, these take their time."""
    quick_s: float = 150
    slow_s: float = 2400
    reminded: float = 0.2
    """Ask one more friend when they are reminded."""
    relights: float = 0.5
    curious: float = 0.08
    """Look at boards, perk, points and rules."""
    named: float = 0.2
    repeated: float = 0.03
    """Of all messages, delivered once more by their platform."""
    english: float = 0.25
    buys_again: float = 0.6
    sleeps: float = 0.7
    """Answer in the morning what came at night."""
    wakes_at: int = 7


@dataclass(slots=True)
class Person:
    """Somebody of the crowd, and what they know of the campaign."""

    number: int
    place: Place
    tongue: int
    """0 Chinese, 1 English."""
    word: str | None = None
    """The own invite word, once they have read it."""
    tries: int = 0
    """Torches so far."""
    ends_ms: int = 0
    """When the last torch goes out."""
    lit: bool = False


class Saying(NamedTuple):
    """One message that somebody sends; the first two fields are its place in time."""

    at_ms: int
    order: int
    person: int
    text: str
    what: str
    """What the sender wants with it."""
    asked_by: int = -1
    """Who had asked a friend to send it."""
    typed: bool = True
    again: bool = False
    """True when its platform delivers it once more."""


@dataclass
class Crowd:
    """``players`` people and their plans, in virtual milliseconds from ``start``. ``codes`` are what they buy."""

    rules: Rules
    players: int
    dice: Dice
    start: datetime
    length: timedelta
    habits: Habits = field(default_factory=Habits)
    codes: Iterator[str] = field(default_factory=lambda: iter(()))

    def __post_init__(self) -> None:
        self._plans: list[Saying] = []
        self._order = 0
        self._end_ms = self.length // _MS
        self._relay = self.rules.section(RelayRules)
        places = map(place_named, self.rules.channels)
        self._places = [place for place in places if not self._relay or relay_on(self.rules, place)]
        self.people: dict[int, Person] = {}
        self.repeated = 0
        (self._begin_relay if self._relay else self._begin_codes)()

    @property
    def next_ms(self) -> int | None:
        """When somebody speaks next; None when nobody will."""
        return self._plans[0].at_ms if self._plans else None

    def speak(self, until_ms: int, most: int) -> list[Saying]:
        """What is said before ``until_ms``, in order, at most so many messages."""
        said: list[Saying] = []
        while self._plans and self._plans[0].at_ms < until_ms and len(said) < most:
            saying = heapq.heappop(self._plans)
            if not (saying.what == "relight" and self._person(saying.person).lit):
                said.append(saying)
                self.repeated += saying.again
        return said

    def message(self, saying: Saying) -> InboundMessage:
        """``saying`` as its platform delivers it."""
        person = self._person(saying.person)
        address = (person.place.channel, person.place.account or "main", f"player-{person.number:07}")
        at = self.start + saying.at_ms * _MS
        return InboundMessage.received(
            address,
            f"m{saying.order}",
            saying.text,
            at,
            waits=True,
            kind=InboundKind.TYPED if saying.typed else InboundKind.TAPPED,
        )

    def hear(self, saying: Saying, answer: Answer) -> None:
        """Somebody reads the answer, and makes plans; what comes again says nothing new."""
        if saying.again:
            return
        person = self._person(saying.person)
        own = next((word for text in answer.texts for word in _words_in(text)), None)
        react: dict[str, Callable[[], None]] = {
            "code": lambda: self._bought(person, saying),
            "scan": lambda: self._plan(person, saying.at_ms + 5_000, "yes", asked_by=saying.asked_by),
        }
        if saying.what in react:
            react[saying.what]()
        relay = self._relay
        if relay is None or saying.what in {"board", "perk"}:
            return
        if own is None:
            if saying.what in {"join", "yes"} and "invited" not in relay.qualify:
                self._buy(person, saying.at_ms + 60_000)
            return
        new = person.word is None or (saying.what == "relight" and not person.lit and saying.at_ms >= person.ends_ms)
        person.word = own
        if new:
            self._light(saying)
            self._hold(person, saying.at_ms)

    def _person(self, number: int) -> Person:
        if number not in self.people:
            place = self.dice.one_of(self._places, "channel", number)
            english = self.dice.happens(self.habits.english, "tongue", number)
            self.people[number] = Person(number, place, int(english))
        return self.people[number]

    def _say(self, saying: Saying) -> None:
        if saying.at_ms >= self._end_ms:
            return
        heapq.heappush(self._plans, saying)
        if self.dice.happens(self.habits.repeated, "repeated", saying.order):
            again_ms = saying.at_ms + self.dice.below(20_000, "again", saying.order)
            heapq.heappush(self._plans, saying._replace(at_ms=again_ms, again=True))

    def _plan(
        self, person: Person, at_ms: int, what: str, text: str | None = None, *, asked_by: int = -1, typed: bool = True
    ) -> None:
        """``person`` will say ``text``, or else the word for ``what``."""
        self._order += 1
        said = text if text is not None else _WORDS[what][person.tongue]
        self._say(Saying(at_ms, self._order, person.number, said, what, asked_by, typed))

    def _begin_relay(self) -> None:
        """Some of the crowd come by themselves: most of them soon, by a code or for one of the day's torches."""
        assert self._relay is not None
        ways = [way for way in self._relay.qualify if way != "invited"]
        for nth in range(max(int(self.players * self.habits.beginners), 3)):
            person = self._person(self.dice.below(self.players, "beginner", nth))
            at_ms = int(self.dice.fraction("comes", nth) ** 2 * self._end_ms)
            way = self.dice.one_of(ways, "way", nth)
            code = next(self.codes, None) if way == "code" else None
            self._plan(person, at_ms, "code" if code else "torch", code)

    def _begin_codes(self) -> None:
        """Everybody buys a bag once, at any time."""
        for number in range(self.players):
            self._buy(self._person(number), self.dice.below(self._end_ms, "comes", number))

    def _buy(self, person: Person, at_ms: int) -> None:
        if (code := next(self.codes, None)) is not None:
            self._plan(person, at_ms, "code", code)

    def _bought(self, person: Person, saying: Saying) -> None:
        """Who likes it buys another bag, and some ask what they have."""
        key = ("bag", saying.order)
        if self._relay is None and self.dice.happens(self.habits.buys_again, *key):
            self._buy(person, saying.at_ms + self.dice.waited_ms(4 * 3600, *key, "later"))
        if self.dice.happens(self.habits.curious, *key, "asks"):
            what = self.dice.one_of(("points", "rules"), *key, "what")
            self._plan(person, saying.at_ms + 8_000, what)

    def _light(self, saying: Saying) -> None:
        """The friend's joining lit the torch of whoever had asked, if it was in time."""
        asker = self.people.get(saying.asked_by)
        if asker is not None and not asker.lit and saying.at_ms < asker.ends_ms:
            asker.lit = True
            if self.dice.happens(self.habits.curious, "perk", asker.number):
                self._plan(asker, saying.at_ms + 30_000, "perk")

    def _hold(self, person: Person, at_ms: int) -> None:
        """A new torch: ask friends now, ask again when reminded, and think of lighting it anew."""
        relay, habits, dice = self._relay, self.habits, self.dice
        assert relay is not None
        person.tries, person.ends_ms = person.tries + 1, at_ms + relay.window // _MS
        torch = (person.number, person.tries)
        for nth in range(dice.one_of(habits.friends, "friends", *torch)):
            self._ask(person, at_ms + dice.waited_ms(habits.asks_after_s, "asks", *torch, nth), nth)
        for nth, after in enumerate(relay.remind):
            if dice.happens(habits.reminded, "reminded", *torch, nth):
                self._ask(person, at_ms + after // _MS + 20_000, 100 + nth)
        if dice.happens(habits.curious, "looks", *torch):
            self._plan(person, at_ms + 60_000, dice.one_of(_CURIOUS, "at", *torch))
        if dice.happens(habits.named, "named", *torch):
            name = dice.one_of(_NAMES[person.tongue], "name", *torch)
            self._plan(person, at_ms + 15_000, "name", ("我叫", "my name is ")[person.tongue] + name)
        if relay.relight is not None and dice.happens(habits.relights, "relights", *torch):
            again_ms = person.ends_ms + relay.relight.after // _MS + dice.waited_ms(1200, "again", *torch)
            self._plan(person, again_ms, "relight")

    def _ask(self, asker: Person, at_ms: int, nth: int) -> None:
        """Ask somebody of the crowd, who may have joined long ago, and may never answer."""
        key = (asker.number, asker.tries, nth)
        number = self.dice.below(self.players, "friend", *key)
        known = self.people.get(number)
        share = self.habits.answers if known is None or known.word is None else self.habits.answers_again
        if number == asker.number or asker.word is None or not self.dice.happens(share, "answers", *key):
            return
        friend = self._person(number)
        slow = self.dice.happens(self.habits.slow, "slow", *key)
        mean_s = self.habits.slow_s if slow else self.habits.quick_s
        come_ms = self._awake(at_ms + 10_000 + self.dice.waited_ms(mean_s, "takes", *key), *key)
        by_link = asks_word(self.rules, friend.place)
        self._plan(friend, come_ms, "scan" if by_link else "join", asker.word, asked_by=asker.number, typed=not by_link)

    def _awake(self, at_ms: int, *key: int) -> int:
        """``at_ms``, or the next morning for most of those who sleep then."""
        local = (self.start + at_ms * _MS).astimezone(self.rules.zone)
        hours = self.habits.wakes_at - local.hour
        if hours <= 0 or not self.dice.happens(self.habits.sleeps, "sleeps", *key):
            return at_ms
        return at_ms + hours * 3_600_000 + self.dice.below(5_400_000, "wakes", *key)


def _words_in(text: str) -> Iterator[str]:
    """The invite words that somebody reads in ``text``."""
    for piece in text.replace("\n", " ").replace("：", " ").split():
        word = normalise(piece)
        if len(word) == LENGTH and is_word(Kind.INVITE, word):
            yield word
