"""The tree of a segment: what it says in SQL and of one player, where each answer is yes, no or not known (Kleene)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeAlias, assert_never

from sqlalchemy import ColumnElement, and_, false, not_, or_, true

from core.answers import Line, Verbatim, line
from core.segments.facts import Between, Facts, total
from core.segments.times import When, all_of
from core.segments.words import Asked, Choice, Happening, Moment, Number, Predicate, Seen, Word


class Span(NamedTuple):
    """Where something stands in the text of a segment: from one sign to before another, counted from 0."""

    begin: int
    end: int


class Range(NamedTuple):
    """From one whole number to another, both included; None where there is no such end."""

    least: int | None = None
    most: int | None = None

    def has(self, number: int) -> bool:
        """Whether ``number`` lies in it."""
        return (self.least is None or number >= self.least) and (self.most is None or number <= self.most)

    def where(self, column: ColumnElement[int]) -> ColumnElement[bool]:
        """The same in SQL."""
        if self.least is not None and self.least == self.most:
            return column == self.least
        ends = [column >= self.least] if self.least is not None else []
        return and_(true(), *ends, *([column <= self.most] if self.most is not None else []))


@dataclass(frozen=True, slots=True)
class Leaf:
    """One condition: a word, with what is said of it."""

    word: Word
    span: Span
    things: tuple[str, ...] = ()
    """One of these, by their names in the database."""
    range: Range | None = None
    """So often, or so much."""
    when: tuple[When, ...] = ()
    things_span: Span | None = None
    """Where they stand."""

    @property
    def is_bare(self) -> bool:
        """Whether nothing is said of the word."""
        return not self.things and self.range is None and not self.when

    @property
    def predicate(self) -> Predicate | None:
        """What it is where the word alone is enough."""
        if isinstance(self.word, Predicate):
            return self.word
        return self.word.bare if isinstance(self.word, Happening) and self.is_bare else None

    @property
    def facts(self) -> tuple[Facts, ...]:
        """What must be read to look at one player."""
        if self.predicate is not None:
            return self.predicate.facts
        found = getattr(self.word, "facts", None)
        return (found,) if found is not None else ()

    @property
    def may_be_unknown(self) -> bool:
        """Whether there are players of whom nobody knows it."""
        return isinstance(self.word, Choice) and self.word.unknowable

    def known(self, asked: Asked) -> ColumnElement[bool]:
        """Of whom it is known."""
        assert isinstance(self.word, Choice)
        return self.word.facts.exist(sums=asked.sums)

    def holds(self, asked: Asked) -> ColumnElement[bool]:  # noqa: PLR0911  # one for each kind of word
        """Of whom it is true; never NULL."""
        if self.predicate is not None:
            return self.predicate.where(asked)
        match self.word:
            case Happening(facts=facts):
                return self._counted(facts, asked)
            case Number(column=column, facts=facts):
                if column is not None:
                    return (self.range or Range()).where(column)
                assert facts is not None
                return self._counted(facts, asked)
            case Choice(facts=facts):
                return facts.exist(*facts.within(all_of((), asked), self.things), sums=asked.sums)
            case Moment(column=column, facts=facts):
                between = all_of(self.when, asked)
                if facts is not None:
                    there = facts.exist(*facts.within(between._replace(until=None)), sums=asked.sums)
                    if between.until is None:
                        return there
                    return and_(there, not_(facts.exist(facts.instant >= between.until, sums=asked.sums)))
                assert column is not None
                ends = [column >= between.since] if between.since is not None else []
                return and_(true(), *ends, *([column < between.until] if between.until is not None else []))
        raise AssertionError(self.word)

    def _counted(self, facts: Facts, asked: Asked) -> ColumnElement[bool]:
        wanted = self.range or Range(least=1)
        within = facts.within(self._between(asked), self.things)
        if facts.amount is None:
            if wanted == Range(1):
                return facts.exist(*within, sums=asked.sums)
            if wanted.most == 0:
                return not_(facts.exist(*within, sums=asked.sums))
        return wanted.where(facts.total(*within, sums=asked.sums))

    def _between(self, asked: Asked) -> Between:
        between = all_of(self.when, asked)
        if not self.when and asked.since is not None and isinstance(self.word, Happening):
            return between._replace(since=asked.since)
        return between

    def check(self, seen: Seen, asked: Asked) -> bool | None:  # noqa: PLR0911  # one for each kind of word
        """Whether it is true of one player; None where that is not known."""
        if self.predicate is not None:
            return self.predicate.check(seen, asked)
        match self.word:
            case Happening(facts=facts):
                return (self.range or Range(1)).has(total(seen.found[facts], self._between(asked), self.things))
            case Number():
                return (self.range or Range()).has(self._number(seen, asked))
            case Choice(facts=facts):
                if not seen.found[facts] and self.may_be_unknown:
                    return None
                return any(each.item in self.things for each in seen.found[facts])
            case Moment(column=column, facts=facts):
                if column is not None:
                    return all_of(self.when, asked).has(getattr(seen.player, str(column.key)))
                assert facts is not None
                instants = [each.at for each in seen.found[facts] if each.at is not None]
                return bool(instants) and all_of(self.when, asked).has(max(instants))
        raise AssertionError(self.word)

    def _number(self, seen: Seen, asked: Asked) -> int:
        assert isinstance(self.word, Number)
        if self.word.column is not None:
            return int(getattr(seen.player, str(self.word.column.key)))
        assert self.word.facts is not None
        return total(seen.found[self.word.facts], self._between(asked), self.things)

    def value(self, seen: Seen, asked: Asked) -> Line:
        """What was seen of one player."""
        if self.predicate is not None and not (isinstance(self.word, Happening) and self.word.facts in seen.found):
            return line("yes") if self.predicate.check(seen, asked) else line("no")
        match self.word:
            case Happening(facts=facts):
                return _happened(
                    total(seen.found[facts], self._between(asked), self.things),
                    [each.at for each in seen.found[facts] if each.at is not None],
                )
            case Number(per=per):
                number = self._number(seen, asked)
                return line("{number}", number=number if per == 1 else number / per)
            case Choice(facts=facts):
                found = sorted({str(each.item) for each in seen.found[facts]})
                return line("{text}", text=Verbatim(", ".join(found))) if found else line("none")
            case Moment(column=column, facts=facts):
                instants = [getattr(seen.player, str(column.key))] if column is not None else []
                instants += [each.at for each in seen.found[facts] if each.at is not None] if facts is not None else []
                return line("{at:%Y-%m-%d %H:%M} UTC", at=max(instants)) if instants else line("never")
        raise AssertionError(self.word)


def _happened(count: int, instants: Sequence[datetime]) -> Line:
    if not instants:
        return line("never")
    return line("{count}; the last one ever {at:%Y-%m-%d %H:%M} UTC", count=count, at=max(instants))


@dataclass(frozen=True, slots=True)
class Every:
    """All of these are true."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of these is true."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Denied:
    """This is not true."""

    part: "Node"


