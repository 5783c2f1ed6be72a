"""Races for people: one inviter each, the day's cap of rewards, and addresses that become one person."""

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from core.models import Address, Join, Player
from handlers.claims.tables import Claim
from handlers.codes.tables import Redemption
from handlers.invites.tables import Invite, JoinedPhone
from tests.races.crowd import PATIENCE_S, PROCESSES, Crowd, Part, Says, count, dealt, faults, play, texts
from tests.races.shop import asked, deadlocks, rich, url_of, wait_until, word_of
from tests.snack import SNACK
from tests.stage import CAMPAIGN, Stage

PAIRS = [(f"a{number:02}", f"b{number:02}") for number in range(10)]


def _player(stage: Stage, by: str) -> Player:
    with stage.sessions() as session:
        statement = select(Player).join(Join, Join.player_id == Player.id).where(Join.address_key == stage.key(by))
        return session.scalars(statement).one()


def test_the_cap_of_a_day_holds_when_friends_qualify_at_once(arena: Stage, crowd: Crowd) -> None:
    arena.publish(SNACK.replace("per_player_per_day: 10}", "per_player_per_day: 5}"))
    inviters = ["i1", "i2"]
    rich(arena, inviters, 1)
    words = [word_of(arena, by) for by in inviters]
    friends = [f"f{number:02}" for number in range(16)]
    for number, friend in enumerate(friends):
        assert arena.say(words[number % 2], by=friend).startswith("invite.joined")
        arena.wait(minutes=2 + number)  # at the pace of people
    messages = [Says(friend, code, "code") for friend, code in zip(friends, arena.codes(16), strict=True)]
    said = crowd.play(url_of(arena), dealt(messages, PROCESSES, 2, "friends"))
    assert all(told.endswith("invite.friend_rewarded balance=15 points=5") for told in texts(said))
    for by in inviters:
        inviter = _player(arena, by)
        paid = count(arena, Invite, Invite.inviter_id == inviter.id, Invite.inviter_points == 20)
        assert (paid, inviter.points, inviter.rewarded_today) == (5, 10 + 5 * 20, 5)
        assert len([line for line in arena.told(by) if line.startswith("invite.rewarded")]) == 5
    assert deadlocks(arena) == 0
    assert faults(arena) == []


def test_a_friend_who_joins_by_many_words_at_once_has_one_inviter(arena: Stage, crowd: Crowd) -> None:
    arena.publish(SNACK)
    inviters = [f"i{number}" for number in range(PROCESSES)]
    rich(arena, inviters, 1)
    words = [word_of(arena, by) for by in inviters]
    friends = [f"f{number:02}" for number in range(15)]
    turns = [[[Says(friend, word, f"by-{by}")] for friend in friends] for by, word in zip(inviters, words, strict=True)]
    said = crowd.play(url_of(arena), turns)
    for friend in friends:
        told = sorted(answer.texts[0].split(" ")[0] for says, answer in said if says.by == friend)
        assert told == ["invite.already"] * (PROCESSES - 1) + ["invite.joined"]
    assert count(arena, Invite) == 15
    assert faults(arena) == []


def test_a_friend_whose_code_overtakes_the_word_is_rewarded_or_was_not_invited(arena: Stage, crowd: Crowd) -> None:
    arena.publish(SNACK)
    rich(arena, ["i1"], 1)
    word = word_of(arena, "i1")
    friends = [f"f{number:02}" for number in range(60)]
    codes = arena.codes(60)
    words = [[Says(friend, word, "word")] for friend in friends]
    redeem = [[Says(friend, code, "code")] for friend, code in zip(friends, codes, strict=True)]
    said = crowd.play(url_of(arena), [words, redeem])
    joined = {says.by for says, answer in said if answer.texts[0].startswith("invite.joined")}
    assert count(arena, Redemption) == 61
    assert count(arena, Invite) == len(joined)
    assert count(arena, Invite, Invite.state == "joined") == 0
    assert faults(arena) == []


