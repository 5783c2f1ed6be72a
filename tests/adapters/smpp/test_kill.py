"""A process with links is killed between the commit and the acknowledgement; the next one finds what it left."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.adapters.smpp.rig import ANNA, PLAYED
from tests.fakes.smsc import Mo, Smsc
from tests.stage import Stage

PROCESS = """
import os, signal, sys, threading
from bots.base import InboundSink
from bots.sms.smpp.account import SmppAccount
from bots.sms.smpp.esme import Esme
from core.database import open_database
from core.engine.engine import Engine
from core.randomness import SystemRandomness
from pathlib import Path
from tests.stage import START, Stage

url, port, dies = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "dies"
engine = Engine(Stage(open_database(url), Path(".")).runtime)

def submit(message):
    future = engine.submit(message)
    if dies:
        future.result(20)
        os.kill(os.getpid(), signal.SIGKILL)
    return future

account = SmppAccount(name="main", host="127.0.0.1", port=port, system_id="huoju", password="secret", sender="12345")
links = Esme(account, InboundSink(submit, lambda _: None), clock=lambda: START, randomness=SystemRandomness())
links.start()
sys.stdin.read()
links.stop(2)
engine.close()
"""


def process(stage: Stage, smsc: Smsc, how: str) -> subprocess.Popen[bytes]:
    url = stage.database.url.render_as_string(hide_password=False)
    root = Path(__file__).parents[3]
    return subprocess.Popen(
        [sys.executable, "-c", PROCESS, url, str(smsc.port), how],
        stdin=subprocess.PIPE,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_killed_process_leaves_a_message_that_is_played_once(stage: Stage, smsc: Smsc):
    stage.publish(PLAYED)
    mo = Mo(ANNA, stage.codes(1)[0].encode())
    smsc.say(mo)
    with process(stage, smsc, "dies") as first:
        assert first.wait(120) == -9
    assert mo.statuses == []
    with process(stage, smsc, "lives") as second:
        smsc.until(lambda: mo.statuses, 30)
        assert second.stdin is not None
        second.stdin.close()
        assert second.wait(120) == 0
    assert (mo.statuses, mo.delivered, smsc.unbinds) == ([0], 2, 1)
    assert [text.split()[0] for text in stage.told("+" + ANNA, channel="sms")] == ["redeem.points"]
