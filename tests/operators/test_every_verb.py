"""Every verb, said with every role on every channel: whoever may not hears so, and nobody is left without an answer."""

import pytest
from sqlalchemy import select

from core.operators import Role
from handlers import MECHANICS
from handlers.operators.help import example
from handlers.operators.spelling import arguments, tongue_of
from handlers.operators.tables import LogEntry
from tests import operators_page
from tests.operators.test_chat import state_of
from tests.stage import Stage
from tests.talking import faults

CHANNELS = ("telegram", "wechat", "sms", "playground", "terminal")
NOT_YOURS = ("there is no verb like that for you", "您没有这个命令")


def last_ending(stage: Stage) -> str | None:
    with stage.sessions() as session:
        return session.scalar(select(LogEntry.ending).order_by(LogEntry.number.desc()).limit(1))


@pytest.mark.reading
@pytest.mark.parametrize("channel", CHANNELS)
def test_a_verb_is_for_its_roles_on_every_channel(stage: Stage, channel: str) -> None:
    stage.publish()
    asked = 0
    for role in Role:
        stage.appoint(role, by=f"{role.value} here", name=f"{role.value} here", channel=channel)
        for verb in MECHANICS.verbs:
            told = stage.command(f"{example(verb)}?", by=f"{role.value} here", channel=channel)
            may = verb.may_be_said_by(role)
            assert told.strip(), (verb.name, role)
            assert any(one in told for one in NOT_YOURS) is not may, (verb.name, role, told)
            assert (last_ending(stage) == "denied") is not may, (verb.name, role, told)
            asked += 1
    assert asked >= len(Role) * 45
    assert state_of(stage) == "live", "a question mark only asks"
    assert not faults(stage)


def test_the_example_of_each_verb_is_one() -> None:
    tongue, read = tongue_of(MECHANICS.verbs), 0
    for verb in MECHANICS.verbs:
        for name in (verb.name, verb.chinese, *verb.aliases):
            begun = tongue.begins(example(verb).removeprefix("/").replace(verb.name, name, 1))
            assert begun is not None
            assert begun[0] is verb
            verb.takes.read(arguments(*begun))
            assert "…" not in begun[1], verb.name
            read += 1
    assert read > 2 * 45


@pytest.mark.parametrize("language", operators_page.PAGES)
def test_the_page_for_operators_is_up_to_date(language: str) -> None:
    written = operators_page.PAGES[language].read_text(encoding="utf-8")
    assert written == operators_page.page(language), "run: python -m tests.operators_page"
    assert all(f"`/{name}`" in written for verb in MECHANICS.verbs for name in (verb.name, verb.chinese))
