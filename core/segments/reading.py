"""Read a segment: its words by the grammar into a tree, each mistake told at its word."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

from lark import Lark, Token, Tree, UnexpectedToken
from lark.lexer import Lexer

from core.answers import Line
from core.campaign.findings import meant, remedy
from core.campaign.rules import Rules
from core.segments.refusals import BadSegment
from core.segments.spelling import UNITS, Spelling, Spelt, folded
from core.segments.times import Edge, When
from core.segments.tree import Called, Denied, Either, Every, Leaf, Node, Range, Span, Unknown
from core.segments.words import Choice, Happening, Moment, Number, Predicate, Values, Word

LONGEST = 1000
"""Signs of a segment."""
DEEPEST = 50
"""Brackets and negations within each other."""
_MOST = 10**12
_LONGEST_TIME = {"minute": 5_256_000, "hour": 87_600, "day": 3_650, "week": 520, "month": 120}
_GRAMMAR = (Path(__file__).parent / "grammar.lark").read_text("utf-8")
_KINDS: Mapping[type[Word], str] = {
    Predicate: "PREDICATE",
    Happening: "HAPPENING",
    Number: "NUMBER",
    Choice: "CHOICE",
    Moment: "MOMENT",
}
_COMPARISONS = frozenset({"GE", "LE", "GT", "LT", "EQ"})
_STARTS = frozenset({"PREDICATE", "HAPPENING", "CHOICE", "MOMENT"})
_EXPECTED: Sequence[tuple[frozenset[str], str]] = (
    (frozenset({"INTEGER"}), "a whole number"),
    (frozenset({"UNIT"}), "days, hours or weeks"),
    (frozenset({"VALUE", "NAME", "STRING"}), "one of its values"),
    (frozenset({"DATE"}), "a day such as 2026-12-01"),
    (frozenset({"UNKNOWN"}), "the word unknown"),
)


class _Given(Lexer):
    """The words as they were found."""

    def __init__(self, _conf: object) -> None:
        """It has no terminals of its own."""

    def lex(self, data: Iterable[Token]) -> Iterator[Token]:  # type: ignore[override]
        """``data`` itself."""
        yield from data


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", lexer=_Given, maybe_placeholders=False)


class Place(NamedTuple):
    """What a text is read with: its words, and names for other segments."""

    text: str
    rules: Rules | None
    named: Mapping[str, str]
    within: tuple[str, ...] = ()
    """The names of segments that this one is a part of."""


class Lexicon:
    """All words that may stand in segments. Raises ValueError where two are spelt alike."""

    def __init__(self, words: Sequence[Word]) -> None:
        self.by_name = {word.name: word for word in words}
        kinds: dict[str, list[tuple[str, str]]] = {}
        seen: dict[str, str] = {}
        for word in words:
            for spelling in word.spellings:
                if (other := seen.setdefault(folded(spelling), word.name)) != word.name:
                    raise ValueError(f"two words of segments are spelt {spelling}: {other} and {word.name}")
                kinds.setdefault(_KINDS[type(word)], []).append((spelling, word.name))
        self._words = kinds

    @cached_property
    def spelling(self) -> Spelling:
        """How they are spelt."""
        values = [spelling for word in self.by_name.values() for spelling in _always(word)]
        units = {unit for word in self.by_name.values() if isinstance(word, Number) for unit in word.units}
        return Spelling(self._words, values, units)

    def tree(self, place: Place) -> Node:
        """The tree of a text. Raises BadSegment."""
        text = place.text
        if not text.strip():
            raise BadSegment(text, Span(0, 0), remedy("write whom you mean, for example: redeemed and points >= 100"))
        if len(text) > LONGEST:
            raise BadSegment(text, Span(LONGEST, LONGEST), remedy("this is too long; name parts of it in segments:"))
        spelt = list(self.spelling.cut(text, place.named, self._values_of(place.rules)))
        self._refuse_depth(text, spelt)
        tokens = [Token(one.kind, one.means, start_pos=one.begin, end_pos=one.end) for one in spelt]
        try:
            parsed = _parser().parse(tokens)
        except UnexpectedToken as error:
            raise self._unexpected(text, spelt, error) from None
        return _Reader(self, place).either(parsed)

    def _values_of(self, rules: Rules | None) -> Iterator[str]:
        """How things are spelt that only the rules of a campaign know."""
        if rules is None:
            return
        for word in self.by_name.values():
            listed: Callable[[Rules], Values] | None = getattr(word, "of_rules", getattr(word, "things", None))
            if listed is not None:
                yield from (each for spellings in listed(rules).values() for each in spellings)

    def _refuse_depth(self, text: str, spelt: Sequence[Spelt]) -> None:
        depth = 0
        for one in spelt:
            depth += {"LPAR": 1, "RPAR": -1}.get(one.kind, 0)
            if depth > DEEPEST or sum(each.kind in {"NOT", "UNKNOWN"} for each in spelt) > DEEPEST * 2:
                raise BadSegment(text, Span(one.begin, one.end), remedy("this is nested too deep; name parts of it"))

    def _unexpected(self, text: str, spelt: Sequence[Spelt], error: UnexpectedToken) -> BadSegment:
        token: Token = error.token
        expected = frozenset(error.accepts or error.expected or ())
        told = _may_stand(expected)
        if token.type == "$END":
            end = len(text.rstrip())
            return BadSegment(text, Span(end, end), remedy("something is missing here: {told}", told=told))
        at = next(number for number, one in enumerate(spelt) if one.begin == token.start_pos)
        if [each.kind for each in spelt[max(at - 2, 0) : at]] == ["COMMA", "NAME"]:  # "or", and no value behind it
            at, told = at - 1, _may_stand(_STARTS)
        one = spelt[at]
        written = text[one.begin : one.end]
        if one.kind not in {"NAME", "STRING", "SIGN"}:
            why = remedy("{word} cannot stand here; write {told}", word=written, told=told)
            return BadSegment(text, Span(one.begin, one.end), why)
        near = meant(folded(written), self.spelling.known)
        why = remedy("{word} is not known here{meant}; write {told}", word=written, meant=near, told=told)
        return BadSegment(text, Span(one.begin, one.end), why)


def _always(word: Word) -> Iterator[str]:
    values = word.values if isinstance(word, Choice) else {}
    for name, spellings in values.items():
        yield from (name, *spellings)


def _may_stand(expected: frozenset[str]) -> Line:
    told: list[str] = []
    if expected & _STARTS:
        told.append("a word such as redeemed, points or channel")
    if expected & {"AND", "$END"} and "AND" in expected:
        told.append("and, or")
    if "IS" in expected and not expected & _STARTS:
        told.append("is")
    if expected >= {"GE", "LE"} and not expected & _STARTS:
        told.append("a comparison such as >= 100")
    if "LAST" in expected and not expected & _STARTS:
        told.append("a time such as in the last 14 days")
    told += [each for kinds, each in _EXPECTED if kinds <= expected and not expected & _STARTS]
    if "RPAR" in expected:
        told.append(")")
    parts = {f"part_{number}": remedy(each) for number, each in enumerate(told[:4] or ["the end"])}
    return remedy(" / ".join(f"{{{name}}}" for name in parts), **parts)


class _Reader:
    """Makes the tree of what was parsed."""

    def __init__(self, lexicon: Lexicon, place: Place) -> None:
        self._lexicon, self._place = lexicon, place

    def node(self, tree: Tree[Token]) -> Node:
        """The node of a parsed part."""
        read: Callable[[Tree[Token]], Node] = getattr(self, f"_{tree.data}")
        return read(tree)

    def _refuse(self, span: Span, sentence: str, **values: Any) -> BadSegment:
        return BadSegment(self._place.text, span, remedy(sentence, **values))

    def _nodes(self, tree: Tree[Token]) -> tuple[Node, ...]:
        return tuple(self.node(child) for child in tree.children if isinstance(child, Tree))

    def either(self, parsed: Tree[Token]) -> Node:
        """The node of all that was parsed."""
        return self._nodes(parsed)[0]

    def _either(self, tree: Tree[Token]) -> Node:
        nodes = self._nodes(tree)
        return nodes[0] if len(nodes) == 1 else Either(nodes)

    def _both(self, tree: Tree[Token]) -> Node:
        nodes = self._nodes(tree)
        return nodes[0] if len(nodes) == 1 else Every(nodes)

    def _denied(self, tree: Tree[Token]) -> Node:
        nodes = self._nodes(tree)
        return Denied(nodes[0]) if any(_is(child, "NOT") for child in tree.children) else nodes[0]

    def _doubted(self, tree: Tree[Token]) -> Node:
        return Unknown(self._nodes(tree)[0], _span(tree))

    def _unknown(self, tree: Tree[Token]) -> Node:
        token = next(each for each in _tokens(tree) if each.type in {*_KINDS.values(), "NAMED"})
        part = self._named(tree) if token.type == "NAMED" else Leaf(self._word(token), _span_of(token))
        return Unknown(part, _span(tree))

    def _known(self, tree: Tree[Token]) -> Node:
        return Denied(self._unknown(tree))

    def _word(self, token: Token) -> Word:
        return self._lexicon.by_name[str(token)]

    def _predicate(self, tree: Tree[Token]) -> Node:
        token = next(_tokens(tree))
        return Leaf(self._word(token), _span_of(token))

    def _named(self, tree: Tree[Token]) -> Node:
        token = next(_tokens(tree))
        name, place = str(token), self._place
        if name in place.within:
            raise self._refuse(_span_of(token), "{name} would be a part of itself; write out what it means", name=name)
        inner = place._replace(text=place.named[name], within=(*place.within, name))
        try:
            return Called(name, self._lexicon.tree(inner), _span_of(token), inner.text)
        except BadSegment as error:
            raise self._refuse(_span_of(token), "in {name}: {why}", name=name, why=error.finding) from None

    def _happened(self, tree: Tree[Token]) -> Node:
        token = next(each for each in _tokens(tree) if each.type == "HAPPENING")
        leaf = self._leaf(token, tree)
        return Denied(leaf) if any(_is(child, "NOT") for child in tree.children) else leaf

    def _number(self, tree: Tree[Token]) -> Node:
        token = next(each for each in _tokens(tree) if each.type == "NUMBER")
        leaf = self._leaf(token, tree)
        denied = any(_is(each, "ISNT") for part in tree.find_data("is") for each in part.children)
        return Denied(leaf) if denied else leaf

    def _moment(self, tree: Tree[Token]) -> Node:
        return self._leaf(next(each for each in _tokens(tree) if each.type == "MOMENT"), tree)

    def _choice(self, tree: Tree[Token]) -> Node:
        token = next(_tokens(tree))
        leaf = self._leaf(token, tree)
        return Denied(leaf) if any(_is(child, "ISNT") for child in tree.children) else leaf

    def _leaf(self, token: Token, tree: Tree[Token]) -> Leaf:
        """The condition of a word, by what stands beside it."""
        word = self._word(token)
        things: tuple[str, ...] = ()
        things_span, found_range, whens = None, None, []
        for part in (child for child in tree.children if isinstance(child, Tree)):
            match str(part.data):
                case "things":
                    if things:
                        raise self._refuse(_span(part), "name all of them at once, with or between them")
                    things_span = _span(part)
                    things = self._things(word, part)
                case "often" | "is" | "compared":
                    if found_range is not None:
                        raise self._refuse(_span(part), "say once how often or how much")
                    found_range = self._range(part, word.per if isinstance(word, Number) else 1)
                case _:
                    whens.append(self._when(part))
                    if isinstance(word, Number) and word.facts is None:
                        raise self._refuse(_span(part), "{word} is counted now; no time can stand here", word=word.name)
        return Leaf(word, _span(tree), things, found_range, tuple(whens), things_span)

    def _things(self, word: Word, tree: Tree[Token]) -> tuple[str, ...]:
        rules = self._place.rules
        listed: Values | None = None
        if isinstance(word, Choice):
            listed = None if word.open or (rules is None and word.of_rules is not None) else word.listed(rules)
            known = word.listed(rules)
        elif isinstance(word, Happening) and word.things is not None:
            known = word.things(rules) if rules is not None else {}
            listed = known if rules is not None else None
        else:
            raise self._refuse(_span(tree), "nothing can be named behind {word}", word=word.name)
        spelt = {folded(spelling): name for name, each in known.items() for spelling in (name, *each)}
        found = []
        for token in _tokens(tree):
            if token.type == "COMMA":
                continue
            said = folded(self._place.text[token.start_pos : token.end_pos]).strip('"').strip()
            name = spelt.get(said)
            if name is None and listed is not None:
                if not listed and rules is not None and (why := word.absent(rules)) is not None:
                    raise BadSegment(self._place.text, _span(tree), why)
                names = [name.rpartition(":")[2] for name in listed]
                near = meant(said, spelt)
                sentence = "nothing is called {value} here{meant}; there are {names}"
                raise self._refuse(_span_of(token), sentence, value=said, meant=near, names=", ".join(names[:10]))
            found.append(name if name is not None else said)
        return tuple(dict.fromkeys(found))

    def _range(self, tree: Tree[Token], per: int) -> Range:  # noqa: PLR0911  # one for each way to say it
        numbers = [self._integer(each, per) for each in _tokens(tree) if each.type == "INTEGER"]
        kinds = {each.type for each in _tokens(tree)}
        if "BETWEEN" in kinds:
            if numbers[0] > numbers[1]:
                raise self._refuse(_span(tree), "the first number is larger than the second; swap them")
            return Range(numbers[0], numbers[1])
        if kinds & {"ONCE", "TWICE"}:
            number = 1 if "ONCE" in kinds else 2
            return Range(number, number)
        number = numbers[0]
        compared = next(iter(kinds & _COMPARISONS), None)
        match compared:
            case "GT":
                return Range(number + 1)
            case "LT":
                if number == 0:
                    raise self._refuse(_span(tree), "nothing is below 0; this matches nobody")
                return Range(0, number - 1)
            case "GE":
                return Range(number)
            case "LE":
                return Range(0, number)
        if "ORMORE" in kinds:
            return Range(number)
        return Range(0, number) if "ORFEWER" in kinds else Range(number, number)

    def _integer(self, token: Token, per: int) -> int:
        number = Decimal(str(token)) * per
        if number != int(number):
            raise self._refuse(_span_of(token), "write a whole number")
        if number > _MOST:
            raise self._refuse(_span_of(token), "this number is a slip of the finger; give less")
        return int(number)

    def _when(self, tree: Tree[Token]) -> When:  # noqa: PLR0911  # one for each way to say it
        tokens = list(_tokens(tree))
        edges = [self._edge(each) for each in tree.children if isinstance(each, Tree)]
        match str(tree.data):
            case "last":
                return When(since=Edge(ago=self._length(tokens)))
            case "ago":
                edge = Edge(ago=self._length(tokens))
                newer = any(each.type in {"LT", "LE"} for each in tokens)
                return When(since=edge) if newer else When(until=edge)
            case "before":
                return When(until=edges[0])
            case "after":
                return When(since=edges[0], after=True)
            case "since":
                return When(since=edges[0])
            case "on":
                if not edges[0].whole_day and edges[0].days_ago is None:
                    raise self._refuse(_span(tree), "write before, after or since in front of it")
                return When(since=edges[0], until=edges[0], through=True)
            case _:
                return When(since=edges[0], until=edges[1], through=True)

    def _length(self, tokens: Sequence[Token]) -> tuple[int, str]:
        count = next((self._integer(each, 1) for each in tokens if each.type == "INTEGER"), 1)
        unit = next(str(each) for each in tokens if each.type == "UNIT")
        assert unit in UNITS
        if not 0 < count <= _LONGEST_TIME[unit]:
            raise self._refuse(_span_of(tokens[0]), "give a length of time above zero, and at most ten years")
        return count, unit

    def _edge(self, tree: Tree[Token]) -> Edge:
        token = next(_tokens(tree))
        match token.type:
            case "TODAY":
                return Edge(days_ago=0)
            case "YESTERDAY":
                return Edge(days_ago=1)
            case "OPENING":
                return Edge()
        try:
            local = datetime.fromisoformat(str(token))
        except ValueError:
            raise self._refuse(_span_of(token), "there is no such day or time; look at the calendar") from None
        return Edge(local=local, whole_day=":" not in str(token))


def _is(child: Tree[Token] | Token, kind: str) -> bool:
    return isinstance(child, Token) and child.type == kind


def _tokens(tree: Tree[Token]) -> Iterator[Token]:
    for child in tree.children:
        if isinstance(child, Token):
            yield child
        else:
            yield from _tokens(child)


def _span_of(token: Token) -> Span:
    assert token.start_pos is not None
    assert token.end_pos is not None
    return Span(token.start_pos, token.end_pos)


def _span(tree: Tree[Token]) -> Span:
    spans = [_span_of(token) for token in _tokens(tree)]
    return Span(min(each.begin for each in spans), max(each.end for each in spans))
