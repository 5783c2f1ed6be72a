"""The snack promotion on the real channels: `examples/snack.yaml` behind WeChat, Telegram and an SMS short code.

One process with all accounts, three platforms on loopback; everything is delivered more often than once.
"""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.times import system_clock
from handlers.draws.lottery import Chances, roll
from tests.adapters.telegram.updates import message, update
from tests.fakes.smsc import Mo
from tests.fakes.wechat import Delivering, event, text
from tests.huoju.test_processes import huoju, stop
from tests.playground.rig import Served, installed, until
from tests.talking import faults
from tests.three_platforms import Three, three_platforms

EXAMPLE = Path(__file__).parents[2] / "examples" / "snack.yaml"
LAN, MING, HUA = "8613800000001", "8613800000002", "oHua_in_WeChat"


@pytest.fixture
def here(sqlite_template: Path, tmp_path: Path) -> Iterator[Served]:
    with installed(sqlite_template, tmp_path) as served:
        served.stage.publish(EXAMPLE.read_text(encoding="utf-8"), spelled=False)
        yield served


@pytest.fixture
def three(here: Served) -> Iterator[Three]:
    with three_platforms(here.stage.directory) as three:
        yield three


class People:
    """Who says what where, and what each is told."""

    def __init__(self, here: Served, three: Three) -> None:
        self.three = three
        self.official = Delivering(system_clock, f"http://127.0.0.1:{here.port}/wechat/main")
        self._ids = itertools.count(1)
        self._read = 0
        codes = here.stage.codes(60)
        with here.stage.sessions() as session:
            (campaign,) = here.stage.shelf.read(session).values()
        chances = Chances.of(campaign.published)
        assert chances is not None
        self.blanks = [
            code
            for code in codes
            if not chances.highest.won_by(
                roll(campaign.published.seed, "snack", here.stage.keys.code_hash(code.replace("-", ""))).value
            )
        ]

    def sms(self, phone: str, words: str) -> None:
        self.three.smsc.say(Mo(phone, words.encode("utf-16-be"), data_coding=8))

    def texted(self, *needles: str) -> str:
        """The next text that reached a phone, which holds all of ``needles``."""
        self.three.smsc.until(lambda: len(self.three.smsc.submits) > self._read, 20)
        said = self.three.smsc.submits[self._read]
        self._read += 1
        words = said.octets.decode("utf-16-be")
        assert all(needle in words for needle in needles), words
        return words

    def wechat(self, words: str, times: int = 1) -> str:
        document = text(HUA, words, f"{next(self._ids)}")
        heard = {self.official.deliver(document).words for _ in range(times)}
        assert len(heard) == 1, heard
        return heard.pop() or ""

    def telegram(self, sent: dict[str, object], *needles: str, copies: int = 1) -> None:
        bot = self.three.bot
        before = len(bot.texts())
        bot.post(*[sent] * copies)
        until(lambda: len(bot.texts()) > before)
        assert all(needle in bot.texts()[-1] for needle in needles), bot.texts()[-1]


def test_one_promotion_on_three_platforms(here: Served, three: Three) -> None:
    people = People(here, three)
    with huoju(here, "run", "--port", str(here.port), **three.secrets) as process:
        until(lambda: process.poll() is not None or here.ready())
        three.smsc.bound()
        _friends_by_sms(people)
        _hua_on_wechat(people)
        _anna_on_telegram(people)
        _lan_has_heard_enough(people)
        said = stop(process)
    assert faults(here.stage) == []
    assert not re.search(r'"level": "(?:error|critical)"', said)


def _friends_by_sms(people: People) -> None:
    """Lan recommends Ming's number, to which nothing is sent; Ming's first code brings both their points."""
    people.sms(LAN, people.blanks.pop())
    people.texted("没有中奖", "10积分")
    people.sms(LAN, "138 0000 0002")
    people.texted("138****0002")
    people.sms(MING, people.blanks.pop())
    told = [people.texted() for _ in range(3)]
    assert sum("20积分" in words for words in told) == 2
    assert sum("没有中奖" in words for words in told) == 1


def _hua_on_wechat(people: People) -> None:
    """Hua follows, plays, and is the same person as Lan: a word from the phone links both."""
    assert "欢迎" in (people.official.deliver(event(HUA, "subscribe")).words or "")
    assert "10积分" in people.wechat(people.blanks.pop(), times=4)
    people.sms(LAN, "绑定")
    word = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", people.texted("分钟内"))
    assert word is not None
    assert "40积分" in people.wechat(word[0])
    people.texted("绑定")
    assert "40积分" in people.wechat("积分")


def _anna_on_telegram(people: People) -> None:
    """Anna opens the bot, plays a code that is delivered twice, and taps a button."""
    people.telegram(message("/start"), "Open a bag")
    people.telegram(message(people.blanks.pop()), "10", copies=2)
    tapped = update(
        callback_query={
            "id": "1",
            "from": {"id": 1111111, "is_bot": False, "first_name": "Anna"},
            "chat_instance": "1",
            "data": "=points",
            "message": {"message_id": 1, "date": 1, "chat": {"id": 1111111, "type": "private", "first_name": "Anna"}},
        }
    )
    people.telegram(tapped, "10")


def _lan_has_heard_enough(people: People) -> None:
    people.sms(LAN, "退订谢谢")
    people.texted("退订")
    people.sms(LAN, "TD")
    people.sms(LAN, "积分")
    people.texted("40积分")
