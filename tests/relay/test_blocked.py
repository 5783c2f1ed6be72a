"""Whoever is blocked stands on no board, is named in no chain, and has no perk."""

from core.operators import Role
from tests.playground.rig import Door
from tests.relay.torchbearers import RELAY, count, open_relay, param
from tests.stage import Stage
from tests.talking import link_up

PEOPLE = "boris", "goran"


def test_whoever_is_blocked_is_seen_nowhere_until_they_may_play_again(stage: Stage) -> None:
    open_relay(stage, RELAY.replace("[test, second]", "[playground, test, second]"))
    door = Door(stage)
    words = {who: param(stage.say("torch", by=who), "word") for who in PEOPLE}
    for who in PEOPLE:
        stage.say(f"call me {who.title()}", by=who)
    theirs = {n: param(stage.say(words["boris" if n < 2 else "goran"], by=f"f{n}"), "word") for n in range(3)}
    stage.say(theirs[0], by="f3")
    link_up(stage, ("boris", "test"), ("boris", "second"))
    count(stage)
    stage.appoint(Role.SUPPORT)
    perk = param(stage.say("perk", by="boris"), "code")

    def seen() -> tuple[str, ...]:
        stage.wait(minutes=2)  # for so long a picture of others' names is kept
        page, tree = door.client.get(f"/t/{words['boris']}").text, door.client.get(f"/t/{theirs[0]}/tree.svg").text
        told = (stage.say("board", by="goran"), stage.command("/relay boards torch", by="boss"), page, tree)
        return (*told, stage.command(f"/relay perk {perk}", by="boss"))

    assert ["Boris" in one for one in seen()] == [True, True, True, True, False]
    assert "Good: " in seen()[-1]
    assert "chain_place=2" in seen()[0]

    stage.command('/player block test/main/boris reason="sells torches"', by="boss")
    assert not any("Boris" in one for one in seen())
    board, boards, page, tree, told = seen()
    assert "Goran" in board
    assert "chain_place=1" in board
    assert "Goran" in boards
    assert "The relay" in page
    assert "Torch skin" not in page
    assert "No torch yet" in page
    assert "4 torches" in tree
    assert "blocked; do not accept it" in told
    assert door.client.get(f"/t/{words['boris']}/tree.svg").status_code == 200

    stage.command("/player unblock test/main/boris", by="boss")
    assert ["Boris" in one for one in seen()] == [True, True, True, True, False]
    door.engine.close()
