"""The JSON Schema of campaign files: editors are told what the grammar knows, and nothing good is refused."""

import json
import random
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from pydantic import ValidationError
from ruamel.yaml import YAML

from bots import CHANNELS
from core.campaign.grammar import Part
from core.campaign.reader import grammar_of
from core.campaign.schema import json_schema
from core.campaign.templates import from_template, templates
from handlers import MECHANICS
from huoju.cli.campaign import campaign
from tests.operators.test_phrases import PHRASES
from tests.repository import ROOT

pytestmark = pytest.mark.reading
KEPT = ROOT / "examples/campaign.schema.json"
GRAMMAR = grammar_of(*MECHANICS.sections)
CONTEXT = {section.key: section.words for section in MECHANICS.sections}


@cache
def validator() -> Draft202012Validator:
    schema = json_schema(MECHANICS.sections, [channel.name for channel in CHANNELS], MECHANICS.words())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def read(text: str) -> Any:
    """As an editor does."""
    return YAML(typ="safe", pure=True).load(text)


@cache
def examples() -> dict[str, str]:
    paths = sorted((ROOT / "examples").glob("*.yaml"))
    assert len(paths) >= 3
    files = {path.name: path.read_text("utf-8") for path in paths}
    return files | {name: from_template(name, name, "en") for name in templates()}


def test_the_kept_schema_is_up_to_date_and_every_example_names_it() -> None:
    printed = CliRunner().invoke(campaign, ["schema", "--language", "en"]).output
    assert printed == KEPT.read_text("utf-8"), (
        "say: huoju campaign schema --language en > examples/campaign.schema.json"
    )
    for path in (ROOT / "examples").glob("*.yaml"):
        assert path.read_text("utf-8").startswith(f"# yaml-language-server: $schema={KEPT.name}\n")


def test_every_example_and_template_is_good_by_the_schema() -> None:
    for name, text in examples().items():
        assert [error.message for error in validator().iter_errors(read(text))] == [], name


MISTAKES = [
    ("channels:", "chanels:"),
    ("claim: delivery", "claim: delivry"),
    ("odds: 1/20", "odds: 5%"),
    ("otherwise: 10 points", "otherwise: 10"),
    ("length: 12", "length: 5"),
    ("value: 2999 CNY", "value: 2999"),
    ("stock: 10,", "stock: ten,"),
    ("within: 30 days", "within: a month"),
    ("language: zh", "language: german"),
    ("telegram]", "telegramm]"),
    ("opens: at publication", "opens: tomorrow"),
    ("region: CN", "region: China"),
    ("expire: 365 days", "expire: 365"),
    ("pace: daily", "pace: weekly"),
    ("remind: [7 days, 1 day]", "remind: 7 days"),
    ("budget: 650000 CNY", "budget: 650000 yuan"),
]


@pytest.mark.parametrize(("good", "bad"), MISTAKES, ids=[bad for _, bad in MISTAKES])
def test_a_usual_mistake_is_refused_while_it_is_typed(good: str, bad: str) -> None:
    text = examples()["snack.yaml"]
    assert good in text
    assert list(validator().iter_errors(read(text.replace(good, bad, 1))))


def test_words_that_only_mechanics_know_are_in_it() -> None:
    text = examples()["torch-relay.yaml"]
    assert "after torch out" in text
    assert list(validator().iter_errors(read(text.replace("after torch out", "after torches", 1))))


def places(node: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield (*at, key)
        yield from places(value, (*at, key))


VALUES: list[Any] = [None, True, 0, -1, 7, 10**13, 1.5, "", "x", "10 points", "5 CNY", "1 day", "1/3", "delivery"]
VALUES += ["at publication", "zh", [], ["x"], ["1 day"], {}, {"zh": "好", "en": "Hi"}, "everybody", "x" * 501]


def test_what_the_schema_refuses_the_grammar_refuses_too() -> None:
    """The other way round it cannot be: sums, twins and limits of other lines are not in a schema."""
    random_, agreed, refused = random.Random(15), 0, 0
    for text in examples().values():
        document = read(text)
        everywhere = list(places(document))
        for _ in range(50):
            *above, last = random_.choice(everywhere)
            changed = deepcopy(document)
            node = changed
            for step in above:
                node = node[step]
            match random_.randrange(3):
                case 0:
                    del node[last]
                case 1 if isinstance(node, dict):
                    node[f"{last}s"] = node.pop(last)
                case _:
                    node[last] = random_.choice(VALUES)
            errors = list(validator().iter_errors(changed))
            try:
                GRAMMAR.model_validate(changed, context=CONTEXT)
                good = True
            except ValidationError:
                good = False
            if errors and good:
                assert "channels" in above or last == "channels", (above, last, node, [one.message for one in errors])
            agreed += bool(errors) is not good
            refused += not good
    assert refused > 200
    assert agreed > 0.88 * 50 * len(examples())  # which languages a title has, other lines do not show


def parts() -> Iterator[tuple[str, type[Part]]]:
    seen: list[type[Part]] = []

    def within(annotation: Any) -> Iterator[type[Part]]:
        if isinstance(annotation, type) and issubclass(annotation, Part):
            yield annotation
        for one in getattr(annotation, "__args__", ()):
            yield from within(one)

    def visit(part: type[Part]) -> None:
        if part in seen:
            return
        seen.append(part)
        for field in part.model_fields.values():
            for inner in within(field.annotation):
                visit(inner)

    visit(GRAMMAR)
    return ((part.__name__, part) for part in seen)


def test_every_word_is_described_in_both_languages() -> None:
    looked_at = 0
    for name, part in parts():
        for key, field in part.model_fields.items():
            if key == "root":
                continue
            assert field.description, f"{name}.{key}"
            assert not PHRASES.lacks(field.description), f"{name}.{key} in Chinese: {field.description}"
            looked_at += 1
    assert looked_at > 90


def test_nothing_of_ours_is_in_it() -> None:
    kept = json.loads(KEPT.read_text("utf-8"))
    assert kept["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert not {
        word for word in KEPT.read_text("utf-8").split() if "Rules" in word or "Knowing" in word or "``" in word
    }
    chinese = json_schema(MECHANICS.sections, ["sms"], MECHANICS.words(), lambda text: PHRASES.say(text, "zh"))
    said = [one for one in json.dumps(chinese, ensure_ascii=False, indent=1).split("\n") if '"description": "' in one]
    assert len(said) > 90
    assert [one for one in said if not any("\u4e00" <= sign <= "\u9fff" for sign in one)] == []
