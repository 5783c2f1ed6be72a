"""What each public page really loads: less than 60 kB without pictures, all of it from here."""

import re
from urllib.parse import urljoin

import pytest

from tests.playground.rig import Door
from tests.relay.torchbearers import RELAY, param
from tests.stage import Stage

pytestmark = pytest.mark.reading

MOST_BYTES = 60_000
_LOADED = re.compile(r"<(?:link|script|img|source)[^>]+?(?:href|src|srcset)=\"([^\"]+)\"")


def test_every_page_is_light_and_loads_nothing_from_elsewhere(stage: Stage) -> None:
    look = 'look: {colour: "#c8102e"}\ninvites: {inviter: 5 points, invitee: 5 points}\n'
    stage.publish(RELAY.replace("[test, second]", "[playground, test]") + look)
    word = param(stage.say("torch", by="anna"), "word")
    (code,) = stage.codes(1, "torch")
    door = Door(stage)
    for address in (f"/i/{word}", f"/t/{word}", "/b/torch", "/rules/torch", f"/c/{code}", "/i/nobody", "/file/nobody"):
        page = door.client.get(address)
        loaded = set(_LOADED.findall(page.text.replace("&amp;", "&")))
        assert {each.rpartition("/")[2] for each in loaded} >= {"base.css"}, address
        assert not [each for each in loaded if "//" in each]
        answers = {each: door.client.get(urljoin(address, each)) for each in loaded}
        assert {each: answer.status_code for each, answer in answers.items() if answer.status_code != 200} == {}
        files = [answer for answer in answers.values() if not answer.content_type.startswith("image/")]
        assert 2_000 < len(page.data) + sum(len(answer.data) for answer in files) < MOST_BYTES, address
        for answer in (page, *answers.values()):
            policy = answer.headers["Content-Security-Policy"]
            assert set(re.findall(r"-\w+ ([^;]+)", policy)) <= {"'none'", "'self'"}
    door.engine.close()
