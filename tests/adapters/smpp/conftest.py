from collections.abc import Iterator

import pytest

from tests.fakes.smsc import Smsc


@pytest.fixture
def smsc() -> Iterator[Smsc]:
    server = Smsc()
    yield server
    server.close()
