"""Every verb of operators: what is typed wrong is one sentence, who only looks writes nothing, and scripts get JSON."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, event

from core.answers import Answer, Column, ColumnFormat, Table, Value, line
from core.arguments import Argument, ArgumentKind, BadArgument
from core.operators import VerbRefused
from core.verbs import Desk, Verb, by_name
from core.words import Mark, row_number
from huoju.cli import COMMANDS
from huoju.cli.verbs import VERBS
from tests.beginnings import begin
from tests.command_line import Told
from tests.office import Office, sit_down, win
from tests.relay.torchbearers import param
from tests.snack import SURE
from tests.stage import Stage

RELAY = "relay: {window: 10m, qualify: [code], perk: {name: skin, title: {zh: 火炬皮肤, en: Torch skin}}}\n"
EACH = pytest.mark.parametrize("verb", VERBS, ids=[verb.name for verb in VERBS])
READING = [verb for verb in VERBS if not verb.changes]
GOOD = (
    "snack",
    "1",
    "24",
    "test/main/u1",
    row_number(Mark.CLAIM, 1),
    row_number(Mark.FRIEND, 1),
    "2026-12-02",
    "0123456789abcdef" * 2,
    "10:00-20:00",
)
BAD = ("", "me", "soon", "C1", "-99999999999999999999", "99999999999999999999")


def win_and_light_a_torch(stage: Stage) -> None:
    stage.publish(SURE + RELAY)
    win(stage)
    stage.say(param(stage.say("torch"), "word"), by="u2")


@pytest.fixture
def office(
    stage: Stage, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Office:
    return sit_down(begin(stage, win_and_light_a_torch), database_url, monkeypatch, capsys)


def _is_good(verb: Verb[Any], argument: Argument, value: str) -> bool:
    """Whether ``value`` may be typed for this argument."""
    try:
        verb.takes.model_validate({argument.name: [value] if argument.many else value})
    except ValidationError as error:
        return all(each["loc"][:1] != (argument.name,) for each in error.errors())
    except VerbRefused:
        return False
    return True


def _value(verb: Verb[Any], argument: Argument) -> str:
    return next(value for value in (*argument.choices, *GOOD) if _is_good(verb, argument, value))


def _typed(verb: Verb[Any], *options: str, **given: str) -> list[str]:
    """What is typed to say ``verb``: what it requires, and ``given``, also in the place of that."""
    options += ("--operator=Wang",) if verb.signed else ()
    options += ("--yes",) if verb.confirm else ()
    options += (f"--out={verb.leaves.example}",) if verb.leaves else ()
    places = []
    for one in verb.takes.each():
        if one.required or one.name in given:
            value = given[one.name] if one.name in given else _value(verb, one)
            if one.in_place:
                places.append(value)
            else:
                options += (f"--{one.name.replace('_', '-')}={value}",)
    return [*verb.name.split(), *options, "--", *places]


def _mistakes() -> Iterator[tuple[Verb[Any], Argument, str]]:
    """Each argument that not every word is good for, with each word of BAD that it refuses."""
    for verb in VERBS:
        for one in verb.takes.each():
            for value in BAD if one.kind is not ArgumentKind.SWITCH else ():
                if not _is_good(verb, one, value):
                    yield verb, one, value


MISTAKES = [pytest.param(*each, id=f"{each[0].name} {each[1].name}={each[2]}") for each in _mistakes()]


def test_there_are_verbs_and_mistakes_to_look_at() -> None:
    assert len(VERBS) >= 30
    assert len(by_name(VERBS)) >= 2 * len(VERBS)
    assert len(MISTAKES) >= 60


def test_every_group_is_in_the_list_of_commands() -> None:
    assert {verb.group.name for verb in VERBS} <= set(COMMANDS)


@pytest.mark.reading
def test_a_verb_tells_how_it_is_said(office: Office) -> None:
    for verb in VERBS:
        said = " ".join(office(*verb.name.split(), "--help").split())
        assert " ".join(verb.says.split()) in said
        takes = [one for one in verb.takes.each() if not one.in_chat]
        assert [one.name for one in takes if " ".join(one.says.split()) not in said] == []
        assert "--json" in said


@pytest.mark.parametrize(("verb", "argument", "value"), MISTAKES)
def test_what_is_typed_wrong_is_one_sentence(verb: Verb[Any], argument: Argument, value: str) -> None:
    given = {one.name: [_value(verb, one)] if one.many else _value(verb, one) for one in verb.takes.each()}
    with pytest.raises(VerbRefused) as refused:
        verb.takes.read(given | {argument.name: [value] if argument.many else value})
    assert re.fullmatch(r"[^\n]{10,}", str(refused.value))


@pytest.mark.reading
@EACH
def test_what_is_typed_wrong_in_a_terminal_is_told_at_once(office: Office, verb: Verb[Any]) -> None:
    for _, argument, value in (one for one in _mistakes() if one[0] is verb):
        usage = _is_of_use(verb, argument, value)
        said = office(*_typed(verb, **{argument.name: value}), fails=2 if usage else 1)
        assert said.rstrip().rpartition("\n")[2].startswith("huoju: ")


def _is_of_use(verb: Verb[Any], argument: Argument, value: str) -> bool:
    """Whether it is told as a mistake in how the verb is said, and not as something that cannot be done."""
    given = {one.name: [_value(verb, one)] if one.many else _value(verb, one) for one in verb.takes.each()}
    try:
        verb.takes.read(given | {argument.name: [value] if argument.many else value})
    except VerbRefused as refused:
        return isinstance(refused, BadArgument)
    return False


@pytest.mark.parametrize("verb", READING, ids=[verb.name for verb in READING])
def test_who_only_looks_writes_nothing_and_scripts_get_one_document(office: Office, verb: Verb[Any]) -> None:
    written: list[str] = []
    perk, card = param(office.stage.say("perk"), "code"), office.stage.codes(1)[0]
    there = {"code": card if verb.name == "codes find" else perk, "number": office.numbers()[0]}

    if verb.group.name in {"segment", "segments"}:
        there["text"] = "everybody"
    if verb.group.name == "broadcast":
        drafted = ("new snack snack everybody", "text snack 好", "text snack --language=en Hi", "compare snack codes")
        for told in drafted:
            office("broadcast", *told.split())
        sends = by_name(VERBS)["broadcast send"]
        sends.carry_out(Desk(office.stage.runtime, office.stage.now, list, "Wang"), {"name": "snack"})
    if verb.name == "draws export":
        office("campaign", "end", "snack", "--yes")
        office("draws", "reveal", "snack", "--yes")

    def look(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.split(maxsplit=1)[0] in {"INSERT", "UPDATE", "DELETE"}:
            written.append(statement)

    event.listen(Engine, "before_cursor_execute", look)
    try:
        found = Told.model_validate_json(office(*_typed(verb, "--json", **there)))
    finally:
        event.remove(Engine, "before_cursor_execute", look)
    assert (found.verb, found.ending) == (verb.name, "done")
    assert found.tables or found.says
    assert written == []


CHANGING = [verb for verb in VERBS if verb.changes]
SEVERAL = {"points expire", "claims deliver", "announcements stop"}
"""They go on in portions, or one by one."""


@pytest.mark.parametrize("verb", CHANGING, ids=[verb.name for verb in CHANGING])
def test_what_changes_is_one_transaction_and_what_is_refused_none(office: Office, verb: Verb[Any]) -> None:
    stage, written, committed = office.stage, set[object](), list[object]()
    there = {"number": office.numbers()[0], "numbers": office.numbers()}
    given: dict[str, object] = {
        one.name: [_value(verb, one)] if one.many else _value(verb, one) for one in verb.takes.each() if one.required
    }
    given |= {name: value for name, value in there.items() if name in given}

    def look(connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.split(maxsplit=1)[0] in {"INSERT", "UPDATE", "DELETE"}:
            written.add(connection)

    def end(connection: object) -> None:
        committed.extend(written & {connection})
        written.discard(connection)

    listeners = (("before_cursor_execute", look), ("commit", end), ("rollback", written.discard))
    for name, listener in listeners:
        event.listen(stage.database, name, listener)
    try:
        verb.carry_out(Desk(stage.runtime, stage.now, list, "Wang"), given)
        most = len(committed) if verb.name in SEVERAL else 1
    except VerbRefused:
        most = 0
    assert len(committed) <= most


def test_what_is_refused_is_told_to_scripts_too(office: Office) -> None:
    printed = office("points", "correct", "test/main/u1", "tea", "5", "--reason", "x", "--json", fails=1)
    said, _, told = printed.rpartition("huoju: ")
    assert json.loads(said) == {
        "verb": "points correct",
        "ending": "refused",
        "why": told.strip(),
        "exit": 1,
    }
    assert told == "this address has not joined tea\n"


def test_values_reach_scripts_as_what_they_are() -> None:
    at = datetime(2026, 12, 1, 4, tzinfo=UTC)
    columns = [
        Column("made at", ColumnFormat.SECOND),
        Column("late by"),
        Column("odds"),
        Column("day"),
        Column("change"),
    ]
    row = [at, timedelta(seconds=90), Fraction(1, 200), date(2026, 12, 1), None]
    answer = Answer(
        [line("{count} of {all}.", count=1, all="two"), Table("things", columns, [row])], wrong=[line("No.")]
    )
    assert answer.document() == {
        "ending": "not good",
        "says": [{"text": "1 of two.", "values": {"count": 1, "all": "two"}}],
        "links": [],
        "tables": {
            "things": [
                {
                    "made_at": "2026-12-01T04:00:00+00:00",
                    "late_by": 90.0,
                    "odds": "1/200",
                    "day": "2026-12-01",
                    "change": None,
                }
            ]
        },
        "wrong": ["No."],
    }


SPELT = [
    (ColumnFormat.PLAIN, None, "-"),
    (ColumnFormat.PLAIN, True, "yes"),
    (ColumnFormat.PLAIN, "[b]", "[b]"),
    (ColumnFormat.PLAIN, timedelta(seconds=90, milliseconds=5), "0:01:30"),
    (ColumnFormat.PLAIN, date(2026, 12, 1), "2026-12-01"),
    (ColumnFormat.QUOTED, "two\nlines", r"'two\nlines'"),
    (ColumnFormat.SIGNED, 5, "+5"),
    (ColumnFormat.MINUTE, datetime(2026, 12, 1, 4, 0, 7, tzinfo=UTC), "2026-12-01 04:00"),
    (ColumnFormat.SECOND, datetime(2026, 12, 1, 4, 0, 7, tzinfo=UTC), "2026-12-01 04:00:07"),
]


@pytest.mark.parametrize(("shown", "value", "text"), SPELT)
def test_values_are_spelt_for_people(shown: ColumnFormat, value: Value, text: str) -> None:
    assert Column("x", shown).text(value) == text
