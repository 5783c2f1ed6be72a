"""A segment: whom an operator means, read once, asked in SQL of many and in Python of one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import Session

from core.campaign.rules import Rules
from core.models import Address, Player
from core.segments import doubts, tree
from core.segments.facts import Fact, Facts, Row, Sums
from core.segments.reading import Lexicon, Place
from core.segments.refusals import BadSegment
from core.segments.tree import Leaf, Node, Span
from core.segments.words import Asked, Happening, Predicate, Seen, Word

__all__ = ["BadSegment", "Lexicon", "Segment", "Sought", "look_up", "read", "refuse_impossible", "segment_of"]


@dataclass(frozen=True)
class Segment:
    """Whom an operator means.

    ``where`` and ``check`` say the same of everybody: yes, no, or not known, which is neither.
    """

    text: str
    """As it was written."""
    node: Node

    def where(self, asked: Asked) -> ColumnElement[bool]:
        """Of whom it is true: a condition on a row of the players' table that became no other one; never NULL.

        The campaign and ``merged_into IS NULL`` are the caller's to ask for. Everything relative counts from
        ``asked.at``, so ask with the same instant until all of them are found.
        """
        return tree.holds(self.node, asked)

    def among(self, session: Session, statement: Select[*Row], asked: Asked) -> Select[*Row]:
        """``statement``, which asks for players of a whole campaign, for those alone of whom it is true."""
        if session.get_bind().dialect.name == "postgresql":
            return self.among_all(statement, asked)
        return statement.where(self.where(asked))  # SQLite looks up what a player did in a microsecond

    def among_all(self, statement: Select[*Row], asked: Asked) -> Select[*Row]:
        """The same by sums: what all players did is read once and joined, and not looked up for each of them."""
        whole = asked._replace(sums=(sums := Sums()))
        self.where(whole)
        return sums.join(statement).where(self.where(whole))

    def fails(self, asked: Asked) -> ColumnElement[bool]:
        """Of whom it is not true, and that is known; never NULL."""
        return tree.fails(self.node, asked)

    def unknown(self, asked: Asked) -> ColumnElement[bool]:
        """Of whom nobody knows whether it is true; never NULL."""
        return tree.doubtful(self.node, asked)

    def check(self, sought: "Sought", player: Player, address: Address, asked: Asked) -> bool | None:
        """Whether it is true of one player, of whom it was :func:`look_up`-ed; None where that is not known."""
        return _answer(self.node, sought, player, address, asked)

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """Its conditions."""
        return tuple(tree.leaves(self.node))

    @property
    def alone(self) -> Predicate | None:
        """The word that it is, where it is one word alone."""
        return self.node.predicate if isinstance(self.node, Leaf) else None

    @property
    def lasts(self) -> bool:
        """Whether it stays true of whom it was true of."""
        return self.alone is not None and self.alone.lasts

    def clash(self, asked: Asked) -> BadSegment | None:
        """Why it can match nobody, by the rules, at an instant; None where it may match somebody."""
        found = doubts.clash_in(self.node, asked)
        return None if found is None else BadSegment(self.text, found.span, found.why)


@dataclass(slots=True)
class Sought:
    """What was read of some players for some segments."""

    latest: dict[str, dict[int, datetime]] = field(default_factory=dict)
    """The latest instant of what a word asks for, by word and player."""
    facts: dict[Facts, dict[int, list[Fact]]] = field(default_factory=dict)

    def seen(self, leaf: Leaf, player: Player, address: Address) -> Seen:
        """What a condition needs to know of ``player``."""
        word = leaf.predicate
        latest = self.latest.get(word.name, {}).get(player.id) if word is not None else None
        found = {each: self.facts[each].get(player.id, ()) for each in leaf.facts}
        more: Facts | None = getattr(leaf.word, "facts", None) if isinstance(leaf.word, Happening) else None
        if more in self.facts:
            found[more] = self.facts[more].get(player.id, ())
        return Seen(player, address, latest, found)


def look_up(
    session: Session,
    segments: Iterable[Segment],
    ids: Sequence[int],
    sought: Sought | None = None,
    *,
    explained: bool = False,
) -> Sought:
    """Read what ``segments`` need to know of the players ``ids``: one query for each kind of rows that they ask for.

    ``explained`` reads what answers need nothing of, too, so that it can be shown (:meth:`Leaf.value`).
    """
    found = Sought() if sought is None else sought
    each = [leaf for segment in segments for leaf in segment.leaves]
    predicates = {word.name: word for leaf in each if (word := leaf.predicate) is not None and word.latest is not None}
    for name, predicate in sorted(predicates.items()):
        assert predicate.latest is not None
        rows = session.execute(predicate.latest, {"ids": list(ids)})
        found.latest.setdefault(name, {}).update((one, instant) for one, instant in rows if instant is not None)
    wanted = [one for leaf in each for one in leaf.facts]
    wanted += [leaf.word.facts for leaf in each if explained and isinstance(leaf.word, Happening)]
    for facts in dict.fromkeys(wanted):
        mine = found.facts.setdefault(facts, {})
        for player_id, at, item, amount in session.execute(facts.each(), {"ids": list(ids)}):
            mine.setdefault(player_id, []).append(Fact(at, None if item is None else str(item), amount))
    return found


def _answer(node: Node, sought: Sought, player: Player, address: Address, asked: Asked) -> bool | None:
    return tree.check(node, lambda leaf: sought.seen(leaf, player, address), asked)


def read(text: str, words: Lexicon, rules: Rules | None = None, at: datetime | None = None) -> Segment:
    """Read ``text``. Raises BadSegment, which is a VerbRefused and has a ``finding`` for a campaign file.

    With ``rules``, names of segments in that file may stand in it, and what it names must be in the campaign; with
    ``at``, too, it is refused when it can match nobody. Without rules it is only known to be of the language.
    """
    named = tuple(rules.segments_named().items()) if rules is not None else ()
    segment = Segment(text, _tree(words, text, rules, named))
    if rules is not None and at is not None:
        refuse_impossible(segment, Asked(rules, at))
    return segment


def segment_of(word: Word) -> Segment:
    """The segment that is one word alone."""
    return Segment(word.name, Leaf(word, Span(0, len(word.name))))


def refuse_impossible(segment: Segment, asked: Asked) -> None:
    """Raise BadSegment for one that can match nobody."""
    if (clash := segment.clash(asked)) is not None:
        raise clash


def _tree(words: Lexicon, text: str, rules: Rules | None, named: tuple[tuple[str, str], ...]) -> Node:
    return words.tree(Place(text, rules, dict(named)))
