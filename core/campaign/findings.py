"""What is wrong in a campaign file: where, and what to do, in a sentence that is said in the operator's language."""

from collections.abc import Iterable, Sequence

from core.answers import Line, Value, Verbatim
from core.spelling import nearest

Finding = tuple[tuple[str | int, ...], Line]
"""A place in the file, by keys and positions from the top, and the remedy."""


def remedy(sentence: str, **values: Value) -> Line:
    """What to do: ``sentence`` with ``values`` in its places, of which words of a file are the same in each language.

    What is said in another way in each language is a Line itself.
    """
    return Line(sentence, {name: Verbatim(one) if type(one) is str else one for name, one in values.items()})


class Unfit(ValueError):
    """A value that cannot stand in a campaign file; the message says why and what to write."""

    def __init__(self, sentence: str, **values: Value) -> None:
        self.remedy = remedy(sentence, **values)
        super().__init__(self.remedy.text)


def meant(word: str, known: Iterable[str]) -> Line:
    """Ask, in brackets after a space, for the word of ``known`` that is most like ``word``; nothing when none is."""
    near = nearest(word, known)
    return remedy(" (do you mean {near}?)", near=near) if near else remedy("")


def either(names: Sequence[str]) -> Line:
    """One or more ``names``, any of which would do."""
    *others, last = names
    return remedy("{others} or {last}", others=", ".join(others), last=last) if others else remedy("{last}", last=last)