def _in_line(arena: Stage, *messages: Says, lock: str | None = None) -> list[str]:
    """Let every message wait for the lock of one address, its sender's or ``lock``, and get it one after another."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with ThreadPoolExecutor(len(messages)) as pool:
        with arena.sessions.begin() as another:
            another.scalars(
                select(Address).where(Address.key == arena.key(lock or messages[0].by)).with_for_update()
            ).one()
            turns = []
            for number, says in enumerate(messages, start=1):
                turns.append(pool.submit(play, arena.runtime, [[says]]))
                wait_until(arena, f"SELECT ({waiting}) = {number}")
        return [told for turn in turns for told in texts(turn.result(PATIENCE_S))]


def test_a_code_that_waits_for_the_word_before_it_counts_for_the_inviter(arena: Stage) -> None:
    arena.publish(SNACK)
    rich(arena, ["i1"], 1)
    word, (code,) = word_of(arena, "i1"), arena.codes(1)
    arena.say("hello", by="f1")
    joined, redeemed = _in_line(arena, Says("f1", word, "word"), Says("f1", code, "code"))
    assert joined.startswith("invite.joined")
    assert redeemed.endswith("invite.friend_rewarded balance=15 points=5")
    assert faults(arena) == []


def test_a_phone_that_two_recommend_while_its_owner_joins_has_one_inviter(arena: Stage, crowd: Crowd) -> None:
    arena.publish(SNACK.replace("[test, second]", "[test, second, sms]"))
    rich(arena, ["i1", "i2"], 1)
    phones = [f"+86138001380{number:02}" for number in range(20)]
    turns = [[[Says(by, phone, phone)] for phone in phones] for by in ("i1", "i2")]
    joining = [[Says(phone, code, "code")] for phone, code in zip(phones, arena.codes(20), strict=True)]
    said = crowd.play(url_of(arena), [*turns, joining, joining])
    told = {answer.texts[0].split(" ")[0] for says, answer in said if says.by in {"i1", "i2"}}
    assert told <= {"recommend.waits", "recommend.already"}
    assert count(arena, JoinedPhone) == 20
    with arena.sessions() as session:
        invites = session.scalars(select(Invite)).all()
        inviters = {_player(arena, by).id for by in ("i1", "i2")}
    assert {invite.inviter_id for invite in invites} <= inviters
    assert count(arena, Invite, Invite.state == "joined") == 0
    assert faults(arena) == []


def test_linking_from_both_sides_at_once_links_once(arena: Stage, crowd: Crowd) -> None:
    arena.publish(SNACK)
    rich(arena, [by for pair in PAIRS for by in pair], 1)
    words = {by: word_of(arena, by, "link") for pair in PAIRS for by in pair}
    turns = [[[Says(pair[side], words[pair[1 - side]], "link")] for pair in PAIRS] for side in (0, 1)]
    said = crowd.play(url_of(arena), turns)
    assert sorted(texts(said)) == ["link.known"] * 10 + ["link.linked balance=20"] * 10
    assert count(arena, Player, Player.merged_into.is_(None), Player.points == 20) == 10
    assert deadlocks(arena) == 0
    assert faults(arena) == []


def test_two_addresses_of_a_person_that_say_yes_at_once_buy_once(arena: Stage, crowd: Crowd) -> None:
    arena.publish(SNACK.replace("stock: 3, claim: voucher", "stock: 900, claim: counter"))
    everybody = [by for pair in PAIRS for by in pair]
    rich(arena, everybody)
    for here, there in PAIRS:
        assert arena.say(word_of(arena, here, "link"), by=there) == "link.linked balance=40"
    asked(arena, everybody, 2)
    turns = [[[Says(pair[side], "yes", "yes")] for pair in PAIRS] for side in (0, 1)]
    said = sorted(told.split(" ")[0] for told in texts(crowd.play(url_of(arena), turns)))
    assert said == ["gifts.bought"] * 10 + ["question.closed"] * 10
    assert count(arena, Claim) == count(arena, Player, Player.merged_into.is_(None), Player.points == 30) == 10
    assert deadlocks(arena) == 0
    assert faults(arena) == []


def test_one_link_word_links_one_address(arena: Stage, crowd: Crowd) -> None:
    arena.publish(SNACK)
    owners = [f"o{number}" for number in range(10)]
    rich(arena, [*owners, *(f"{by}-{n}" for by in owners for n in range(PROCESSES))], 1)
    words = {by: word_of(arena, by, "link") for by in owners}
    turns = [[[Says(f"{by}-{n}", words[by], "link")] for by in owners] for n in range(PROCESSES)]
    said = sorted(told.split(" ")[0] for told in texts(crowd.play(url_of(arena), turns)))
    assert said == ["link.expired"] * 30 + ["link.linked"] * 10
    assert deadlocks(arena) == 0
    assert faults(arena) == []


def test_chains_of_links_at_once_make_one_person(arena: Stage, crowd: Crowd) -> None:
    arena.publish(SNACK)
    chains = [[f"{letter}{number:02}" for letter in "dbca"] for number in range(15)]
    rich(arena, [by for chain in chains for by in chain], 1)
    turns: list[list[list[Says]]] = [[], [], []]
    for chain in chains:
        words = {by: word_of(arena, by, "link") for by in chain}
        for side, (one, two) in enumerate(itertools.pairwise(chain)):
            turns[side].append([Says(one, words[two], f"link-{side}")])
    said = crowd.play(url_of(arena), turns)
    assert {told.split(" ")[0] for told in texts(said)} == {"link.linked"}
    assert count(arena, Player, Player.merged_into.is_(None), Player.points == 40) == 15
    assert count(arena, Address, Address.person.is_not(None)) == 60
    for chain in chains:
        assert len({_player(arena, by).id for by in chain}) == 1
    assert deadlocks(arena) == 0
    assert faults(arena) == []


def test_linking_while_both_redeem_and_buy_loses_nothing(arena: Stage, crowd: Crowd) -> None:
    arena.publish(SNACK.replace("stock: 5, claim: counter", "stock: 50, claim: counter"))
    both = [by for pair in PAIRS for by in pair]
    rich(arena, both, 2)
    words = {pair: word_of(arena, pair[0], "link") for pair in PAIRS}
    asked(arena, both, 3)
    codes = iter(arena.codes(20))
    linking = [[Says(pair[1], words[pair], "link")] for pair in PAIRS]
    buying = [[[Says(pair[side], "yes", "yes")] for pair in PAIRS] for side in (0, 1)]
    redeeming = [[Says(pair[0], next(codes), "c"), Says(pair[1], next(codes), "c")] for pair in PAIRS]
    linked, *_, redeemed = crowd.race(url_of(arena), [Part(play, (each,)) for each in (linking, *buying, redeeming)])
    assert {told.split(" ")[0] for told in texts(linked)} == {"link.linked"}
    assert {told.split(" ")[0] for told in texts(redeemed)} == {"redeem.points"}
    bought = count(arena, Claim)
    assert 10 <= bought <= 20  # the younger one's question is dropped by the link
    with arena.sessions() as session:
        held = session.scalars(select(Player.points)).all()
    assert sum(held) == 10 * 60 - 10 * bought
    assert deadlocks(arena) == 0
    assert faults(arena) == []


@pytest.mark.parametrize("way", [1, -1], ids=["same order", "crosswise"])
def test_both_addresses_of_a_person_may_join_another_campaign_at_once(arena: Stage, crowd: Crowd, way: int) -> None:
    arena.publish(CAMPAIGN)
    rich(arena, [by for pair in PAIRS for by in pair], 1)
    for one, two in PAIRS:
        assert arena.say(word_of(arena, one, "link"), by=two).startswith("link.linked")
    arena.publish(CAMPAIGN.replace("name: snack", "name: tea"))
    codes = iter(arena.codes(20, "tea"))
    turns = [[[Says(pair[side], next(codes), "tea")] for pair in PAIRS[:: way if side else 1]] for side in (0, 1)]
    said = crowd.play(url_of(arena), turns)
    assert sorted(texts(said)) == [f"redeem.points balance={points} points=10" for points in (10, 20) for _ in PAIRS]
    assert deadlocks(arena) == 0
    assert faults(arena) == []


def _out(arena: Stage, *people: str) -> list[str]:
    """Who of ``people`` has opted out."""
    with arena.sessions() as session:
        return [by for by in people if session.get_one(Address, arena.key(by)).opted_out_at is not None]


def test_a_stop_reaches_whom_its_sender_is_linked_to_at_this_moment(arena: Stage) -> None:
    arena.publish(SNACK)
    rich(arena, ["a1", "b1"], 1)
    word = word_of(arena, "a1", "link")
    arena.wait(seconds=1)
    linked, stopped = _in_line(arena, Says("b1", word, "link"), Says("a1", "stop", "stop"), lock="a1")
    assert linked.startswith("link.linked")
    assert stopped.startswith("stop.done")
    assert _out(arena, "a1", "b1") == ["a1", "b1"]
    assert faults(arena) == []


def test_a_link_finds_the_stop_that_it_waited_for(arena: Stage) -> None:
    arena.publish(SNACK)
    rich(arena, ["a1", "b1"], 1)
    word = word_of(arena, "a1", "link")
    arena.wait(seconds=1)
    _in_line(arena, Says("a1", "stop", "stop"), Says("b1", word, "zz-link"), lock="a1")
    assert _out(arena, "a1", "b1") == ["a1", "b1"]
    assert faults(arena) == []


def test_whoever_stops_while_being_linked_has_stopped_everywhere(arena: Stage, crowd: Crowd) -> None:
    arena.publish(SNACK)
    rich(arena, [by for pair in PAIRS for by in pair], 1)
    words = [word_of(arena, by, "link") for by, _ in PAIRS]
    arena.wait(seconds=1)
    links = [[Says(by, word, "link")] for (_, by), word in zip(PAIRS, words, strict=True)]
    stops = [[Says(by, "stop", "stop")] for by, _ in PAIRS]
    texts(crowd.play(url_of(arena), [links, stops, list(reversed(stops))]))
    everybody = [by for pair in PAIRS for by in pair]
    assert _out(arena, *everybody) == everybody
    assert deadlocks(arena) == 0
    assert faults(arena) == []
