"""Every row of the table of error codes, as the fake platform answers it to a text."""

from datetime import timedelta

import pytest

from bots.wechat.api import Api
from bots.wechat.errcodes import ERRCODES
from bots.wechat.sending import WeChatSends
from core.sending.outbound import Outcome, Refused, TryAgain
from tests.adapters.wechat.rig import NOW, account, outbound
from tests.fakes import wechat
from tests.fakes.wechat import Platform

AGAIN, MINUTE, OPERATOR, QUOTA, GONE, SPENT = "again", "minute", "operator", "quota", "gone", "spent"
ELSEWHERE, NEVER, UNWANTED = "elsewhere", "never", "unwanted"
HOW = {
    AGAIN: {-1, 43108},
    MINUTE: {40001, 40014, 42001, 41001, 45011},
    OPERATOR: {40002, 40013, 40125, 40164, 40243, 41002, 41004, 48004, 50002, 61004, 89501, 89503},
    QUOTA: {45009, 89506, 89507},
    SPENT: {45015, 45047, 43101},
    GONE: {40003, 43004, 43005, 43019, 50005},
    UNWANTED: {48002},
    ELSEWHERE: {48001, 40037, 43107, 43116, 45002},
    NEVER: {
        40004, 40007, 40008, 40009, 41028, 41030, 44002, 44004, 45001, 45008, 45168,
        47001, 47003, 87014, 40016, 40018, 40019, 40020, 40023, 40025, 40027, 40053, 45029, 46003, 99999,
    },
}  # fmt: skip
ROWS = [(code, how) for how, codes in HOW.items() for code in sorted(codes)]


def outcome(code: int, how: str) -> Outcome:
    error = f"wechat_{code}"
    return {
        AGAIN: TryAgain(error),
        MINUTE: TryAgain(error, timedelta(minutes=1)),
        OPERATOR: TryAgain(error, timedelta(minutes=5)),
        QUOTA: TryAgain(error, timedelta(hours=1)),
        SPENT: Refused(error, spent=True),
        GONE: Refused(error, gone=True),
        UNWANTED: Refused(error, gone=True, unwanted=True),
        ELSEWHERE: Refused(error, elsewhere=True),
        NEVER: Refused(error),
    }[how]


@pytest.fixture(scope="module")
def platform():
    with wechat.running(lambda: NOW) as platform:
        yield platform


@pytest.fixture(scope="module")
def sends(platform: Platform):
    api = Api(account(api_url=platform.url))
    yield WeChatSends(api)
    api.close()


@pytest.mark.parametrize(("code", "how"), ROWS, ids=[f"{code} {how}" for code, how in ROWS])
def test_what_an_error_code_does_to_a_text(platform: Platform, sends: WeChatSends, code: int, how: str) -> None:
    platform.misbehave("/custom/send", code, code)
    assert sends.send(outbound()) == outcome(code, how)
    platform.misbehave("/custom/send")
    assert platform.sent == []


def test_every_row_is_told_here() -> None:
    assert ERRCODES
    assert set(ERRCODES) | {99999} == {code for code, _ in ROWS}


def test_every_row_says_what_it_is() -> None:
    assert all(row.says and row.code == code for code, row in ERRCODES.items())
