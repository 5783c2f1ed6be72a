"""Every row of the table of error codes, as the fake platform answers it to a text."""

import json
import re
import tomllib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.wechat.client import Client
from bots.wechat.error_codes import ERRCODES, meaning, sentence
from bots.wechat.outbound import WeChatSends
from core.sending.outbound import Delivered, Outcome, Refused, SendMode, TryAgain
from huoju.sending_status import text_status
from tests.adapters.wechat.rig import FIXTURES, NOW, account, outbound
from tests.fakes import wechat
from tests.fakes.wechat import Platform

AGAIN, MINUTE, OPERATOR, QUOTA, GONE, SPENT = "again", "minute", "operator", "quota", "gone", "spent"
ELSEWHERE, NEVER, UNWANTED, HAD = "elsewhere", "never", "unwanted", "had"
HOW = {
    AGAIN: {-1, 43108, 45066},
    MINUTE: {40001, 40014, 42001, 42007, 41001, 45011},
    OPERATOR: {
        40002, 40013, 40066, 40125, 40164, 40243, 41002, 41004, 43003, 45035, 48003, 48004, 50002, 50004, 50007,
        61003, 61004, 61014, 61024, 89501, 89503,
    },
    QUOTA: {45009, 48006, 89506, 89507},
    SPENT: {45015, 45047, 43101},
    GONE: {40003, 43004, 43005, 43019, 46004, 50005},
    UNWANTED: {48002},
    ELSEWHERE: {
        48001, 48008, 50001, 61007, 40036, 40037, 40039, 40165, 40166, 40249, 41030, 43107, 43116, 45002, 47003, 70000,
        85005, 99999,
    },
    NEVER: {
        40004, 40007, 40008, 40009, 40033, 40035, 41028, 44002, 44003, 44004, 45001, 45008, 45064, 45067, 45168,
        47001, 47501, 87014, 40016, 40018, 40019, 40020, 40023, 40025, 40027, 40053, 45029, 46003,
    },
    HAD: {45065},
}  # fmt: skip
ROWS = [(code, how) for how, codes in HOW.items() for code in sorted(codes)]


def outcome(code: int, how: str) -> Outcome:
    error = f"wechat_{code}"
    return {
        AGAIN: TryAgain(error),
        MINUTE: TryAgain(error, timedelta(minutes=1)),
        OPERATOR: TryAgain(error, timedelta(minutes=5)),
        QUOTA: TryAgain(error, timedelta(hours=1)),
        SPENT: Refused(error, window_exhausted=True),
        GONE: Refused(error, unreachable=True),
        UNWANTED: Refused(error, unreachable=True, unwanted=True),
        ELSEWHERE: Refused(error, elsewhere=True),
        NEVER: Refused(error),
        HAD: Delivered(),
    }[how]


@pytest.fixture(scope="module")
def platform():
    with wechat.running(lambda: NOW) as platform:
        yield platform


@pytest.fixture(scope="module")
def sends(platform: Platform):
    api = Client(account(api_url=platform.url))
    yield WeChatSends(api)
    api.close()


@pytest.mark.parametrize(("code", "how"), ROWS, ids=[f"{code} {how}" for code, how in ROWS])
def test_what_an_error_code_does_to_a_text(platform: Platform, sends: WeChatSends, code: int, how: str) -> None:
    before = list(platform.sent)
    platform.misbehave("/custom/send", code, code)
    assert sends.send(outbound()) == outcome(code, how)
    platform.misbehave("/custom/send")
    assert platform.sent == before


def test_every_row_is_told_here() -> None:
    assert ERRCODES
    assert set(ERRCODES) | {99999} == {code for code, _ in ROWS}


def test_every_row_is_a_code_of_the_platforms_own_pages() -> None:
    told = tomllib.loads((FIXTURES / "errcodes.toml").read_text(encoding="utf-8"))
    assert set(map(int, told)) == set(ERRCODES)
    assert all(told.values())


