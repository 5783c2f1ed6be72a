"""Every mechanic keeps the contract of core/mechanics.py; its folder, its words and its texts are what it says."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import pytest

import handlers
from core.audit.audit import CHECKS
from core.mechanics import Mechanic, Mechanics
from core.operators import Role
from core.speech.keywords import Means, plain
from core.texts.languages import LANGUAGES
from handlers import MECHANICS

EACH = MECHANICS.each
FOLDER = Path(handlers.__file__).parent
each_mechanic = pytest.mark.parametrize("mechanic", EACH, ids=[mechanic.name for mechanic in EACH])

# Which mechanics use which, beside what they tell each other by events. This list gets shorter, and never longer.
USES = {
    "calendar": {"follow_ups"},
    "claims": {"codes", "consent", "draws", "gifts"},
    "draws": {"codes"},
    "events": {"codes", "consent"},
    "invites": {"claims", "codes", "consent"},
    "points": {"draws"},
    "relay": {"codes", "invites"},
}

# A text key, and the other names of this form.
KEY = re.compile(r"[a-z_]+(?:\.[a-z_-]+)+")
SECTIONS = {key.partition(".")[0] for key in MECHANICS.texts()["en"]}


def _modules(mechanic: Mechanic) -> Iterator[ast.Module]:
    for path in sorted((FOLDER / mechanic.name).glob("*.py")):
        yield ast.parse(path.read_text(encoding="utf-8"))


def _words(mechanic: Mechanic) -> set[str]:
    return {word for route in mechanic.routes if isinstance(route.recognise, Means) for word in route.recognise.known}


def _begins_like_a_text(part: str) -> bool:
    return bool(re.fullmatch(r"[a-z]+\.[a-z_.]*", part)) and part.partition(".")[0] in SECTIONS


def test_every_folder_is_a_mechanic_and_every_mechanic_a_folder() -> None:
    folders = [path.name for path in FOLDER.iterdir() if (path / "__init__.py").exists()]
    assert len(folders) >= 12
    assert sorted(folders) == sorted(mechanic.name for mechanic in EACH)


@each_mechanic
def test_a_mechanic_has_a_folder_of_tests(mechanic: Mechanic) -> None:
    assert list(Path(__file__).parent.joinpath(mechanic.name).glob("test_*.py"))


@each_mechanic
def test_a_folder_says_what_it_is_and_has_its_mechanic(mechanic: Mechanic) -> None:
    module = import_module(f"handlers.{mechanic.name}")
    assert module.__doc__
    assert module.MECHANIC is mechanic


@each_mechanic
def test_a_mechanic_does_something(mechanic: Mechanic) -> None:
    does = (mechanic.routes, mechanic.timers, mechanic.on, mechanic.load, mechanic.aside, mechanic.verbs)
    assert any(does) or mechanic.published


def test_a_word_is_of_one_route() -> None:
    listed = [route.recognise.known for route in MECHANICS.routes if isinstance(route.recognise, Means)]
    words = Counter(word for known in listed for word in known)
    assert len(words) > 300
    assert [word for word, routes in words.items() if routes > 1] == []


def test_a_route_is_called_as_no_route_of_another_mechanic() -> None:
    names = Counter(name for mechanic in EACH for name in {route.name for route in mechanic.routes})
    assert len(names) > 40
    assert {name for name, mechanics in names.items() if mechanics > 1} == {
        "contact"  # a question to the organiser, and a friend's contact that somebody hands on
    }


@each_mechanic
def test_a_mechanic_with_words_is_in_the_help(mechanic: Mechanic) -> None:
    words = _words(mechanic)
    for language in LANGUAGES if words else ():
        told = " ".join(
            text
            for key, text in MECHANICS.texts()[language].items()
            if key.startswith(("help.", "privacy.", "redeem.ask"))
        )
        said = re.split(r"[\W_]+", told)
        shown = {plain(word) for word in (*said, *map(" ".join, pairwise(said)))}
        assert words & shown or any(word > "一" and word in told for word in words), language


@each_mechanic
def test_a_text_is_there_in_every_language(mechanic: Mechanic) -> None:
    said = [node for module in _modules(mechanic) for node in ast.walk(module)]
    begun = {
        str(line.values[0].value)
        for line in said
        if isinstance(line, ast.JoinedStr) and isinstance(line.values[0], ast.Constant)
    }
    literals = {one.value for one in said if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    keys = {one for one in literals if KEY.fullmatch(one) and one.partition(".")[0] in SECTIONS}
    for language in LANGUAGES:
        texts = MECHANICS.texts()[language]
        assert keys - begun - set(MECHANICS.timers) <= set(texts)
        assert [
            one for one in begun if _begins_like_a_text(one) and not any(key.startswith(one) for key in texts)
        ] == []


def test_most_mechanics_say_something() -> None:
    said = {
        call.args[0].value
        for mechanic in EACH
        for module in _modules(mechanic)
        for call in ast.walk(module)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Reply"
        if call.args and isinstance(call.args[0], ast.Constant)
    }
    assert len(said) > 80
    assert said <= set(MECHANICS.texts()["en"])


def test_a_question_is_put_in_words_of_ours() -> None:
    assert len(MECHANICS.prompts) >= 8
    for language in LANGUAGES:
        texts = MECHANICS.texts()[language]
        assert {prompt.name for prompt in MECHANICS.prompts.values() if prompt.name not in texts} == set()
        assert {prompt.bad for prompt in MECHANICS.prompts.values() if prompt.bad not in texts} == set()


def test_a_kind_of_timer_stands_under_its_name() -> None:
    kinds = [(name, kind.name) for mechanic in EACH for name, kind in mechanic.timers.items()]
    assert len(kinds) >= 6
    assert [name for name, own in kinds if name != own] == []


def test_no_two_loaders_lock_at_the_same_rank() -> None:
    ranks = {mechanic.name: mechanic.rank for mechanic in EACH if mechanic.load is not None}
    assert len(ranks) >= 5
    assert len(set(ranks.values())) == len(ranks)
    assert 0 not in ranks.values()  # which none that locks may leave unsaid
    assert {mechanic.name for mechanic in EACH if mechanic.rank} == set(ranks)


def test_no_two_checks_of_the_audit_say_the_same() -> None:
    says = Counter(check.says for check in (*CHECKS, *MECHANICS.checks))
    assert len(says) > 40
    assert [sentence for sentence, times in says.items() if times > 1] == []


def test_a_verb_says_all_that_help_and_completion_need() -> None:
    verbs = MECHANICS.verbs
    assert len(verbs) >= 24
    for verb in verbs:
        assert re.fullmatch(r"[a-z]+( [a-z-]+)?", verb.name), verb.name
        assert re.fullmatch(r"[\u4e00-\u9fff]+", verb.chinese), verb.name
        assert verb.role in Role, verb.name
        assert verb.says.endswith("."), verb.name
        assert verb.group.says.endswith("."), verb.name
        assert [one.name for one in verb.takes.each() if not one.says.endswith(".")] == [], verb.name
        assert verb.changes or not (verb.confirm or verb.signed), verb.name


def test_two_verbs_of_one_name_are_refused() -> None:
    verb = MECHANICS.verbs[0]
    for other in (replace(verb, chinese="别的"), replace(verb, word="other"), replace(verb, aliases=(verb.chinese,))):
        one, two = (Mechanic(name=name, verbs=[each]) for name, each in (("one", verb), ("two", other)))
        with pytest.raises(ValueError, match="two verbs have one name"):
            Mechanics.of(one, two)


def _taken(mechanic: Mechanic) -> set[tuple[str, str]]:
    """What ``mechanic`` imports of others: from where, and the name."""
    return {
        (node.module or "", name.name)
        for module in _modules(mechanic)
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith("handlers.")
        for name in node.names
        if f"{node.module}.".removeprefix("handlers.").partition(".")[0] != mechanic.name
    }


def test_a_mechanic_uses_no_other_ones_than_before() -> None:
    found = {mechanic.name: {module.split(".")[1] for module, _ in _taken(mechanic)} for mechanic in EACH}
    assert {name: used for name, used in found.items() if used} == USES


def test_a_mechanic_exports_what_others_take_and_nothing_else() -> None:
    modules = {f"handlers.{mechanic.name}" for mechanic in EACH}
    exported = {(module, name) for module in modules for name in import_module(module).__all__} - {
        (module, "MECHANIC") for module in modules
    }
    assert len(exported) > 30
    assert {each for mechanic in EACH for each in _taken(mechanic)} == exported


def test_mechanics_use_each_other_one_way() -> None:
    assert USES
    left = {mechanic.name: USES.get(mechanic.name, set()) for mechanic in EACH}
    while ready := {name for name, used in left.items() if used.isdisjoint(left)}:
        left = {name: used for name, used in left.items() if name not in ready}
    assert left == {}
