"""Whatever an operator reads is one sentence with places, and is said in Chinese, too, with the same places."""

import ast
import re
import string
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from core.arguments import ArgumentKind
from core.campaign.explanations import PLAIN
from core.campaign.grammar import SectionList
from core.campaign.platforms import forbidden
from core.operators import Role
from core.phrasebook import FILE
from core.verbs import Verb
from handlers import MECHANICS
from huoju.phrases import phrases
from tests.repository import ROOT, written

PHRASES = phrases()
EACH = pytest.mark.parametrize("verb", MECHANICS.verbs, ids=[verb.name for verb in MECHANICS.verbs])
OF_OTHERS = ("core/migrations/",)
"""Tables: no verb is told of them."""
TERMINAL = ("[!s]*.py", "sending_status.py", "cli/*.py", "backup/*.py")
"""What the installation and the command line say in both languages."""
OF_AUDITS = {"Check": 0, "Fault": 1, "LogFault": 1, "_fault": 1, "transfer_fault": 2, "torch_fault": 2}
"""Where in what these are given a sentence stands that an audit says."""
OF_FILES = {"refuse_twins": 0, "reward_notes": 0, "_within": 2, "_swapped": 2}
"""Where in what these are given a word of ours stands, which they say of a campaign file."""
OF_TERMINALS = {"word", "sentence", "confirmed", "if_stopped", "counted", "patience", "SecretRefused", "stage"}
"""What these are given first is said to whoever sits at a terminal."""
FORMS = {
    "",
    "{last}",
    "{file}:{line}: {why}",
    "{place}: {why}",
    "{text}",
    "{file}:{line}: {place}: {why}",
    "{rules}",
    "{title}",
    "{answer}",
    "{argument}",
    "[{argument}]",
    "{why}",
    "{name}",
    "{name}: {words}",
    "{where}",
    "{told}",
    "{wrong}",
    "{schema}",
    "  {file}",
    "  huoju campaign check {path}",
    "  huoju campaign publish {path}",
    "  huoju campaign publish {file}",
    "  huoju run {options}",
    "  cd {folder} && huoju db upgrade",
    "  useradd --system huoju; chown -R huoju: {folder}",
}
"""Nothing but places, or what is typed: the same in every language."""


class Said(NamedTuple):
    """A sentence or a word that the code gives to an operator, and where it does."""

    sentence: str | None
    """None for one that is put together before."""
    where: str


@cache
def _python() -> Sequence[tuple[Path, ast.Module]]:
    found = [path for folder in ("core", "handlers", "bots") for path in sorted((ROOT / folder).rglob("*.py"))]
    found += [path for pattern in TERMINAL for path in sorted((ROOT / "huoju").glob(pattern))]
    return [
        (path, ast.parse(path.read_text("utf-8")))
        for path in found
        if not any(part in path.as_posix() for part in OF_OTHERS)
    ]


@cache
def _nodes(tree: ast.Module) -> Sequence[ast.AST]:
    return list(ast.walk(tree))


def _refusals() -> frozenset[str]:
    """VerbRefused, and what is derived from it."""
    found = {"VerbRefused"}
    classes = [node for _, tree in _python() for node in _nodes(tree) if isinstance(node, ast.ClassDef)]
    while (
        more := {one.name for one in classes for base in one.bases if isinstance(base, ast.Name) and base.id in found}
        - found
    ):
        found |= more
    return frozenset(found - {"BadArgument"})


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _given(call: ast.Call, refusals: frozenset[str]) -> Iterator[ast.expr]:
    """What an operator reads of what a function is given."""
    name = _called(call)
    if name in {"line", "said", "remedy", "Unfit", "BadCron", "Column", *refusals} and call.args:
        yield call.args[0]
    if name == "PydanticCustomError" and ast.unparse(call.args[0]) != "'literal_error'":  # which is explained
        yield call.args[1]
    if name in OF_FILES and len(call.args) > OF_FILES[name]:
        yield call.args[OF_FILES[name]]
    yield from _given_at_terminals(name, call.args)
    if name in {"finding", "Finding"}:
        yield from (call.args[0], *call.args[2:3])
    if name in OF_AUDITS and len(call.args) > OF_AUDITS[name]:
        yield call.args[OF_AUDITS[name]]
    if (
        name in {"say", "complain", "told"}
        and call.args
        and " " in ast.unparse(call.args[0])
        and not isinstance(call.args[0], ast.Call)
    ):
        yield call.args[0]
    if name == "Change" and call.args:
        yield call.args[0]
    if name == "Table":
        yield from (each.value for each in call.keywords if each.arg in {"title", "empty"})


def _given_at_terminals(name: str, given: Sequence[ast.expr]) -> Iterator[ast.expr]:
    if name in OF_TERMINALS and given and isinstance(given[0], ast.Constant):
        yield given[0]
    if name in {"KeepRefused", "WordsRefused"}:
        yield given[1]


def _literals(node: ast.expr, tree: ast.Module, seen: frozenset[str] = frozenset()) -> Iterator[str | None]:
    """What ``node`` may be; None for what cannot be told."""
    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.Constant(value=None):
            pass
        case ast.IfExp(body=body, orelse=orelse):
            yield from _literals(body, tree, seen)
            yield from _literals(orelse, tree, seen)
        case ast.Call() | ast.Attribute():
            pass  # looked at by itself
        case ast.JoinedStr():
            yield None
        case ast.Tuple(elts=each):
            for one in each:
                yield from _literals(one, tree, seen)
        case ast.Subscript(value=ast.Name(id=name)):
            yield from _values(name, tree, seen)
        case ast.Name(id=name) if name not in seen:
            yield from _values(name, tree, seen | {name})
            yield from _looped(name, tree, seen | {name})