def test_every_row_says_what_it_is() -> None:
    assert all(row.says and row.code == code for code, row in ERRCODES.items())
    assert all("{" not in str(sentence(f"wechat_{code}")) for code, _ in ROWS)


WHITELIST = "this machine's address is not in the account's IP whitelist: add {} (mp.weixin.qq.com"
SAYS = "invalid ip {}, not in whitelist rid: 6207df1a-08ef8516-2a6c18c6"

# an error code, the platform's own sentence, what the text's row says, and what an operator reads
NAMED = [
    (40164, SAYS.format("125.33.201.21 ipv6 ::ffff:125.33.201.21"), "125.33.201.21", WHITELIST.format("125.33.201.21")),
    (40164, SAYS.format("125.33.201.21"), "125.33.201.21", WHITELIST.format("125.33.201.21")),
    (40164, SAYS.format("::ffff:125.33.201.21"), "125.33.201.21", WHITELIST.format("125.33.201.21")),
    (40164, SAYS.format("2001:db8::7"), "2001:db8::7", WHITELIST.format("2001:db8::7")),
    (61004, "access clientip is not registered requestIP:10.2.3.4 rid: 1", "10.2.3.4", WHITELIST.format("10.2.3.4")),
    (45035, "access clientip is not registered", None, WHITELIST.format("this machine's public address")),
    (40164, SAYS.format("1.2.3.400"), None, WHITELIST.format("this machine's public address")),
    (89503, "not confirm by admin, ip: 10.2.3.4.", "10.2.3.4", "an administrator of the account has to confirm 10.2"),
    (89507, "reject by admin", None, "an administrator refused this machine's public address; it waits an hour"),
    (
        47003,
        "argument invalid! data.thing4.value invalid rid: 64d4912a",
        "thing4",
        "of the template's fields thing4 is",
    ),
    (
        47003,
        "argument invalid! data.character_string1.value is emtpy",
        "character_string1",
        "fields character_string1 is",
    ),
    (47003, "argument invalid!", None, "of the template's fields one is missing"),
    (45015, "response out of time limit data.thing1 1.2.3.4", None, "the player has not spoken for 48 hours"),
    (99999, "data.thing1 is refused from 1.2.3.4", None, "a refusal that the documents do not name"),
]


@pytest.mark.parametrize(("code", "says", "named", "reads"), NAMED)
def test_what_the_platform_names_is_told(platform, sends, code: int, says: str, named: str | None, reads: str) -> None:
    answer = json.dumps({"errcode": code, "errmsg": says})
    platform.misbehave("/custom/send", answer, answer)
    error = getattr(sends.send(outbound()), "error", "")
    platform.misbehave("/custom/send")
    assert error == f"wechat_{code}:{named}" if named else error == f"wechat_{code}"
    assert reads in text_status("dead", error)


@given(st.text(max_size=600))
def test_no_sentence_of_the_platform_gets_further_than_what_it_names(errmsg: str) -> None:
    for code in (40164, 47003, 89501):
        error = getattr(meaning(code, errmsg).outcome, "error", "")
        assert re.fullmatch(rf"wechat_{code}(:[A-Za-z0-9_.:]{{1,45}})?", error)


def test_a_notice_that_was_sent_before_is_delivered_under_the_id_that_it_has(platform: Platform, sends) -> None:
    platform.misbehave("/template/send", '{"errcode":45065,"errmsg":"clientmsgid exist","msgid":7}')
    sent = outbound(mode=SendMode.TEMPLATE, template="template-1")
    assert sends.send(sent) == Delivered(("7",))


def test_what_is_no_code_of_the_platform_has_no_sentence() -> None:
    for other in (
        "http_429",
        "no_answer",
        "wechat_",
        "wechat_4x",
        "unreadable:errcode",
        "wechat_40164:",
        "wechat_40164\n",
    ):
        assert sentence(other) is None
