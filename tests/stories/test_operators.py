"""A week of a campaign run through chat alone: on Telegram in English, and on WeChat in Chinese."""

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from core.models import Campaign
from handlers.operators.tables import LogEntry
from handlers.operators.terminal import first_word
from tests.adapters.telegram.rig import Chat
from tests.adapters.telegram.updates import message, tap
from tests.adapters.wechat.rig import Chats, account
from tests.fakes.telegram import fake_telegram
from tests.fakes.wechat import text
from tests.stage import CAMPAIGN, Stage
from tests.talking import faults

pytestmark = pytest.mark.reading

_HAN = re.compile("[\u4e00-\u9fff]")


@dataclass
class Office:
    """A stage, and how people write to it and are answered."""

    stage: Stage
    say: Callable[[str, str], str]
    """(who, words) to what is answered."""
    confirm: Callable[[str, str], str]
    """(who, the plan as it was shown) to what is answered when its choice is taken."""
    place: str
    people: dict[str, str]
    verbs: dict[str, str]
    """By English name, how they are typed here."""

    def do(self, who: str, verb: str, rest: str = "") -> str:
        return self.say(self.people[who], f"{self.verbs[verb]} {rest}".rstrip())

    @property
    def state(self) -> str:
        with self.stage.sessions() as session:
            return session.scalars(select(Campaign.state)).one()

    def endings(self) -> list[str]:
        with self.stage.sessions() as session:
            return list(session.scalars(select(LogEntry.ending).order_by(LogEntry.number)))


_NAMES = ("boss", "support", "runner", "dealer", "player", "stranger")
_ENGLISH = {
    verb: f"/{verb}"
    for verb in (
        "operator join",
        "operator invite",
        "operator me",
        "campaign list",
        "campaign pause",
        "campaign resume",
        "campaign end",
        "points show",
        "points correct",
        "player find",
        "player show",
        "undo",
        "outbox pause",
        "outbox resume",
        "outbox retry",
        "claims list",
        "codes status",
        "log",
        "help",
    )
}
_CHINESE = {
    **_ENGLISH,
    "operator join": "/成为操作员",
    "operator invite": "／邀请操作员",
    "operator me": "、我是谁",
    "campaign list": "/查活动",
    "campaign pause": "/暂停活动",
    "campaign resume": "/恢复活动",
    "campaign end": "/结束活动",
    "points show": "/查积分",
    "points correct": "/改积分",
    "player find": "/找玩家",
    "player show": "/查玩家",
    "undo": "/撤回",
    "outbox pause": "/停发",
    "outbox resume": "/续发",
    "outbox retry": "/重发",
    "claims list": "/领奖单",
    "codes status": "/查码",
    "log": "/日志",
    "help": "/帮助",
}


def published(stage: Stage, channel: str) -> Stage:
    stage.publish(CAMPAIGN.replace("[test, second]", f"[{channel}]"), spelled=False)
    return stage


@pytest.fixture
def telegram(stage: Stage) -> Iterator[Office]:
    published(stage, "telegram")
    with fake_telegram() as fake:
        chat = Chat(stage, fake)
        stage.outlets = (chat.sends.outlet,)

        def say(who: str, words: str) -> str:
            return "\n".join(chat.say(message(words, by=int(who))))

        def confirm(who: str, shown: str) -> str:
            word = re.search(r"/confirm (\w{4})", shown)
            assert word is not None, shown
            assert f"/confirm {word[1]}" in str(fake.bot.sent[-1]["reply_markup"])
            return "\n".join(chat.say(tap(f"/confirm {word[1]}", by=int(who))))

        people = {name: str(1000 + number) for number, name in enumerate(_NAMES)}
        yield Office(stage, say, confirm, "telegram/main", people, _ENGLISH)
        chat.close()


@pytest.fixture
def wechat(stage: Stage) -> Iterator[Office]:
    published(stage, "wechat")
    chats, ids = Chats(stage), itertools.count(1)
    stage.outlets = (account().outlet(),)

    def say(who: str, words: str) -> str:
        document = text(who, words, str(next(ids)))
        heard = [chats.say(document) for _ in range(3)]
        assert len(set(heard)) == 1, "three deliveries are one message"
        assert re.search("[一-鿿]", heard[0] or "空"), heard
        return heard[0] or ""

    def confirm(who: str, shown: str) -> str:
        assert "\n1. 确认" in shown
        return say(who, "1")

    people = {name: f"o{name}" for name in _NAMES}
    yield Office(stage, say, confirm, "wechat/main", people, _CHINESE)
    chats.close()


