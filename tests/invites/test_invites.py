"""Invites in words: the word, the friend's number, the reward for both after the first code, once, for ever."""

import pytest

from core.engine.turn import take_turn
from core.models import Player
from tests.snack import SNACK, SURE
from tests.stage import CAMPAIGN, Stage
from tests.talking import all_of, faults, link_up, play, word_of

FRIEND = "+8613800138001"


@pytest.fixture
def inviter(stage: Stage) -> Stage:
    """u1 has joined with 10 points."""
    stage.publish(SNACK)
    assert stage.say(stage.codes(1)[0]) == "redeem.points balance=10 points=10"
    return stage


def test_a_friend_joins_by_word_and_both_are_rewarded_after_the_first_code(inviter: Stage) -> None:
    word = word_of(inviter)
    assert inviter.say(word, by="u2").startswith("invite.joined points=5")
    assert inviter.say("my invites").startswith("invite.friends held= joined=1 points=0 rewarded=0")
    inviter.wait(minutes=3)
    code = inviter.codes(1)[0]
    told = inviter.say(code, by="u2").split("\n")
    assert told == ["redeem.points balance=10 points=10", "invite.friend_rewarded balance=15 points=5"]
    assert inviter.told()[-1] == "invite.rewarded balance=30 points=20 title=Open a bag"
    assert inviter.say("my invites").startswith("invite.friends held= joined=1 points=20 rewarded=1")
    assert faults(inviter) == []


def test_a_recommended_phone_gets_nothing_from_us_until_it_writes(inviter: Stage) -> None:
    assert inviter.say("138 0013 8001") == "recommend.waits inviter=20 phone=138****8001"
    assert inviter.told(FRIEND) == []
    assert inviter.say("13800138001") == "recommend.again phone=138****8001"
    assert inviter.say(inviter.codes(1)[0], by=FRIEND).endswith("invite.friend_rewarded balance=15 points=5")
    assert inviter.say("13800138001") == "recommend.already phone=138****8001"
    assert faults(inviter) == []


def test_what_a_linked_address_recommended_is_not_recommended_again(inviter: Stage) -> None:
    inviter.wait(minutes=1)  # so that u1 is the older player, whom the other one becomes
    assert inviter.say("13800138001", by="u2").startswith("recommend.waits")
    link_up(inviter, ("u2", "test"), ("u1", "test"))
    for by in ("u1", "u2"):
        assert inviter.say("13800138001", by=by) == "recommend.again phone=138****8001"
    assert faults(inviter) == []


def test_two_channels_become_one_player(inviter: Stage) -> None:
    inviter.say(inviter.codes(1)[0], by="other", channel="second")
    assert inviter.say("prizes") == "prizes.none"
    assert inviter.say("cancel") == "cancel.nothing"
    word = inviter.say("link").split("word=")[1].split()[0]
    assert inviter.say(word, by="other", channel="second") == "link.linked balance=20"
    assert "balance=20" in inviter.say("points")
    assert faults(inviter) == []


def test_a_recommended_friend_may_begin_with_any_word_that_joins(inviter: Stage) -> None:
    inviter.say("13800138001")
    assert inviter.say("invite", by=FRIEND).startswith("invite.word")
    assert play(inviter, FRIEND).endswith("invite.friend_rewarded balance=15 points=5")
    assert faults(inviter) == []


def test_the_first_of_two_who_recommend_a_friend_is_the_inviter(inviter: Stage) -> None:
    play(inviter, "u2")
    assert inviter.say("+86 138 0013 8001", by="u2").startswith("recommend.waits")
    inviter.wait(seconds=1)
    assert inviter.say("推荐 13800138001").startswith("recommend.waits")
    assert play(inviter, FRIEND).endswith("invite.friend_rewarded balance=15 points=5")
    assert ("balance=30" in inviter.say("points", by="u2"), "balance=10" in inviter.say("points")) == (True, True)
    assert "waiting=" in inviter.say("my invites") or inviter.say("my invites") == "invite.nobody"
    assert faults(inviter) == []


