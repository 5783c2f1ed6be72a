"""Torches of a real installation, opened as pages."""

import re

import pytest

from tests.playground.rig import Door
from tests.relay.torchbearers import RELAY, count, open_relay, param
from tests.stage import CAMPAIGN, Stage

pytestmark = pytest.mark.reading

PLAYED = RELAY.replace("[test, second]", "[playground, terminal, test, second, wechat]").replace(
    "  window: 10m\n", "  window: 10m\n  typed_word: [second]\n"
)


def test_a_torch_is_followed_from_its_first_second_to_its_chain(stage: Stage) -> None:
    open_relay(stage, PLAYED)
    door = Door(stage)
    word = param(stage.say("torch", by="+8619912345678"), "word")

    def page(of: str = word) -> str:
        answer = door.client.get(f"/t/{of}")
        assert answer.status_code == 200
        assert "12345678" not in answer.text
        assert "wechat" not in answer.text.lower()  # which forbids rewarding it
        assert "terminal" not in answer.text
        return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", answer.text))

    unlit = page()
    for told in (
        "A torch of the relay",
        "Waiting to be lit",
        "Until 12:10",
        "Torch skin",
        "Longest leg 1",
    ):
        assert told in unlit
    assert "Scanning is not enough" not in unlit  # where we have no account
    assert "Try it in the playground" in unlit
    version = door.client.get(f"/t/{word}/state").json["version"]

    stage.wait(minutes=3)
    stage.say("call me Anna", by="+8619912345678")
    theirs = param(stage.say(word, by="b"), "word")
    count(stage)
    assert door.client.get(f"/t/{word}/state").json["version"] != version
    burning = page()
    for told in ("Anna", "Unlocked: Torch skin", "Torches 2", "Burning 1", "Longest leg 2"):
        assert told in burning
    assert "Leg of this torch 2" in page(theirs)
    boards = door.client.get("/b/torch")
    assert (boards.status_code, boards.headers["Cache-Control"]) == (200, "public, max-age=10")
    shown = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", boards.text))
    for told in (
        "Longest chains Anna 2 legs",
        "Chains with most torches burning Anna 1 burning",
        "today Anna 1 friend",
    ):
        assert told in shown
    assert word not in boards.text
    assert "最长的传递链 Anna 2 棒" in re.sub(r"(?:<[^>]+>|\s)+", " ", door.client.get("/b/torch?lang=zh").text)
    for unknown in ("snack", "torches", "%00", "<script>", "t" * 41):
        assert door.client.get(f"/b/{unknown}").status_code == 404
    tree = door.client.get(f"/t/{theirs}/tree.svg")
    assert (tree.status_code, tree.content_type.partition(";")[0]) == (200, "image/svg+xml")
    assert "Anna" in tree.text
    assert door.client.get(f"/t/{theirs}/tree.png").data.startswith(b"\x89PNG")
    for name in ("badge.png", "poster.png", "qr.png"):
        picture = door.client.get(f"/t/{word}/{name}")
        assert (picture.content_type, picture.data[:4]) == ("image/png", b"\x89PNG")

    stage.wait(minutes=10)
    stage.tick()
    assert "It may be lit again from 13:13" in page(theirs)
    stage.wait(days=91)
    assert "cannot be played right now" in page()
    door.engine.close()


def test_a_word_of_a_campaign_without_a_relay_is_no_torch(stage: Stage) -> None:
    stage.publish(CAMPAIGN + "invites: {inviter: 5 points, invitee: 5 points}\n")
    (code,) = stage.codes(1)
    stage.say(code, by="a")
    door = Door(stage)
    word = param(stage.say("invite", by="a"), "word")
    assert door.client.get(f"/i/{word}").status_code == 200
    assert door.client.get(f"/t/{word}").status_code == 404
    door.engine.close()
