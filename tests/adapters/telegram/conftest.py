from collections.abc import Iterator

import pytest

from bots.telegram.line import Line
from tests.adapters.telegram.rig import CHATTED, Chat, account
from tests.fakes.telegram import FakeTelegram, fake_telegram
from tests.stage import Stage


@pytest.fixture
def fake() -> Iterator[FakeTelegram]:
    with fake_telegram() as fake:
        yield fake


@pytest.fixture
def line(fake: FakeTelegram) -> Iterator[Line]:
    line = Line(account(fake))
    yield line
    line.close()


@pytest.fixture
def chat(stage: Stage, fake: FakeTelegram) -> Iterator[Chat]:
    stage.publish(CHATTED)
    chat = Chat(stage, fake)
    yield chat
    chat.close()
