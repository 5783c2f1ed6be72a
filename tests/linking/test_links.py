"""Links in words: two addresses of one person become one player, and nothing is lost, doubled or revived by it."""

import pytest
from sqlalchemy import select

from core.keys import KeysUnusable
from core.models import Player
from core.randomness import SeededRandomness
from core.words import Kind, new_word
from handlers.claims.details import details_of
from handlers.claims.tables import Claim
from handlers.relay.names import name_of
from tests.snack import SNACK, SURE
from tests.stage import Stage
from tests.talking import all_of, buy, claims, faults, invites, keys_of, link_up, play, states, word_of

HERE, THERE = ("u1", "test"), ("u1", "second")


def _two(stage: Stage, text: str = SNACK) -> Stage:
    """u1 has 10 points on each of two channels."""
    stage.publish(text)
    play(stage)
    stage.wait(minutes=1)
    play(stage, channel="second")
    return stage


def test_the_refusals_in_their_order(stage: Stage) -> None:
    _two(stage)
    word = stage.say("link").split("word=")[1].split()[0]
    assert stage.say(word) == "link.same"
    wrong = word[:-1] + ("2" if word[-1] != "2" else "3")
    assert "link." not in stage.say(wrong, channel="second")
    stage.wait(minutes=15)
    assert stage.say(word, channel="second") == "link.expired"
    word = stage.say("link").split("word=")[1].split()[0]
    stage.wait(minutes=15, microseconds=-1)
    assert stage.say(word, channel="second") == "link.linked balance=20"
    assert stage.say(word, channel="second") == "link.expired"
    assert link_up(stage, HERE, THERE) == "link.known"
    assert faults(stage) == []


def test_link_words_cannot_be_guessed(stage: Stage) -> None:
    _two(stage)
    right = stage.say("link").split("word=")[1].split()[0]
    chance = SeededRandomness("guesses")
    wrong = [new_word(Kind.LINK, chance) for _ in range(5)]
    assert [stage.say(word, channel="second") for word in wrong] == ["link.unknown"] * 5
    assert stage.say(right, channel="second") == "redeem.locked"
    stage.wait(hours=12)
    right = stage.say("link").split("word=")[1].split()[0]
    assert stage.say(right, channel="second").startswith("link.linked")


def test_one_person_has_one_name_and_it_opens_on_its_own_row_only(stage: Stage) -> None:
    _two(stage)
    names = {("u1", "test"): "Anna Lee", ("u1", "second"): "Bo Chen"}
    for (by, channel), name in names.items():
        stage.say(f"my name is {name}", by=by, channel=channel)
    first, second = sorted(all_of(stage, Player), key=lambda player: player.id)
    assert {name_of(stage.keys, each.id, each.name_sealed) for each in (first, second)} == {"Anna Lee", "Bo Chen"}
    with pytest.raises(KeysUnusable, match="sealed for another row"):
        name_of(stage.keys, first.id, second.name_sealed)
    link_up(stage, HERE, THERE)
    sealed = [each.name_sealed for each in all_of(stage, Player)]
    assert len([each for each in sealed if each is not None]) == 1


def test_linking_gives_no_second_cap_of_friends(stage: Stage) -> None:
    """One friend each, and two a day: the third one is beyond the cap of the one player."""
    _two(stage, SNACK.replace("per_player_per_day: 10}", "per_player_per_day: 2}"))
    for number, channel in enumerate(("test", "second")):
        stage.say(word_of(stage, channel=channel), by=f"f{number}", channel=channel)
        assert "invite.friend_rewarded" in play(stage, f"f{number}", channel=channel)
    assert link_up(stage, HERE, THERE) == "link.linked balance=60"
    stage.say(word_of(stage), by="f3")
    assert "invite.friend_rewarded" in play(stage, "f3")
    assert "balance=60" in stage.say("points")
    assert faults(stage) == []


def test_a_friend_stays_a_friend(stage: Stage) -> None:
    stage.publish(SNACK)
    play(stage)
    stage.say(word_of(stage), channel="second")
    assert keys_of(link_up(stage, HERE, THERE)) == ["link.invited"]
    assert keys_of(link_up(stage, THERE, HERE)) == ["link.invited"]
    assert faults(stage) == []


def test_three_channels_are_one_player_whatever_the_order(stage: Stage) -> None:
    stage.publish(SNACK)
    for by in ("a", "b", "c"):
        stage.wait(minutes=1)
        play(stage, by)
    assert link_up(stage, ("c", "test"), ("b", "test")) == "link.linked balance=20"
    assert link_up(stage, ("a", "test"), ("c", "test")) == "link.linked balance=30"
    assert all("balance=30" in stage.say("points", by=by) for by in ("a", "b", "c"))
    with stage.sessions() as session:
        assert session.scalars(select(Player.points).where(Player.merged_into.is_not(None))).all() == [0, 0]
    assert faults(stage) == []


