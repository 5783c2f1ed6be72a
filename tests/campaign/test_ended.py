"""Campaigns that have ended: no turn reads or goes through them, and whoever has to do with one is still told so."""

from collections.abc import Iterator

import pytest
from sqlalchemy import event

from core.campaign.live import CampaignShelf
from core.campaign.publication import change_state, reveal
from handlers import MECHANICS
from handlers.points.verbs import expire_due
from tests.snack import SNACK, SURE
from tests.stage import CAMPAIGN, Stage
from tests.talking import faults, keys_of, link_up, play, states, word_of

pytestmark = pytest.mark.reading


OTHER = CAMPAIGN.replace("name: snack", "name: other").replace("Open a bag", "The other one")
SECOND = SURE.replace("stock: 10,", "stock: 1,").replace("unclaimed: stock", "unclaimed: second draw")


def end(stage: Stage, name: str = "snack") -> None:
    with stage.sessions.begin() as session:
        change_state(session, name, "end", stage.now)


@pytest.fixture(params=["as it ends", "ended before"])
def seen(request: pytest.FixtureRequest, stage: Stage) -> Iterator[Stage]:
    """A stage whose process sees campaigns end, or begins only afterwards: each answer is of a process of its own."""
    if request.param == "ended before":
        take = stage.take

        def anew(*deliveries: object) -> object:
            stage.shelf = CampaignShelf(stage.keys, MECHANICS.texts, MECHANICS.sections)
            return take(*deliveries)  # type: ignore[arg-type]

        stage.take = anew  # type: ignore[method-assign, assignment]
    yield stage
    assert faults(stage) == []


def test_a_turn_reads_and_goes_through_no_campaign_that_has_ended(stage: Stage) -> None:
    stage.publish(OTHER)
    alone = _asked(stage)
    for number in range(5):
        stage.publish(SNACK.replace("name: snack", f"name: gone{number}"))
        stage.codes(1, f"gone{number}")
        end(stage, f"gone{number}")
    with stage.sessions() as session:
        assert list(stage.runtime.rows(session).campaigns) == [1]
        assert list(stage.shelf.read(session)) == [1, 2, 3, 4, 5, 6]
    assert _asked(stage) == alone


def _asked(stage: Stage) -> int:
    """How many statements the turn of a code takes, for somebody who played before."""
    play(stage, campaign="other")
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    (code,) = stage.codes(1, "other")
    event.listen(stage.database, "before_cursor_execute", counted)
    try:
        assert keys_of(stage.say(code)) == ["redeem.points"]
    finally:
        event.remove(stage.database, "before_cursor_execute", counted)
    return count


def test_its_codes_words_and_prizes_are_known_still(seen: Stage) -> None:
    seen.publish(SURE)
    seen.publish(OTHER)
    code, late = seen.codes(2)
    seen.say(code)
    seen.say("cancel")
    seen.give(30)
    word = word_of(seen)
    seen.say("u2 says hello", by="u2")
    end(seen)
    assert keys_of(seen.say(late)) == ["campaign.over"]
    assert keys_of(seen.say(late, by="new")) == ["campaign.over"]
    assert keys_of(seen.say(word, by="u2")) == ["campaign.over"]
    assert keys_of(seen.say(late.lower().replace("-", " "), by="u3")) == ["campaign.over"]
    assert keys_of(seen.say("prizes"))[0] == "delivery.name"


def test_it_is_meant_by_whoever_played_it_last_while_nothing_else_is_open(seen: Stage) -> None:
    seen.publish(SNACK)
    play(seen)
    seen.give(30)
    end(seen)
    assert "balance=40" in seen.say("points")
    assert keys_of(seen.say("gifts"))[0] == "gifts.choose"
    assert keys_of(seen.say("invite"))[0] == "invite.word"
    assert keys_of(seen.say("13800138001")) == ["recommend.closed"]
    with seen.sessions.begin() as session:
        seed = reveal(session, "snack", seen.now, seen.keys)
    assert seed in seen.say("rules")
    assert seed in seen.say("rules")


def test_it_closed_when_it_was_ended_not_when_that_was_planned(seen: Stage) -> None:
    seen.publish(SNACK)
    (code, late) = seen.codes(2)
    seen.say(code)
    seen.wait(days=3)
    end(seen)
    seen.wait(days=5)
    assert "closes=Friday 4 December, 12:00" in seen.say(late)
    assert "closes=Friday 4 December, 12:00" in seen.say("rules")


@pytest.mark.parametrize("word", ["help", "points", "rules", "code", "hello"])
def test_whoever_asks_is_told_that_it_is_over(seen: Stage, word: str) -> None:
    seen.publish(SNACK)
    play(seen)
    end(seen)
    assert keys_of(seen.say(word))[-1] == "campaign.over"


@pytest.mark.parametrize("word", ["help", "points", "rules", "code", "hello", "what is going on here"])
def test_newcomers_are_told_when_it_opens(stage: Stage, word: str) -> None:
    stage.publish(SNACK.replace("opens: at publication", "opens: 2026-12-10 00:00 Asia/Shanghai"))
    assert "campaign.not_open opens=Thursday 10 December, 00:00" in stage.say(word)


def test_what_is_ended_after_its_time_closed_as_planned(seen: Stage) -> None:
    seen.publish(SNACK)
    (code,) = seen.codes(1)
    seen.wait(days=100)
    end(seen)
    assert "closes=Monday 1 March, 12:00" in seen.say(code)


def test_a_seed_that_is_revealed_later_is_shown(stage: Stage) -> None:
    stage.publish(SNACK)
    play(stage)
    end(stage)
    assert "rules.revealed" not in stage.say("rules")
    with stage.sessions.begin() as session:
        seed = reveal(session, "snack", stage.now, stage.keys)
    assert seed in stage.say("rules")


def test_who_waited_there_for_a_first_code_plays_elsewhere(seen: Stage) -> None:
    seen.publish(SNACK)
    seen.publish(OTHER)
    play(seen)
    seen.say(word_of(seen), by="u2")
    end(seen)
    assert keys_of(play(seen, "u2", campaign="other")) == ["redeem.points"]
    assert not any("invite.rewarded" in text for text in seen.told())


def test_its_players_become_one_when_they_are_linked(seen: Stage) -> None:
    seen.publish(SNACK)
    seen.publish(OTHER)
    play(seen)
    play(seen, "v", channel="second")
    end(seen)
    play(seen, campaign="other")
    assert keys_of(link_up(seen, ("u1", "test"), ("v", "second"))) == ["link.linked"]


@pytest.mark.parametrize("anew", [False, True])
def test_its_prizes_are_drawn_again_and_its_points_expire(stage: Stage, anew: bool) -> None:
    stage.publish(SECOND.replace("gifts:", "points: {expire: 20 days}\ngifts:"))
    for by in ("u1", "u2"):
        play(stage, by)
    end(stage)
    if anew:
        stage.shelf = CampaignShelf(stage.keys, MECHANICS.texts, MECHANICS.sections)
    stage.wait(days=10)
    stage.tick()
    assert sorted(states(stage)) == ["lapsed", "open"]
    assert any("claim.second" in text for text in stage.told("u2"))
    if anew:
        stage.shelf = CampaignShelf(stage.keys, MECHANICS.texts, MECHANICS.sections)
    stage.wait(days=12)
    assert expire_due(stage.runtime, stage.now) == 1
    assert "balance=0" in stage.say("points", by="u2")
    assert faults(stage) == []
