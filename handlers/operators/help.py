"""Help: the verbs that a role may say, and how one of them is said."""

from collections.abc import Iterator, Sequence
from typing import Any

from core.answers import Answer, AnswerPart, ArgumentName, Column, Line, Table, Value, VerbName, line, listing
from core.arguments import Argument, ArgumentKind
from core.operators import Misspoken, Role, VerbRefused
from core.verbs import Verb
from handlers.operators.spelling import Tongue

_VERB = (Column("verb"), Column("in Chinese"), Column("what it does"))
_EXAMPLES = {
    ArgumentKind.NUMBER: "10",
    ArgumentKind.INSTANT: "2026-12-02",
    ArgumentKind.WORD: "…",
}
_NAMED = {
    "account": "telegram/main",
    "address": "telegram/main/1111111",
    "campaign": "snack",
    "code": "7KQ2-9XMP-ABCD",
    "job": "advent",
    "name": "snack",
    "players": "12",
    "reason": '"late parcel"',
    "word": "7KQ29XMP",
}
"""What stands for an argument of this name that has no example of its own."""


def help_of(tongue: Tongue, role: Role, named: str) -> Answer:
    """All verbs of ``role``, those of the group ``named``, or how the verb ``named`` is said.

    Raises VerbRefused where there is none like that.
    """
    allowed = [verb for verb in tongue.verbs if verb.may_be_said_by(role)]
    if not named:
        return _all(allowed)
    verb = tongue.named(named)
    if verb is not None and verb in allowed:
        others = [one for one in allowed if one.group is verb.group and one is not verb] if not verb.word else []
        return Answer([*_one(verb).parts, *([_table(others)] if others else [])])
    group = [one for one in tongue.group(named) if one in allowed]
    if group:
        return Answer([_table(group)])
    raise no_verb(tongue, named, allowed)


def no_verb(tongue: Tongue, said: str, allowed: Sequence[Verb[Any]]) -> VerbRefused:
    """What is refused where ``said`` is no verb of those that are ``allowed``: what may have been meant."""
    near = tongue.near(said, allowed)
    meant = tongue.named(near[0]) if near else None
    if meant is None:
        return VerbRefused("there is no verb like that for you; {verb} shows all of yours", verb=VerbName("help"))
    told = "there is no verb like that for you; you may have meant {names}, for example {example}"
    return VerbRefused(told, names=listing([f"/{name}" for name in near]), example=_shown(meant))


def with_example(verb: Verb[Any], refused: Misspoken) -> VerbRefused:
    """The same refusal, and how ``verb`` is said."""
    return VerbRefused("{why}; say it like this: {example}", why=refused.line, example=_shown(verb))


def _all(verbs: Sequence[Verb[Any]]) -> Answer:
    groups: dict[str, list[Verb[Any]]] = {}
    for verb in sorted(verbs, key=lambda verb: bool(verb.word)):
        groups.setdefault(verb.group.name, []).append(verb)
    rows = [
        (
            f"/{' '.join(filter(None, (name, ', '.join(verb.word for verb in each if verb.word))))}",
            " ".join(f"/{verb.chinese}" for verb in each),
        )
        for name, each in groups.items()
    ]
    return Answer(
        [
            line("What you can say; /help and a name tells more. A ? at the end only shows what would be done."),
            Table("groups", (Column("verbs"), Column("in Chinese")), rows),
        ]
    )


def _table(verbs: Sequence[Verb[Any]]) -> Table:
    rows = [(f"/{verb.name}", f"/{verb.chinese}", verb.says) for verb in verbs]
    return Table("verbs", _VERB, rows)


def _one(verb: Verb[Any]) -> Answer:
    parts: list[AnswerPart] = [line(verb.says)]
    if verb.more:
        parts.append(line(verb.more))
    if verb.final:
        parts.append(line("It cannot be taken back: {why}.", why=verb.final))
    if verb.undo is not None:
        parts.append(line("{verb} takes it back.", verb=VerbName("undo")))
    takes = list(verb.takes.each())
    parts.append(line("For example: {example}", example=_shown(verb)))
    if takes:
        rows = [(_named(one), described(one)) for one in takes]
        parts.append(Table("arguments", (Column("argument"), Column("what it is")), rows))
    return Answer(parts)


def called(one: Argument) -> str:
    """How an argument is written in the help: in brackets where it may be left out."""
    shown = one.called if one.in_place else f"{one.name.replace('_', '-')}="
    return shown if one.required else f"[{shown}]"


def example(verb: Verb[Any]) -> str:
    """How it is said, with what it must be given."""
    values = (f"{one.replace('_', '-')}={value}" if one else value for one, value in example_values(verb))
    return " ".join((f"/{verb.name}", *values))


def _shown(verb: Verb[Any]) -> Line:
    """The same for one operator, in the words of their language."""
    values: list[Value] = [VerbName(verb.name)]
    values += [ArgumentName(f"{one}={value}") if one else value for one, value in example_values(verb)]
    return listing(values, " ")


def described(one: Argument) -> Line:
    """What an argument is. A chat reads and shows instants in UTC."""
    return line("{what} In UTC.", what=line(one.says)) if one.kind is ArgumentKind.INSTANT else line(one.says)


def _named(one: Argument) -> Line:
    """The same for one operator, in the words of their language."""
    name = ArgumentName(one.name if one.in_place else f"{one.name}=")
    return line("{argument}", argument=name) if one.required else line("[{argument}]", argument=name)


def example_values(verb: Verb[Any]) -> Iterator[tuple[str, str]]:
    """What it is given, for example: the name of an argument that does not stand in its place, and its value.

    That is what it must be given, and what may be left out in its place where that has an example of its own.
    """
    for one in verb.takes.each():
        if one.required or (one.in_place and one.example):
            usual = one.choices[0] if one.choices else _NAMED.get(one.name, _EXAMPLES.get(one.kind, "…"))
            value = one.example or usual
            value = f'"{value}"' if " " in value else value
            yield "" if one.in_place else one.name, value
