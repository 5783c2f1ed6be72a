"""An invite word of a real installation, opened as a page."""

from sqlalchemy import select

from core.alphabet import grouped
from core.models import Player
from core.words import Kind, new_word
from handlers.invites.tables import InviteWord
from tests.playground.rig import Door
from tests.stage import CAMPAIGN, Stage


def test_a_word_of_the_database_opens_its_campaign(stage: Stage) -> None:
    invites = "invites: {inviter: 5 points, invitee: 5 points}\n"
    stage.publish(CAMPAIGN.replace("[test, second]", "[playground, terminal, second, wechat]") + invites)
    (code,) = stage.codes(1)
    word = new_word(Kind.INVITE, stage.randomness)
    door = Door(stage)
    door.say(code, phone="+8619912345678")
    door.say("call me Anna", phone="+8619912345678", id="2")
    with stage.sessions.begin() as session:
        player = session.scalars(select(Player)).one()
        made = {"player_id": player.id, "campaign_id": player.campaign_id, "made_at": stage.now}
        session.add(InviteWord(word=word, **made))
    for typed in (word, grouped(word), word.lower()):
        page = door.client.get(f"/i/{typed}")
        assert page.status_code == 200
        assert grouped(word) in page.text
        assert "Open a bag" in page.text
        assert "You get 5 points as soon as you have sent your first code, your friend 5." in page.text
        assert "Anna invites you to" in page.text
        assert "second" not in page.text  # where we have no account
        assert "Playground 演练场" not in page.text  # it has a button
        assert "Try it in the playground" in page.text
        assert "terminal" not in page.text
        assert "WeChat" not in page.text  # which forbids rewarding invitations
        assert "12345678" not in page.text
    assert door.client.get(f"/i/{word}/qr.png").content_type == "image/png"
    assert door.client.get(f"/i/{word}/poster.png").data.startswith(b"\x89PNG")
    assert door.client.get(f"/i/{word[1:]}").status_code == 404
    stage.wait(days=91)
    assert "cannot be played right now" in door.client.get(f"/i/{word}").text
    door.engine.close()