def test_a_word_beats_a_recommendation(inviter: Stage) -> None:
    play(inviter, "u2")
    inviter.say("13800138001", by="u2")
    assert inviter.say(word_of(inviter), by=FRIEND).startswith("invite.joined")
    play(inviter, FRIEND)
    assert "balance=30" in inviter.say("points")
    assert "balance=10" in inviter.say("points", by="u2")
    assert faults(inviter) == []


def test_the_refusals_of_a_word_in_their_order(inviter: Stage) -> None:
    word = word_of(inviter)
    wrong = word[:-1] + ("7" if word[-1] != "7" else "8")
    assert inviter.say(wrong) == "unknown.answer"
    assert inviter.say(word) == "invite.yourself"
    assert inviter.say(word, by="u2").startswith("invite.joined")
    assert inviter.say(word, by="u2") == "invite.again"
    play(inviter, "u3")
    assert inviter.say(word, by="u3") == "invite.already"
    assert inviter.say(word_of(inviter, "u2")) == "invite.already"
    assert inviter.say(word_of(inviter, "u2"), by="u4").startswith("invite.joined")
    assert inviter.say(word, by="u4") == "invite.already"  # of somebody above: heard in a group, and honest
    assert inviter.say(word_of(inviter, "u4")) == "invite.ring"  # of somebody further down: the circle closes
    inviter.wait(days=91)
    assert "campaign.over" in inviter.say(word, by="u9")
    assert faults(inviter) == []


def test_the_refusals_of_a_number_in_their_order(inviter: Stage) -> None:
    own = "+8613900139000"
    play(inviter, own)
    assert inviter.say("13900139000", by=own).startswith("recommend.yourself")
    inviter.say(word_of(inviter, own), by=FRIEND)
    assert inviter.say("13900139000", by=FRIEND) == "recommend.ring phone=139****9000"
    assert inviter.say("13800138001", by=own) == "recommend.already phone=138****8001"
    assert inviter.say("12345678").split(" ")[0] in {"recommend.no_number", "redeem.typo"}
    inviter.wait(days=91)
    assert inviter.say("13700137000") == "recommend.closed"
    assert faults(inviter) == []


@pytest.mark.parametrize("typed", ["13900139000", "+86 139-0013-9000", "推荐 １３９００１３９０００"])
def test_whoever_recommends_the_own_phone_before_joining_has_not_joined(inviter: Stage, typed: str) -> None:
    """Nothing happened: neither a player, nor a phone that counts as joined."""
    own = "+8613900139000"
    assert inviter.say(typed, by=own).startswith("recommend.yourself")
    assert len(all_of(inviter, Player)) == 1
    assert inviter.say("13900139000").startswith("recommend.waits")
    assert faults(inviter) == []


@pytest.mark.parametrize("joined_first", ["phone", "nick"])
def test_a_linked_phone_is_ones_own(inviter: Stage, joined_first: str) -> None:
    """Typed on the other channel, where the sender's address is no phone."""
    both = [("+8613900139000", "test"), ("nick", "second")]
    for by, channel in both if joined_first == "phone" else reversed(both):
        play(inviter, by, channel=channel)
        inviter.wait(seconds=1)
    assert link_up(inviter, both[1], both[0]).startswith("link.linked")
    assert inviter.say("13900139000", by="nick", channel="second").startswith("recommend.yourself")
    assert inviter.say("13900139000", by=both[0][0]).startswith("recommend.yourself")
    assert faults(inviter) == []


def test_beyond_the_cap_the_friend_is_welcome_and_the_day_after_counts_again(stage: Stage) -> None:
    stage.publish(SNACK.replace("per_player_per_day: 10}", "per_player_per_day: 1}"))
    play(stage)
    word = word_of(stage)
    for friend in ("f1", "f2", "f3"):
        stage.say(word, by=friend)
    stage.wait(minutes=3)
    assert play(stage, "f1").endswith("invite.friend_rewarded balance=15 points=5")
    assert play(stage, "f2").endswith("invite.friend_rewarded balance=15 points=5")
    assert "balance=30" in stage.say("points")
    stage.wait(hours=12)
    assert play(stage, "f3").endswith("invite.friend_rewarded balance=15 points=5")
    assert "balance=50" in stage.say("points")
    assert faults(stage) == []


