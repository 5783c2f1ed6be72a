"""Whether a segment can match anybody: by the rules of a campaign, by the calendar, and by what it says itself."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from core.answers import Line
from core.campaign.findings import remedy
from core.segments.facts import Between
from core.segments.times import all_of
from core.segments.tree import Called, Denied, Either, Every, Leaf, Node, Range, Span, Unknown, leaves
from core.segments.words import Asked, Choice, Moment, Number, Word

_MOST_WAYS = 300
"""Ways to be in a segment that are looked at; with more it is taken for one that may match."""


_Answer: TypeAlias = bool | None


class Clash(NamedTuple):
    """Why nobody is in a segment, and at which word; of a named one that is a part of it, at its name."""

    span: Span
    why: Line


class _Said(NamedTuple):
    """One thing that must be so: a condition is true, not true, or not known; and where that stands."""

    leaf: Leaf
    answer: bool | None
    span: Span


def clash_in(node: Node, asked: Asked) -> Clash | None:
    """Why nobody can be in a segment that is asked; None where somebody may be."""
    for leaf, span in _placed(node, None):
        if (why := leaf.word.absent(asked.rules) or _never(leaf, asked)) is not None:
            return Clash(span, why)
    for part, span in _doubted(node, None):
        if not any(leaf.may_be_unknown for leaf in leaves(part)):
            return Clash(span, remedy("this is always known, so nobody is unknown here; remove it"))
    first: Clash | None = None
    for number, way in enumerate(_ways(node, wanted=True, span=None)):
        found = _contradiction(way, asked)
        if found is None or number >= _MOST_WAYS:
            return None
        first = first or found
    return first or Clash(Span(0, 0), remedy("this matches nobody"))


def _placed(node: Node, span: Span | None) -> Iterator[tuple[Leaf, Span]]:
    match node:
        case Leaf():
            yield node, span or node.span
        case Called(part=part, span=own):
            yield from _placed(part, span or own)
        case Every(parts) | Either(parts):
            for part in parts:
                yield from _placed(part, span)
        case Denied(part) | Unknown(part=part):
            yield from _placed(part, span)


def _doubted(node: Node, span: Span | None) -> Iterator[tuple[Node, Span]]:
    match node:
        case Unknown(part=part, span=own):
            yield part, span or own
            yield from _doubted(part, span)
        case Called(part=part, span=own):
            yield from _doubted(part, span or own)
        case Every(parts) | Either(parts):
            for part in parts:
                yield from _doubted(part, span)
        case Denied(part):
            yield from _doubted(part, span)


def _never(leaf: Leaf, asked: Asked) -> Line | None:
    """Why one condition alone is true of nobody, or of everybody for a reason that is a slip."""
    between = all_of(leaf.when, asked)
    if between.since is not None and between.until is not None and between.since >= between.until:
        return remedy("this time ends before it begins; swap the days")
    if between.since is not None and between.since > asked.at:
        return remedy("this time has not come yet; nothing has happened in it")
    return None


def _ways(node: Node, wanted: _Answer, span: Span | None) -> Iterator[tuple[_Said, ...]]:
    """All ways in which ``node`` may be answered ``wanted``: in each, all that must be so."""
    match node:
        case Leaf():
            if wanted is not None or node.may_be_unknown:
                yield (_Said(node, wanted, span or node.span),)
        case Called(part=part, span=own):
            yield from _ways(part, wanted, span or own)
        case Denied(part):
            yield from _ways(part, None if wanted is None else not wanted, span)
        case Unknown(part=part):
            if wanted is True:
                yield from _ways(part, None, span)
            elif wanted is False:
                yield from _ways(part, True, span)
                yield from _ways(part, False, span)
        case Every(parts):
            yield from _joined(parts, wanted, span, all_must=True)
        case Either(parts):
            yield from _joined(parts, wanted, span, all_must=False)


def _joined(
    parts: Sequence[Node], wanted: _Answer, span: Span | None, *, all_must: bool
) -> Iterator[tuple[_Said, ...]]:
    """Of parts that must all be ``all_must`` for the whole to be so: one that is not is enough for the other answer."""
    if wanted is (not all_must):
        for part in parts:
            yield from _ways(part, wanted, span)
        return
    answers = (all_must,) if wanted is all_must else (None, all_must)
    yield from _product(parts, answers, span, needs_doubt=wanted is None)


def _product(
    parts: Sequence[Node], answers: Sequence[bool | None], span: Span | None, *, needs_doubt: bool
) -> Iterator[tuple[_Said, ...]]:
    if not parts:
        if not needs_doubt:
            yield ()
        return
    for answer in answers:
        for first in _ways(parts[0], answer, span):
            for rest in _product(parts[1:], answers, span, needs_doubt=needs_doubt and answer is not None):
                yield (*first, *rest)


def _contradiction(way: Sequence[_Said], asked: Asked) -> Clash | None:
    """Why not all that is said can be so; told at what came last."""
    for number, one in enumerate(way):
        for other in way[:number]:
            if (why := _against(other, one, asked)) is not None:
                return Clash(one.span, why)
    numbers: dict[tuple[Word, Between], Range] = {}
    for one in way:
        if isinstance(one.leaf.word, Number) and (limits := _limits(one)) is not None:
            key = (one.leaf.word, all_of(one.leaf.when, asked))
            known = numbers.get(key, Range(0))
            both = Range(max(known.least or 0, limits.least or 0), _least(known.most, limits.most))
            if both.most is not None and (both.least or 0) > both.most:
                why = remedy("{word} cannot be both here and above; this matches nobody", word=one.leaf.word.name)
                return Clash(one.span, why)
            numbers[key] = both
    return None


def _limits(one: _Said) -> Range | None:
    """Which numbers are left; None where that is no one stretch of them."""
    wanted = one.leaf.range or Range()
    if one.answer:
        return wanted
    if not wanted.least and wanted.most is not None:
        return Range(wanted.most + 1)
    if wanted.least is not None and wanted.most is None:
        return Range(0, wanted.least - 1)
    return None


def _least(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else min(one, other)


def _against(one: _Said, other: _Said, asked: Asked) -> Line | None:
    """Why two things cannot both be so; None where they may."""
    if one.leaf.word is not other.leaf.word:
        return None
    word = one.leaf.word
    if _same(one.leaf, other.leaf) and one.answer is not other.answer:
        return remedy("{word} cannot be so and not so at once; this matches nobody", word=word.name)
    single = isinstance(word, Choice) and word.single and one.answer and other.answer
    if single and not set(one.leaf.things) & set(other.leaf.things):
        return remedy("{word} is one thing only; write or between them, this matches nobody", word=word.name)
    if isinstance(word, Choice) and None in {one.answer, other.answer} and one.answer is not other.answer:
        return remedy("{word} cannot be known and unknown at once; this matches nobody", word=word.name)
    if isinstance(word, Moment) and one.answer and other.answer:
        between = all_of((*one.leaf.when, *other.leaf.when), asked)
        if between.since is not None and between.until is not None and between.since >= between.until:
            return remedy("{word} cannot lie in both times; this matches nobody", word=word.name)
    return None


def _same(one: Leaf, other: Leaf) -> bool:
    return (set(one.things), one.range, one.when) == (set(other.things), other.range, other.when)
