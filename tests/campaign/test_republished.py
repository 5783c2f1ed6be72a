"""What a newer version of the rules changes while people play: who plays stays a player, and loses nothing won."""

import pytest

from core.campaign.publication import change_state, publish
from core.campaign.reader import read_campaign
from handlers import MECHANICS
from tests.relay.torchbearers import RELAY, begin
from tests.snack import SNACK, SURE
from tests.stage import CAMPAIGN, Stage
from tests.talking import faults, keys_of, play, states, word_of

pytestmark = pytest.mark.reading


OTHER = CAMPAIGN.replace("name: snack", "name: other").replace("Open a bag", "The other one")
MOVED = SURE.replace("[test, second]", "[second]")
PARCEL = ("Anna Lee", "13800138000", "12 King Street, Luwan")


@pytest.mark.parametrize("other", [False, True], ids=["alone", "beside another one"])
@pytest.mark.parametrize("goes", ["second", "test/a"])
def test_what_was_won_is_claimed_where_it_was_won_when_the_campaign_has_left(
    stage: Stage, other: bool, goes: str
) -> None:
    stage.publish(SURE)
    if other:
        stage.publish(OTHER)
    play(stage)
    stage.publish(SURE.replace("[test, second]", f"[{goes}]"))
    assert keys_of(stage.say("Anna Lee"))[0] == "delivery.phone"
    assert keys_of(stage.say("points"))[0] == ("points.balance" if other else "There")
    assert keys_of(stage.say("prizes"))[0] == "delivery.phone"
    for text in PARCEL[1:]:
        stage.say(text)
    assert keys_of(stage.say("yes")) == ["claim.ready"]
    assert states(stage) == ["ready"]
    assert faults(stage) == []


def test_a_code_sent_where_its_campaign_has_left_stays_good_and_costs_no_try(stage: Stage) -> None:
    stage.publish(SURE)
    stage.publish(OTHER)
    (code,) = stage.codes(1)
    stage.codes(1, "other")
    play(stage)
    stage.say("cancel")
    stage.publish(MOVED)
    assert [keys_of(stage.say(code)) for _ in range(7)] == [["redeem.elsewhere"]] * 7
    assert keys_of(stage.say(code, by="stranger")) == ["redeem.unknown"]
    assert keys_of(play(stage, campaign="other"))[0] == "redeem.points"
    assert keys_of(stage.say(code, channel="second"))[0] == "redeem.won"
    stage.publish(SURE)
    assert keys_of(play(stage))[0] == "redeem.won"
    assert faults(stage) == []


def test_a_friends_word_is_known_when_friends_are_brought_in_no_more(stage: Stage) -> None:
    stage.publish(SNACK)
    play(stage)
    word = word_of(stage)
    stage.publish(SNACK[: SNACK.index("invites:")])
    assert keys_of(stage.say(word, by="u2")) == ["invite.off"]
    stage.publish(SNACK)
    assert keys_of(stage.say(word, by="u2")) == ["invite.joined"]
    assert faults(stage) == []


def test_torches_of_a_file_that_has_none_any_more_go_out_all_the_same(stage: Stage) -> None:
    stage.publish(RELAY)
    word = begin(stage, "u1")
    stage.publish(CAMPAIGN.replace("name: snack", "name: torch"))
    assert keys_of(stage.say(word, by="u2")) == ["invite.off"]
    stage.wait(minutes=11)
    stage.tick()
    assert stage.told("u1")[-1].startswith("relay.went_out")
    assert keys_of(stage.say("torch", by="u1")) == ["relay.off"]
    assert faults(stage) == []


def test_a_claim_goes_on_under_a_new_title_and_the_old_name_buys_still(stage: Stage) -> None:
    stage.publish(SNACK)
    play(stage)
    stage.give(100)
    for text in ("gifts", "mug", "yes"):
        stage.say(text)
    stage.publish(SNACK.replace("en: Mug}", "en: Cup}").replace("per_player: 1", "per_player: 2"))
    assert stage.say("Anna Lee") == "delivery.phone item=Cup"
    for text in (*PARCEL[1:], "yes", "gifts"):
        stage.say(text)
    assert "item=Cup" in stage.say("mug")
    assert "item=Cup" in stage.say("yes")
    assert faults(stage) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("en: Bag of snacks}, price: 10", "en: Bag of snacks}, price: 15"),
        ("  - {name: bag, title: {zh: 零食袋, en: Bag of snacks}, price: 10 points, stock: 5, claim: counter}\n", ""),
    ],
    ids=["dearer", "gone"],
)
def test_nobody_buys_what_was_changed_behind_the_question(stage: Stage, old: str, new: str) -> None:
    stage.publish(SNACK)
    play(stage)
    stage.give(100)
    stage.say("gifts")
    assert keys_of(stage.say("bag"))[0] == "gifts.confirm"
    stage.publish(SNACK.replace(old, new))
    assert keys_of(stage.say("yes")) == ["gifts.changed"]
    assert "balance=110" in stage.say("points")
    assert faults(stage) == []


def test_odds_and_limits_of_today_hold_for_who_played_before(stage: Stage) -> None:
    stage.publish(SURE)
    assert keys_of(play(stage))[0] == "redeem.won"
    stage.say("cancel")
    stage.publish(SURE.replace("odds: 1/1", "odds: 1/1000000000"))
    assert keys_of(play(stage)) == ["redeem.points"]
    stage.publish(SURE.replace("per_player_per_day: 10, wrong", "per_player_per_day: 2, wrong"))
    assert play(stage) == "redeem.limit limit=2"
    stage.publish(SURE.replace("length: 12", "length: 10"))
    assert keys_of(play(stage))[0] == "redeem.won"
    assert faults(stage) == []


def test_what_was_rolled_back_is_not_known_of_a_version_that_comes_with_its_number(stage: Stage) -> None:
    stage.publish()
    with stage.sessions() as session:
        first = stage.shelf.look(session)[1].published.rules_hash
    path = stage.directory / "foreseen.yaml"
    path.write_text(CAMPAIGN.replace("10 points", "99 points"), encoding="utf-8")
    with stage.sessions.begin() as session:
        file = read_campaign(path, MECHANICS.sections)
        publish(session, file, stage.now, stage.keys, stage.randomness, mechanics=MECHANICS)
        session.flush()
        assert stage.shelf.look(session)[1].published.rules_hash != first
        change_state(session, "snack", "end", stage.now)
        session.flush()
        assert stage.shelf.look(session).all()[1].state == "ended"
        session.rollback()
    published = stage.publish(CAMPAIGN.replace("10 points", "11 points"))
    with stage.sessions() as session:
        seen = stage.shelf.look(session)
        assert seen[1].published.version == 2
        assert seen[1].published.rules_hash == published.rules_hash
        assert not seen.ended.campaigns