def test_word_and_code_of_a_new_friend_in_one_turn(inviter: Stage) -> None:
    word, code = word_of(inviter), inviter.codes(1)[0]
    answers = inviter.take(*(inviter.delivery(text, by="new", id=f"m{n}") for n, text in enumerate([word, code])))
    assert "invite.friend_rewarded" in answers[1].texts[-1]
    assert inviter.say(word, by="new", id="m0") == "\n".join(answers[0].texts)
    assert "balance=30" in inviter.say("points")
    assert faults(inviter) == []


def test_two_codes_of_a_friend_in_one_turn_are_one_reward(inviter: Stage) -> None:
    inviter.say(word_of(inviter), by="new")
    both = [inviter.delivery(code, by="new") for code in inviter.codes(2)]
    first, second = take_turn(inviter.runtime, both)
    assert [any("friend_rewarded" in text for text in each.texts) for each in (first, second)] == [True, False]
    assert "balance=30" in inviter.say("points")
    assert faults(inviter) == []


def test_a_word_is_worth_nothing_where_the_platform_forbids_it(stage: Stage) -> None:
    stage.publish(SNACK.replace("[test, second]", "[test, wechat]"))
    play(stage)
    assert stage.say(word_of(stage), by="u2", channel="wechat") == "invite.off"
    assert stage.say(word_of(stage), by="u2").startswith("invite.joined")


def test_a_friend_who_comes_on_another_channel_comes_by_word_only(inviter: Stage) -> None:
    inviter.say("13800138001")
    assert play(inviter, "nick", channel="second") == "redeem.points balance=10 points=10"
    assert inviter.say(word_of(inviter), by="other", channel="second").startswith("invite.joined")
    assert "invite.friend_rewarded" in play(inviter, "other", channel="second")
    assert faults(inviter) == []


def test_a_phone_on_two_channels_plays_where_nobody_is_invited(stage: Stage) -> None:
    stage.publish(CAMPAIGN)
    first, second = stage.codes(2)
    assert stage.say(first, by=FRIEND) == "redeem.points balance=10 points=10"
    assert stage.say(second, by=FRIEND, channel="second") == "redeem.points balance=10 points=10"
    assert faults(stage) == []


def test_nobody_recommends_a_whole_phone_book(inviter: Stage) -> None:
    numbers = [f"138001381{number:02}" for number in range(21)]
    answers = [inviter.say(number).split()[0] for number in numbers]
    assert answers == ["recommend.waits"] * 20 + ["recommend.enough"]
    inviter.wait(days=1, seconds=1)
    assert inviter.say(numbers[-1]).startswith("recommend.waits")
    assert faults(inviter) == []


def test_a_word_is_found_in_a_sentence_and_a_look_alike_is_no_word(inviter: Stage) -> None:
    word = word_of(inviter)
    assert inviter.say(f"我要参加 {word} 谢谢！", by="u2").startswith("invite.joined")
    wrong = word[:-1] + ("7" if word[-1] != "7" else "8")
    assert inviter.say(f"let me in: {wrong}", by="u3").startswith("welcome.answer")


def test_a_number_typed_where_the_courier_s_is_shown_is_the_courier_s(stage: Stage) -> None:
    stage.publish(SURE)
    stage.say(stage.codes(1)[0])
    for text in ("Anna Lee", "my number is 139 1234 5678, thanks", "1 Nanjing Road"):
        shown = stage.say(text)
    assert "phone=+8613912345678" in shown
    assert "phone=+8613900139000" in stage.say("13900139000")
    assert stage.say("1") == "claim.ready item=A phone"


def test_a_linked_channel_sees_where_a_parcel_goes_only_masked(stage: Stage) -> None:
    stage.publish(SURE)
    stage.say(stage.codes(1)[0])
    for text in ("Anna Lee", "13912345678", "1 Nanjing Road", "1"):
        stage.say(text)
    word = stage.say("link").split("word=")[1].split()[0]
    stage.say(word, by="other", channel="second")
    shown = stage.say("prizes", by="other", channel="second")
    assert "address=1 *** item=A phone name=An*** phone=139****5678" in shown
    assert "name=Anna Lee" in stage.say("prizes")
    assert faults(stage) == []