@dataclass(frozen=True, slots=True)
class Unknown:
    """It is not known whether this is true. That is always known."""

    part: "Node"
    span: Span


@dataclass(frozen=True, slots=True)
class Called:
    """What a campaign file calls by a name."""

    name: str
    part: "Node"
    span: Span
    text: str = ""
    """What it means, as it was written."""


Node: TypeAlias = Every | Either | Denied | Unknown | Called | Leaf


def leaves(node: Node) -> Iterator[Leaf]:
    """All conditions of ``node``, in their order."""
    match node:
        case Leaf():
            yield node
        case Every(parts) | Either(parts):
            for part in parts:
                yield from leaves(part)
        case Denied(part) | Unknown(part=part) | Called(part=part):
            yield from leaves(part)
        case _:
            assert_never(node)


def holds(node: Node, asked: Asked) -> ColumnElement[bool]:
    """Of whom ``node`` is true; never NULL."""
    match node:
        case Leaf():
            return node.holds(asked)
        case Every(parts):
            return and_(*(holds(part, asked) for part in parts))
        case Either(parts):
            return or_(*(holds(part, asked) for part in parts))
        case Denied(part):
            return fails(part, asked)
        case Unknown(part=part):
            return doubtful(part, asked)
        case Called(part=part):
            return holds(part, asked)
    assert_never(node)


def fails(node: Node, asked: Asked) -> ColumnElement[bool]:
    """Of whom ``node`` is not true, and that is known; never NULL."""
    match node:
        case Leaf():
            refused = not_(node.holds(asked))
            return and_(node.known(asked), refused) if node.may_be_unknown else refused
        case Every(parts):
            return or_(*(fails(part, asked) for part in parts))
        case Either(parts):
            return and_(*(fails(part, asked) for part in parts))
        case Denied(part):
            return holds(part, asked)
        case Unknown(part=part):
            return not_(doubtful(part, asked))
        case Called(part=part):
            return fails(part, asked)
    assert_never(node)


def doubtful(node: Node, asked: Asked) -> ColumnElement[bool]:
    """Of whom nobody knows whether ``node`` is true; never NULL."""
    match node:
        case Leaf():
            return not_(node.known(asked)) if node.may_be_unknown else false()
        case Every(parts):
            doubts = or_(*(doubtful(part, asked) for part in parts))
            return and_(doubts, *(not_(fails(part, asked)) for part in parts))
        case Either(parts):
            doubts = or_(*(doubtful(part, asked) for part in parts))
            return and_(doubts, *(not_(holds(part, asked)) for part in parts))
        case Denied(part) | Called(part=part):
            return doubtful(part, asked)
        case Unknown():
            return false()
    assert_never(node)


def check(node: Node, seen: Callable[[Leaf], Seen], asked: Asked) -> bool | None:
    """Whether ``node`` is true of one player, by what was ``seen`` for each condition; None where it is not known."""
    match node:
        case Leaf():
            return node.check(seen(node), asked)
        case Every(parts):
            found = [check(part, seen, asked) for part in parts]
            return False if False in found else None if None in found else True
        case Either(parts):
            found = [check(part, seen, asked) for part in parts]
            return True if True in found else None if None in found else False
        case Denied(part):
            answer = check(part, seen, asked)
            return None if answer is None else not answer
        case Unknown(part=part):
            return check(part, seen, asked) is None
        case Called(part=part):
            return check(part, seen, asked)
    assert_never(node)