def test_a_week_on_telegram_in_english(telegram: Office) -> None:
    a_week(telegram)


def test_a_week_on_wechat_in_chinese(wechat: Office) -> None:
    a_week(wechat)


def a_week(office: Office) -> None:
    stage, hello = office.stage, "你好" if office.place.startswith("wechat") else "hello"
    for who in _NAMES:
        office.say(office.people[who], hello)
    _monday_the_first_owner_comes(office)
    stage.wait(days=1)
    _tuesday_a_pause(office)
    stage.wait(days=1)
    _wednesday_points_are_corrected(office)
    stage.wait(days=1)
    _thursday_nothing_is_sent_for_a_while(office)
    stage.wait(days=3)
    _sunday_the_end(office)
    assert faults(stage) == []
    told = office.do("boss", "log", "verify")
    assert str(len(office.endings()) - 1) in told, told


def _monday_the_first_owner_comes(office: Office) -> None:
    stage = office.stage
    unknown = office.say(office.people["stranger"], "/frobnicate")
    assert office.do("stranger", "campaign pause", "snack") == unknown
    word = first_word(stage.runtime, lambda: stage.now)
    assert word is not None
    assert office.verbs["help"] in office.do("boss", "operator join", word)
    assert re.search("owner|所有者", office.do("boss", "operator me"))
    assert office.do("stranger", "operator join", word) == unknown
    assert first_word(stage.runtime, lambda: stage.now) is None
    for role, who in (("support", "support"), ("operator", "runner"), ("dealer", "dealer")):
        told = office.do("boss", "operator invite", f"{role} {who.title()}")
        (made,) = re.findall(r"/(?:operator join|成为操作员) ([0-9A-Z-]+)", told)
        assert who.title() in office.do(who, "operator join", made)
    assert "snack" in office.do("support", "campaign list")
    assert office.state == "live"


def _tuesday_a_pause(office: Office) -> None:
    first, second = office.stage.codes(2)
    for who in ("support", "dealer", "stranger"):
        office.do(who, "campaign pause", "snack")
        assert office.state == "live"
    office.do("runner", "campaign pause", "snack?")
    assert office.state == "live", "that only asks"
    office.do("runner", "campaign pause", "snack")
    assert office.state == "paused"
    assert "10" not in office.say(office.people["player"], first)
    office.do("runner", "campaign resume", "snack")
    assert office.state == "live"
    assert "10" in office.say(office.people["player"], second)
    assert "snack" in office.do("support", "codes status")


def _wednesday_points_are_corrected(office: Office) -> None:
    player = f"{office.place}/{office.people['player']}"
    assert "10" in office.do("support", "points show", player)
    assert "60" not in office.do("support", "points correct", f"{player} snack 50 reason=x")
    office.do("runner", "points correct", f"{player} snack 50 reason=“late parcel”")
    assert "60" in office.do("support", "points show", player)
    assert office.place in office.do("support", "player find", player)
    office.do("runner", "undo")
    assert "-50" in office.do("support", "points show", player)
    assert "10" in office.do("support", "player show", player)
    assert office.do("dealer", "claims list") != office.do("support", "claims list")


def _thursday_nothing_is_sent_for_a_while(office: Office) -> None:
    before = len(office.endings())
    office.do("runner", "outbox pause", office.place)
    office.do("runner", "outbox retry")
    resumed = office.do("runner", "outbox resume", office.place)
    assert office.endings()[before:] == ["done", "done", "done"]
    assert resumed or office.place.startswith("telegram")


def _sunday_the_end(office: Office) -> None:
    assert office.do("runner", "campaign end", "snack")
    assert office.state == "live"
    shown = office.do("boss", "campaign end", "snack")
    office.stage.wait(seconds=61)
    late = office.confirm(office.people["boss"], shown)
    assert late
    assert office.state == "live", "that was too late"
    shown = office.do("boss", "campaign end", "snack")
    done = office.confirm(office.people["boss"], shown)
    assert "snack" in done
    assert office.state == "ended"
    log = office.do("boss", "log")
    assert "campaign end" in log or "结束活动" in log
    assert {"done", "planned", "refused", "denied", "stranger"} == set(office.endings())
