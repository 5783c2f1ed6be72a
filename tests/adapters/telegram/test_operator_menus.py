"""Menus of operators on Telegram: the verbs of each role, and nobody else's."""

import re
from collections.abc import Iterator

import pytest

from bots.telegram.client import Client
from bots.telegram.commands import MOST_COMMANDS, TelegramMenus
from core.operators import Role
from core.places import Place
from handlers import MECHANICS
from handlers.operators.access import SLEEPS_AFTER
from huoju.operator_menus import FIRST_PAUSE_S, SHOWN_S, OperatorMenus
from tests.adapters.telegram.rig import CHATTED, account
from tests.fakes.telegram import FakeTelegram, Says
from tests.stage import Stage

BOSS, WANG = "1111111", "2222222"


class Menus:
    """What keeps the menus, with a clock in the hand, and what Telegram was told."""

    def __init__(self, stage: Stage, fake: FakeTelegram) -> None:
        self.stage, self.fake, self.now_s = stage, fake, 0.0
        self.client = Client(account(fake))
        menus = {Place("telegram", "main"): TelegramMenus(self.client)}
        self.kept = OperatorMenus(stage.runtime, menus, lambda: self.now_s)

    def of(self, user: str, language: str = "") -> list[str]:
        return [one["command"] for one in self.fake.bot.commands.get((user, language), [])]

    def calls(self) -> int:
        return len(self.fake.bot.called("setMyCommands")) + len(self.fake.bot.called("deleteMyCommands"))


@pytest.fixture
def menus(stage: Stage, fake: FakeTelegram) -> Iterator[Menus]:
    stage.publish(CHATTED)
    stage.appoint(Role.OWNER, by=BOSS, channel="telegram")
    stage.say("hello", by=WANG, channel="telegram")
    menus = Menus(stage, fake)
    yield menus
    menus.client.close()


def test_each_role_sees_its_verbs_and_everybody_else_what_they_saw(menus: Menus) -> None:
    menus.kept.refresh()
    assert set(menus.fake.bot.commands) == {(BOSS, language) for language in ("", "en", "zh")}
    tapped = [verb for verb in MECHANICS.verbs if not any(one.required for one in verb.takes.each())]
    assert {verb.name.replace(" ", "_").replace("-", "_") for verb in tapped} <= set(menus.of(BOSS))
    assert "points" in menus.of(BOSS), "players' words stay"
    menus.stage.appoint(Role.DEALER, by=WANG, name="Wang", channel="telegram")
    menus.kept.refresh()
    assert "campaign_pause" not in menus.of(WANG)
    assert "claims_pick_up" in menus.of(BOSS)
    assert len(menus.of(WANG)) > 5


def test_names_are_what_telegram_takes_and_not_too_many(menus: Menus) -> None:
    menus.kept.refresh()
    for entries in menus.fake.bot.commands.values():
        assert 10 < len(entries) <= MOST_COMMANDS
        assert len({one["command"] for one in entries}) == len(entries)
        assert all(re.fullmatch("[a-z0-9_]{1,32}", one["command"]) for one in entries)
        assert all(1 <= len(one["description"]) <= 256 for one in entries)


def test_a_menu_follows_the_role_and_is_told_once(menus: Menus) -> None:
    menus.kept.refresh()
    before = menus.calls()
    menus.kept.refresh()
    assert menus.calls() == before, "nothing has changed"
    menus.stage.appoint(Role.SUPPORT, by=BOSS, channel="telegram")
    menus.kept.refresh()
    assert "campaign_end" not in menus.of(BOSS)
    assert "campaign_list" in menus.of(BOSS)
    menus.stage.wait(days=SLEEPS_AFTER.days + 1)
    menus.kept.refresh()
    assert menus.of(BOSS) == []
    assert menus.fake.bot.called("deleteMyCommands")
    before, menus.now_s = menus.calls(), menus.now_s + SHOWN_S
    menus.kept.refresh()
    assert menus.calls() > before, "somebody else may have set another menu"


def test_what_fails_is_tried_again_later(menus: Menus) -> None:
    menus.fake.bot.trouble("setMyCommands", Says.error(400, "Bad Request: chat not found"))
    menus.kept.refresh()
    failed = menus.calls()
    menus.kept.refresh()
    assert menus.calls() == failed, "not at once"
    menus.now_s += FIRST_PAUSE_S
    menus.kept.refresh()
    assert "campaign_list" in menus.of(BOSS)


def test_a_verb_of_the_menu_is_the_verb(stage: Stage) -> None:
    stage.publish()
    stage.appoint(Role.OWNER)
    assert "snack is paused now." in stage.command("/campaign_pause snack", by="boss")
    assert "snack" in stage.command("/campaign_list", by="boss")