def _values(name: str, tree: ast.Module, seen: frozenset[str]) -> Iterator[str | None]:
    for node in _nodes(tree):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target if _is_annotated(node) else None
        if not isinstance(target, ast.Name) or target.id != name:
            continue
        value = node.value
        for one in value.values if isinstance(value, ast.Dict) else [value]:
            yield from _literals(one, tree, seen | {name})


def _looped(name: str, tree: ast.Module, seen: frozenset[str]) -> Iterator[str | None]:
    """What ``name`` is in turn, where it goes through literals."""
    for node in _nodes(tree):
        if isinstance(node, ast.comprehension | ast.For):
            over = node.iter.func.value if _is_items(node.iter) else node.iter
            if name in {one.id for one in ast.walk(node.target) if isinstance(one, ast.Name)}:
                yield from _literals(over, tree, seen)


def _is_items(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "items"


def _is_annotated(node: ast.AST) -> bool:
    return isinstance(node, ast.AnnAssign) and node.value is not None


def said_in(path: Path, tree: ast.Module | None = None, refusals: frozenset[str] = frozenset()) -> Iterator[Said]:
    """What one file of code gives to operators, by remedies and by ``refusals``."""
    short = path.relative_to(ROOT).as_posix()
    tree = ast.parse(path.read_text("utf-8")) if tree is None else tree
    of_tables = short.startswith("core/models") or path.name == "tables.py"
    for node in _nodes(tree):
        if not isinstance(node, ast.Call) or (of_tables and _called(node) == "Column"):
            continue
        for given in _given(node, refusals):
            yield from (Said(one, f"{short}:{given.lineno}") for one in _literals(given, tree))


def _in_code() -> Iterator[Said]:
    refusals = _refusals()
    return (one for path, tree in _python() for one in said_in(path, tree, refusals))


def _of_verbs() -> Iterator[Said]:
    for verb in MECHANICS.verbs:
        for sentence in (verb.group.says, verb.says, verb.more, verb.confirm, verb.signed, verb.final):
            if sentence:
                yield Said(sentence, f"verb {verb.name}")
        for one in verb.takes.each():
            yield Said(one.says, f"{verb.name} {one.name}")
            yield Said(one.name.replace("_", " "), f"{verb.name} {one.name}")
            if one.kind is ArgumentKind.CHOICE:
                yield from (Said(choice, f"{verb.name} {one.name}") for choice in one.choices)
    yield from (Said(role.value, "roles") for role in Role)


STATES = (
    "inert active void planting done stopped missed live paused ended answered queued sent due held sending unknown"
)
STATES += " dead dropped fired failed delivery voucher counter points open ready shipped received lapsed cancelled"
STATES += " joined rewarded released revoked closed planned refused denied stranger yes no nothing somebody this"
STATES += " imported generated gift draw burst range twins ring approved shown expired revealed"


def _of_files() -> Iterator[Said]:
    """What the check of a campaign file says by tables of its own."""
    yield from (Said(one, "explanations") for one in PLAIN.values())
    lists = (section for section in MECHANICS.sections if issubclass(section, SectionList))
    yield from (Said(one.called, one.key) for one in lists)
    yield from (Said(why, channel) for channel, said in forbidden().items() for why in said.values())


@cache
def _all() -> Sequence[Said]:
    return [*_of_verbs(), *_in_code(), *_of_files(), *(Said(word, "states") for word in STATES.split())]


def test_there_is_much_to_say() -> None:
    found = _all()
    assert len({one.sentence for one in found}) >= 400
    of_checks = {"huoju/doctor.py", "bots/wechat/doctor.py", "core/audit/ledger_checks.py", "handlers/claims/audit.py"}
    assert of_checks | {"core/engine/verbs.py", "handlers/claims/fulfilment.py", "core/arguments.py"} <= {
        one.where.partition(":")[0] for one in found
    }


def test_no_sentence_is_put_together_before_it_is_said() -> None:
    assert sorted({one.where for one in _all() if one.sentence is None}) == []


def test_every_sentence_is_said_in_chinese() -> None:
    lacking = {one.sentence: one.where for one in _all() if one.sentence and one.sentence not in FORMS}
    assert [f"{where}: {one}" for one, where in lacking.items() if PHRASES.lacks(one)] == []


def _places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_chinese_has_the_same_places() -> None:
    for one in {each.sentence for each in _all() if each.sentence}:
        if "{" in one:
            assert _places(PHRASES.say(one, "zh")) == _places(one), one


@EACH
def test_a_sentence_is_good_for_a_chat_and_for_a_terminal(verb: Verb[object]) -> None:
    told = [verb.says, verb.more, verb.confirm or "", verb.final, *(one.says for one in verb.takes.each())]
    for sentence in told:
        assert not re.search(r"`huoju|\bexit 1\b| -- |--[a-z]|\b[A-Z]{4,}\b(?<!SHA)", sentence), sentence


@EACH
def test_a_verb_that_changes_something_says_how_that_is_taken_back_or_why_not(verb: Verb[object]) -> None:
    if not verb.changes:
        assert verb.undo is None
        assert not verb.final
    else:
        assert (verb.undo is None) is bool(verb.final)


def test_a_phrasebook_lies_beside_what_it_is_for() -> None:
    for path in written(FILE):
        others = ("rules.py", "doctor.py", "audit.py", "refusals.py", "own_word_checks.py")
        beside = [*path.parent.glob("*verbs.py"), *(path.parent / name for name in others)]
        assert any(one.exists() for one in beside), path