def test_a_linked_person_joins_the_next_campaign_from_either_address_as_one(stage: Stage) -> None:
    _two(stage)
    link_up(stage, HERE, THERE)
    stage.publish(SNACK.replace("name: snack", "name: tea"))
    play(stage, channel="second", campaign="tea")
    assert play(stage, campaign="tea") == "redeem.points balance=20 points=10"
    with stage.sessions() as session:
        assert len(session.scalars(select(Player).where(Player.campaign_id == 2)).all()) == 1
    assert faults(stage) == []


def test_one_who_has_not_joined_becomes_the_player_of_the_other(stage: Stage) -> None:
    stage.publish(SNACK)
    play(stage)
    assert link_up(stage, THERE, HERE) == "link.linked balance=10"
    assert "balance=10" in stage.say("points", channel="second")
    assert faults(stage) == []


@pytest.mark.parametrize("asked", [HERE, THERE], ids=["older", "younger"])
def test_linking_while_a_delivery_waits_loses_nothing(stage: Stage, asked: tuple[str, str]) -> None:
    stage.publish(SURE)
    for user, channel in (HERE, THERE):
        stage.wait(minutes=1)
        play(stage, user, channel=channel)
    stage.say("cancel", by=HERE[0], channel=HERE[1])
    stage.say("cancel", by=THERE[0], channel=THERE[1])
    stage.say("prizes", by=asked[0], channel=asked[1])
    stage.say("Anna Lee", by=asked[0], channel=asked[1])
    assert keys_of(link_up(stage, HERE, THERE))[0] == "link.linked"
    assert stage.say("prizes").count("prizes.line") == 2
    for text in ("1", "Anna Lee", "13800138000", "12 King Street"):
        told = stage.say(text)
    if keys_of(told) != ["delivery.confirm"]:  # the name was known already
        assert keys_of(told)[-1] == "delivery.confirm"
    assert keys_of(stage.say("yes"))[0] == "claim.ready"
    assert sorted(states(stage)) == ["open", "ready"]
    assert faults(stage) == []


def test_questions_stay_with_their_addresses_when_two_players_become_one(stage: Stage) -> None:
    stage.publish(SURE)
    for user, channel in (HERE, THERE):
        stage.wait(minutes=1)
        assert keys_of(play(stage, user, channel=channel))[-1] == "delivery.name"
    assert keys_of(link_up(stage, HERE, THERE)) == ["link.linked", "delivery.name"]
    for (user, channel), name in ((HERE, "Anna Lee"), (THERE, "Bob Lee")):
        told = [keys_of(stage.say(text, by=user, channel=channel)) for text in (name, "13800138000", "12 King Street")]
        assert told == [["delivery.phone"], ["delivery.address"], ["delivery.confirm"]]
    assert keys_of(stage.say("yes", by=HERE[0], channel=HERE[1])) == ["claim.ready", "delivery.confirm"]
    assert keys_of(stage.say("yes", by=THERE[0], channel=THERE[1])) == ["claim.ready"]
    assert keys_of(stage.say("yes", by=HERE[0], channel=HERE[1])) == ["claim.ready"], "no second time"
    names = {details_of(stage.keys, claim).name for claim in claims(stage)}
    assert (names, states(stage)) == ({"Anna Lee", "Bob Lee"}, ["ready", "ready"])
    assert {claim.revision for claim in claims(stage)} == {1}
    assert faults(stage) == []


def test_what_one_address_changes_another_one_confirms_only_as_it_is_now(stage: Stage) -> None:
    stage.publish(SURE)
    play(stage)
    link_up(stage, THERE, HERE)
    for text in ("Anna Lee", "13800138000", "12 King Street"):
        told = stage.say(text)
    assert keys_of(told) == ["delivery.confirm"]
    for text in ("prizes", "name", "Bob Lee"):
        told = stage.say(text, channel="second")
    assert keys_of(told) == ["delivery.confirm"]
    assert keys_of(stage.say("yes")) == ["delivery.confirm"], "shown anew: it is not what was shown here"
    assert states(stage) == ["open"]
    assert keys_of(stage.say("yes", channel="second")) == ["claim.ready"]
    assert keys_of(stage.say("yes")) == ["claim.ready"]
    (claim,) = claims(stage)
    assert (claim.state, claim.revision, details_of(stage.keys, claim).name) == ("ready", 1, "Bob Lee")
    assert faults(stage) == []


def test_the_limits_of_both_count_for_the_one_player(stage: Stage) -> None:
    text = SNACK.replace("per_player_per_day: 10, wrong", "per_player_per_day: 2, wrong")
    _two(stage, text)
    link_up(stage, HERE, THERE)
    assert play(stage) == "redeem.limit limit=2"
    assert play(stage, channel="second") == "redeem.limit limit=2"
    assert faults(stage) == []


