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
def test_a_verb_is_for_its_roles_on_every_channel(stage: Stage) -> None:
    """Every two of verb, role and channel meet: what is said is read by its channel, and a role is judged by its verb.

    The verbs that follow each other are said on other channels, and each of them by each role on another one.
    """
    stage.publish()
    met = set[tuple[str, str]]()
    for turn, role in enumerate(Role):
        for channel in CHANNELS:
            stage.appoint(role, by=f"{role.value} here", name=f"{role.value} on {channel}", channel=channel)
        for place, verb in enumerate(MECHANICS.verbs):
            channel = CHANNELS[(turn + place) % len(CHANNELS)]
            told = stage.command(f"{example(verb)}?", by=f"{role.value} here", channel=channel)
            may = verb.may_be_said_by(role)
            assert told.strip(), (verb.name, role, channel)
            assert any(one in told for one in NOT_YOURS) is not may, (verb.name, role, channel, told)
            assert (last_ending(stage) == "denied") is not may, (verb.name, role, channel, told)
            met |= {(verb.name, channel), (verb.name, role.value), (role.value, channel)}
    assert len(Role) == len(CHANNELS), "else some verbs are never said on some channels"
    assert len(met) >= 2 * 5 * 45 + 25
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
