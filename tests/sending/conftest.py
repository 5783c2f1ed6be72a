import pytest

from tests.sending.rig import Desk, Platform
from tests.stage import Stage


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return Desk(stage, Platform())
