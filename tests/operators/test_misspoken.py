"""What is said wrong is answered with one sentence that says what, and how the verb is said; nothing is done."""

import re
import shlex
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from sqlalchemy import func, select

from core.answers import Answer
from core.arguments import Argument, ArgumentKind
from core.operators import Misspoken, Role
from core.verbs import Verb
from handlers import MECHANICS
from handlers.operators.help import example_values, with_example
from handlers.operators.say import Teller
from handlers.operators.spelling import arguments, is_command, tongue_of, without_slash
from handlers.operators.tables import Job, LogEntry, Plan
from huoju.cli.verbs import VERBS
from tests.office import sit_down
from tests.operators.test_chat import state_of
from tests.stage import Stage
from tests.talking import faults

pytestmark = pytest.mark.reading

TONGUE, PHRASES = tongue_of(MECHANICS.verbs), MECHANICS.phrases()
TELLERS = {language: Teller(PHRASES, language, verbs=MECHANICS.verbs) for language in ("en", "zh")}
LIKE_THIS = {"en": "; say it like this: ", "zh": "；请这样说："}
BAD = ("soon", "-99999999999999999999", "C1", "")


class Mistake(NamedTuple):
    """A verb that is said wrong."""

    verb: Verb[Any]
    about: str
    text: str
    """What stands behind the verb."""


def _given(verb: Verb[Any]) -> dict[str, str]:
    """By its name, what it must be given."""
    required = [one for one in verb.takes.each() if one.required]
    values = [value for name, value in example_values(verb) if name] + [
        value for name, value in example_values(verb) if not name
    ]
    in_order = [one.name for one in required if not one.in_place] + [one.name for one in required if one.in_place]
    return dict(zip(in_order, values, strict=False))


def _said(given: dict[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in given.items())


def _is_wrong(verb: Verb[Any], text: str) -> bool:
    try:
        verb.takes.read(arguments(verb, text, PHRASES))
    except Misspoken:
        return True
    return False


def _wrong_values(verb: Verb[Any], one: Argument) -> Iterator[str]:
    for bad in BAD:
        text = _said({**_given(verb), one.name: f'"{bad}"'})
        if _is_wrong(verb, text):
            yield text


def _mistakes() -> Iterator[Mistake]:
    for verb in MECHANICS.verbs:
        yield Mistake(verb, "a name that it does not know", f"{_said(_given(verb))} --frobnicate")
        yield Mistake(verb, "a quote", f'{_said(_given(verb))} "')
        for one in verb.takes.each():
            if one.kind is ArgumentKind.FILE:
                continue
            if one.required:
                left = {name: value for name, value in _given(verb).items() if name != one.name}
                yield Mistake(verb, f"{one.name} left out", _said(left))
            if not one.many:
                value = _given(verb).get(one.name, "x")
                yield Mistake(verb, f"{one.name} twice", f"{_said({**_given(verb), one.name: value})} {one.name}=x")
            yield from (Mistake(verb, f"{one.name} wrong", text) for text in _wrong_values(verb, one))


MISTAKES = list(_mistakes())


def test_there_are_mistakes_of_every_kind() -> None:
    about = [one.about.rpartition(" ")[2] for one in MISTAKES]
    assert {verb.name for verb in MECHANICS.verbs} == {one.verb.name for one in MISTAKES}
    assert about.count("out") >= 40
    assert about.count("wrong") >= 60


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_mistake_is_told_in_one_sentence_with_an_example_that_is_one(language: str) -> None:
    for verb, about, text in MISTAKES:
        with pytest.raises(Misspoken) as refused:
            verb.takes.read(arguments(verb, text, PHRASES))
        told = TELLERS[language].refused(with_example(verb, refused.value))
        why, _, shown = told.partition(LIKE_THIS[language])
        assert re.fullmatch(r"[^\n.。]{4,}", why), (verb.name, about, told)
        assert bool(re.search("[一-鿿]", why)) is (language == "zh"), (verb.name, about, told)
        assert is_command(shown), (verb.name, about, told)
        begun = TONGUE.begins(without_slash(shown))
        assert begun is not None
        assert begun[0] is verb, (verb.name, about, told)
        verb.takes.read(arguments(*begun, PHRASES))


@pytest.mark.reading
def test_nothing_is_done_by_a_mistake(stage: Stage) -> None:
    stage.publish()
    stage.appoint(Role.OWNER)
    stage.say("english", by="boss")
    seen: dict[str, Mistake] = {one.verb.name: one for one in MISTAKES if "twice" not in one.about}
    for verb, about, text in seen.values():
        told = stage.command(f"/{verb.name} {text}", by="boss")
        assert LIKE_THIS["en"] in told, (verb.name, about, told)
        assert "\n" not in told
    with stage.sessions() as session:
        assert set(session.scalars(select(LogEntry.ending))) == {"refused"}
        assert [session.scalar(select(func.count()).select_from(each)) for each in (Plan, Job)] == [0, 0]
    assert state_of(stage) == "live"
    assert not faults(stage)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("/campain pause snack", "you may have meant /campaign pause, /campaign publish, /campaign end, for example "),
        ("/frobnicate", "there is no verb like that for you; /help shows all of yours"),
        ("/points correct test/main/anna snack", "change is missing; say it like this: /points correct "),
        ("/points correct test/main/anna snack many", "change: write a whole number, for example 50; say it like this"),
        ("/confirm", "word is missing; say it like this: /confirm 7KQ2"),
        ("/operator join", "word is missing; say it like this: /operator join 7KQ29XMP"),
        ("/operator join 7KQ29XMP", "you have a role here already: Li Na, owner; the word is for somebody else"),
        ("/campaign check", "there is no file: send it here as a document first; say it like this: /campaign check"),
        ("/inbox replay", "say which: their ids, or all=yes, or what they have in common (error, since, "),
    ],
)
def test_what_an_operator_reads(stage: Stage, said: str, told: str) -> None:
    stage.publish()
    stage.appoint(Role.OWNER)
    stage.say("english", by="boss")
    assert told in stage.command(said, by="boss")


@pytest.mark.reading
def test_a_terminal_shows_how_it_is_said(
    stage: Stage, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    huoju, meant = sit_down(stage, database_url, monkeypatch, capsys), list[Verb[Any]]()

    def understood(verb: Verb[Any], *_: object) -> Answer:
        meant.append(verb)
        return Answer()

    monkeypatch.setattr("huoju.cli.verbs.at_terminal", understood)
    monkeypatch.setattr("huoju.cli.outbox._show_ignored", lambda _folder: None)
    for verb in VERBS:
        told = huoju(*verb.name.split(), "--frobnicate", fails=2).rstrip().rpartition("\n")[2]
        assert told.startswith("huoju: there is no option")
        _, _, shown = told.partition("; say it like this: huoju ")
        assert shown.startswith(verb.name), told
        huoju(*shlex.split(shown), *(["--yes"] if verb.confirm else []))
        assert meant.pop() is verb
    told = huoju("campaign", "paus", "snack", fails=2).rstrip()
    assert told.endswith("there is no huoju campaign paus; say it like this: huoju campaign pause snack")
    assert "say it like this: huoju points correct" in huoju("points", "correct", "x", fails=2)
    assert not meant
