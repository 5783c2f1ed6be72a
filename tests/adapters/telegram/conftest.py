from collections.abc import Iterator

import pytest

from bots.telegram.client import Client
from tests.adapters.telegram.rig import CHATTED, Chat, account
from tests.fakes.telegram import FakeTelegram, fake_telegram
from tests.stage import Stage


@pytest.fixture
def fake() -> Iterator[FakeTelegram]:
    with fake_telegram() as fake:
        yield fake


@pytest.fixture
def client(fake: FakeTelegram) -> Iterator[Client]:
    client = Client(account(fake))
    yield client
    client.close()


@pytest.fixture
def chat(stage: Stage, fake: FakeTelegram) -> Iterator[Chat]:
    stage.publish(CHATTED)
    chat = Chat(stage, fake)
    yield chat
    chat.close()