def test_a_gift_per_player_is_one_also_when_link_and_choice_come_in_one_turn(stage: Stage) -> None:
    _two(stage)
    stage.give(40)
    assert keys_of(buy(stage, "mug"))[0] == "gifts.bought"
    stage.say("cancel")
    word = stage.say("link").split("word=")[1].split()[0]
    texts = [word, "gifts", "mug", "yes"]
    answers = stage.take(*(stage.delivery(text, channel="second") for text in texts))
    assert keys_of("\n".join(answers[0].texts)) == ["link.linked"]
    assert keys_of("\n".join(answers[2].texts)) == ["gifts.limit"]
    assert faults(stage) == []


def test_what_has_expired_is_not_revived_by_a_link(stage: Stage) -> None:
    text = SNACK + "points: {expire: 1 days}\n"
    stage.publish(text)
    play(stage, channel="second")
    stage.wait(days=1)
    play(stage)
    stage.wait(hours=11, minutes=50)
    word = stage.say("link", channel="second").split("word=")[1].split()[0]
    stage.wait(minutes=10)  # midnight in Shanghai: the older points expire now
    assert stage.say(word) == "link.linked balance=10"
    stage.wait(days=3)
    assert "balance=0" in stage.say("points")
    assert faults(stage) == []


def test_both_have_friends_and_words_and_both_words_go_on_working(stage: Stage) -> None:
    _two(stage)
    words = [word_of(stage), word_of(stage, channel="second")]
    stage.say(words[0], by="f0")
    stage.say(words[1], by="f1")
    link_up(stage, THERE, HERE)
    assert word_of(stage, channel="second") == words[0]
    stage.say(words[1], by="f2")
    stage.wait(minutes=5)
    for friend in ("f0", "f1", "f2"):
        stage.wait(minutes=1)
        assert "invite.friend_rewarded" in play(stage, friend)
    assert stage.say("my invites").startswith("invite.friends held= joined=3 points=60 rewarded=3")
    assert stage.say(words[1]) == "invite.yourself"
    assert "balance=80" in stage.say("points")
    assert faults(stage) == []


def test_an_invited_player_who_was_here_before_brings_nobody_a_reward(stage: Stage) -> None:
    stage.publish(SNACK)
    play(stage, "host")
    play(stage)
    stage.wait(minutes=1)
    stage.say(word_of(stage, "host"), channel="second")
    assert keys_of(link_up(stage, HERE, THERE)) == ["link.linked"]
    assert play(stage, channel="second") == "redeem.points balance=20 points=10"
    assert [invite.state for invite in invites(stage)] == ["closed"]
    assert faults(stage) == []


def test_the_runner_up_of_a_second_draw_has_the_wins_of_all_addresses(stage: Stage) -> None:
    """u1 has won on one channel and lost on the other: the one player has all the prizes that one may have."""
    text = SURE.replace("unclaimed: stock", "unclaimed: second draw").replace(
        "  otherwise", "  wins_per_player: 1\n  otherwise"
    )
    stage.publish(text.replace("stock: 10,", "stock: 2,"))
    play(stage)
    stage.wait(minutes=1)
    play(stage, "lucky")
    stage.wait(minutes=1)
    assert keys_of(play(stage, channel="second")) == ["redeem.points"]  # out of stock
    assert keys_of(link_up(stage, THERE, HERE))[0] == "link.linked"
    for answer in ("Anna Lee", "13800138000", "12 King Street", "yes"):
        stage.say(answer)
    stage.say("prizes")
    for answer in ("Anna Lee", "13800138000", "12 King Street", "yes"):
        stage.say(answer)
    stage.wait(days=10)
    assert stage.tick()
    assert sorted(states(stage)) == ["lapsed", "ready"]
    assert faults(stage) == []


def test_claims_of_both_lapse_to_the_one_player(stage: Stage) -> None:
    _two(stage)
    for channel in ("test", "second"):
        stage.give(20, channel=channel)
        for text in ("gifts", "mug", "yes", "cancel"):
            stage.say(text, channel=channel)
    link_up(stage, HERE, THERE)
    stage.wait(days=8)
    assert stage.tick() == 2
    stage.wait(days=2)
    assert stage.tick() == 2
    assert states(stage) == ["lapsed", "lapsed"]
    assert "balance=60" in stage.say("points")
    with stage.sessions() as session:
        assert len(set(session.scalars(select(Claim.player_id)))) == 2
    assert faults(stage) == []


def test_a_linked_phone_has_joined_with_whoever_joins_first(stage: Stage) -> None:
    stage.publish(SNACK)
    word = stage.say("link", by="di").rpartition("word=")[2]
    assert stage.say(word, by="+8613800138002", channel="second").startswith("link.linked")
    stage.say(stage.codes(1)[0], by="di")
    stage.say(stage.codes(1)[0], by="cy")
    assert stage.say("+8613800138002", by="cy").startswith("recommend.already")
    assert faults(stage) == []
