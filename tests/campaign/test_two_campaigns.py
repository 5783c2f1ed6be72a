"""Two campaigns on one chat: points, gifts and prizes look over all that one plays there."""

import re

import pytest
from sqlalchemy import select

from core.campaign.publication import change_state
from handlers.gifts.tables import Gift
from tests.snack import SNACK, SURE
from tests.stage import CAMPAIGN, Stage
from tests.talking import faults, keys_of

pytestmark = pytest.mark.reading


OTHER = CAMPAIGN.replace("name: snack", "name: other").replace("Open a bag", "The other one")


def _balances(said: str) -> list[str]:
    return [part.split()[0] for part in said.split("balance=")[1:]]


def test_points_of_both_are_told_whichever_was_spoken_of_last(stage: Stage) -> None:
    stage.publish(SNACK)
    stage.publish(OTHER)
    stage.say(stage.codes(1)[0])
    stage.give(360)
    assert _balances(stage.say("points")) == ["370"]
    stage.say(stage.codes(1, "other")[0])
    assert _balances(stage.say("points")) == ["10", "370"]
    stage.give(-10, campaign="other")
    assert _balances(stage.say("points")) == ["370"]
    assert "The other one" in stage.say("rules")
    assert faults(stage) == []


def test_points_at_another_account_are_not_told(stage: Stage) -> None:
    stage.publish(SNACK)
    stage.publish(OTHER.replace("[test, second]", "[test/b]"))
    stage.say(stage.codes(1)[0], account="b")
    stage.say(stage.codes(1, "other")[0], account="b")
    stage.publish(SNACK.replace("[test, second]", "[test/a]"))
    assert _balances(stage.say("points", account="b")) == ["10"]


def test_gifts_are_those_of_the_campaign_that_has_some(stage: Stage) -> None:
    stage.publish(SNACK)
    stage.publish(OTHER)
    stage.say(stage.codes(1)[0])
    stage.give(90)
    stage.say(stage.codes(1, "other")[0])
    assert "balance=100" in stage.say("gifts")
    assert keys_of(stage.say("bag"))[0] == "gifts.confirm"
    assert keys_of(stage.say("yes"))[0] == "gifts.bought"
    assert "Open a bag" in stage.say("rules")
    assert faults(stage) == []


@pytest.mark.parametrize("both", [False, True])
def test_prizes_of_all_campaigns_are_listed_and_looked_after(stage: Stage, both: bool) -> None:
    stage.publish(SURE)
    stage.publish((SURE if both else OTHER).replace("name: snack", "name: other").replace("A phone", "A bicycle"))
    stage.say(stage.codes(1)[0])
    stage.say(stage.codes(1, "other")[0])
    stage.say("cancel")
    said = stage.say("prizes")
    if both:
        assert ("A phone" in said, "A bicycle" in said) == (True, True)
        (number,) = re.findall(r"item=A phone number=(\d)", said)
        said = stage.say(number)
    assert keys_of(said)[0] == "delivery.name"
    for text in ("Anna Lee", "13800138000", "12 King Street"):
        stage.say(text)
    assert "claim.ready" in stage.say("yes")
    assert "Open a bag" in stage.say("rules")
    assert faults(stage) == []


SHOP = SNACK.replace("name: snack", "name: shop").replace("Open a bag", "The shop").replace("开袋赢大奖", "店庆")
SHOP = SHOP.replace("Mug", "Cup").replace("Bag of snacks", "Box of snacks").replace("name: mug", "name: cup")


@pytest.fixture
def shops(stage: Stage) -> Stage:
    """The player has points in two campaigns with gifts: 100 where the last word was, 50 in the other one."""
    stage.publish(SNACK)
    stage.publish(SHOP)
    stage.say(stage.codes(1)[0])
    stage.say(stage.codes(1, "shop")[0])
    stage.give(40)
    stage.give(90, campaign="shop")
    return stage


def test_which_gifts_are_meant_is_asked(shops: Stage) -> None:
    said = shops.say("gifts")
    assert re.findall(r"balance=(\d+) number=(\d) title=([\w ]+)$", said, re.MULTILINE) == [
        ("100", "1", "The shop"),
        ("50", "2", "Open a bag"),
    ]
    assert "balance=50" in shops.say("2")
    assert keys_of(shops.say("mug"))[0] == "gifts.confirm"
    assert "balance=30" in shops.say("yes")
    assert faults(shops) == []


@pytest.mark.reading
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1", "gifts.choose balance=100"),
        ("第二个", "gifts.choose balance=50"),
        ("Open a bag", "gifts.choose balance=50"),
        ("店庆", "gifts.choose balance=100"),
        ("the shop please", "gifts.choose balance=100"),
        ("cup", "gifts.confirm balance=100"),
        ("Bag of snacks", "gifts.confirm balance=50"),
        ("3", "question.again"),
        ("Cinema ticket", "question.again"),
        ("points", "points.balance balance=100"),
    ],
)
def test_one_of_two_is_named_by_number_title_or_what_only_it_has(shops: Stage, text: str, said: str) -> None:
    assert keys_of(shops.say("gifts"))[0] == "gifts.which"
    assert shops.say(text).startswith(said)
    assert faults(shops) == []


def test_a_number_means_the_list_that_was_shown_last(shops: Stage) -> None:
    shops.say("gifts")
    shops.say("2")
    assert "item=Mug" in shops.say("1")  # the first gift there, no campaign any more
    shops.say("no")
    shops.say("gifts")
    with shops.sessions.begin() as session:
        change_state(session, "shop", "end")
    assert "title=Open a bag" in shops.say("1")  # it stands first as it was spoken of last
    assert faults(shops) == []


def test_gifts_are_shown_while_somebody_else_holds_their_stock(arena: Stage) -> None:
    arena.publish(SNACK)
    arena.publish(SHOP)
    for name in ("snack", "shop"):
        arena.say(arena.codes(1, name)[0])
    with arena.sessions.begin() as session:
        assert session.scalars(select(Gift).where(Gift.campaign_id == 1).with_for_update()).all()
        assert keys_of(arena.say("gifts"))[0] == "gifts.which"
        assert "title=Open a bag" in arena.say("2")
        arena.say("gifts")
        assert "title=The shop" in arena.say("The shop")
        assert keys_of(arena.say("cup"))[0] == "gifts.poor"
        arena.give(90, campaign="shop")
        assert keys_of(arena.say("gifts"))[0] == "gifts.which"
        arena.say("The shop")
        assert keys_of(arena.say("cup"))[0] == "gifts.confirm"
        assert keys_of(arena.say("yes"))[0] == "gifts.bought"


@pytest.fixture
def both(stage: Stage) -> Stage:
    """The player has a code in each, the last one in "other", which has ended codes of its own title."""
    stage.publish(SNACK)
    stage.publish(OTHER)
    stage.say(stage.codes(1)[0])
    stage.say(stage.codes(1, "other")[0])
    return stage


@pytest.mark.parametrize(
    ("text", "title"), [("1", "The other one"), ("第二个", "Open a bag"), ("open a bag", "Open a bag"), ("3", None)]
)
def test_whose_rules_are_meant_is_asked(both: Stage, text: str, title: str | None) -> None:
    said = both.say("rules")
    assert re.findall(r"number=(\d) title=([\w ]+)$", said, re.MULTILINE) == [
        ("1", "The other one"),
        ("2", "Open a bag"),
    ]
    assert keys_of(said)[0] == "rules.which"
    said = both.say(text)
    assert keys_of(said)[0] == ("rules.answer" if title else "question.again")
    assert f"title={title}" in said or title is None
    assert both.say("rules").startswith("rules.which")
    assert faults(both) == []


def test_while_something_waits_to_be_answered_its_campaign_is_meant(both: Stage) -> None:
    both.give(90)
    both.say("gifts")
    both.say("bag")
    said = both.say("rules")
    assert keys_of(said)[0] == "rules.answer"
    assert "title=Open a bag" in said
    assert "gifts.confirm" in said
    assert keys_of(both.say("yes"))[0] == "gifts.bought"
    assert faults(both) == []


def test_help_names_all_that_one_plays(both: Stage) -> None:
    assert "consent=help.also title=Open a bag\nhelp.stop" in both.say("help")
    assert "help.also" not in both.say("help", by="new")


def test_each_campaign_is_told_of_in_its_own_words(stage: Stage) -> None:
    for name, words in (("snack", "bag"), ("other", "tea")):
        text = CAMPAIGN.replace("name: snack", f"name: {name}")
        own = f"texts: {{en: {{points.balance: '{words} {{balance}}'}}}}\n"
        stage.publish(text + own, spelled=False)
        stage.say(stage.codes(1, name)[0])
    assert stage.say("points") == "tea 10\nbag 10"


def test_who_plays_two_goes_on_with_the_other_when_one_is_over(stage: Stage) -> None:
    stage.publish(OTHER.replace("name: other", "name: first").replace("The other one", "The first one"))
    stage.publish(SNACK)
    stage.publish(OTHER)
    for name in ("snack", "other"):
        stage.say(stage.codes(1, name)[0])
    with stage.sessions.begin() as session:
        change_state(session, "other", "end")
        change_state(session, "snack", "pause")
    said = stage.say("rules")
    assert keys_of(said)[0] == "rules.answer"
    assert "title=Open a bag" in said
    assert "campaign.paused" in said
    assert "title=The first one" in stage.say("rules", by="new")


def test_prizes_of_one_title_say_whose_they_are(stage: Stage) -> None:
    stage.publish(SURE)
    stage.publish(SURE.replace("name: snack", "name: other").replace("Open a bag", "The other one"))
    for name in ("snack", "other"):
        stage.say(stage.codes(1, name)[0])
        stage.say("cancel")
    said = stage.say("prizes")
    assert set(re.findall(r"item=A phone (\([\w ]+\))", said)) == {"(Open a bag)", "(The other one)"}
    stage.say(stage.codes(1)[0])
    stage.say("cancel")
    assert stage.say("prizes").count("item=A phone (Open a bag)") == len(["before", "now"])


@pytest.mark.parametrize(("word", "key"), [("contact us", "contact.organiser"), ("privacy", "privacy.answer")])
def test_each_organiser_is_named_to_who_plays_with_both_and_none_twice(stage: Stage, word: str, key: str) -> None:
    stage.publish(SNACK)
    stage.publish(OTHER.replace("Huoju Foods", "Tea House").replace("火炬食品", "茶馆"))
    stage.publish(SHOP)
    for name in ("snack", "other", "shop"):
        stage.say(stage.codes(1, name)[0])
    said = stage.say(word)
    assert keys_of(said)[:2] == [key] * 2
    assert key not in keys_of(said)[2:]
    assert list(dict.fromkeys(re.findall(r"organiser=(\w+ \w+)", said))) == ["Huoju Foods", "Tea House"]
    assert "title=The shop" in said
    assert keys_of(stage.say(word, by="new"))[0] == key


def test_three_on_one_chat_are_bought_from_claimed_and_ended_each_for_itself(stage: Stage) -> None:
    for name, title in (("snack", "Open a bag"), ("other", "The other one"), ("third", "The third one")):
        stage.publish(SURE.replace("name: snack", f"name: {name}").replace("Open a bag", title))
        stage.say(stage.codes(1, name)[0])
        stage.give(60, campaign=name)
    for text in ("gifts", "Open a bag", "mug", "yes"):
        stage.say(text)
    with stage.sessions.begin() as session:
        change_state(session, "third", "end", stage.now)
        change_state(session, "other", "pause")
    assert _balances(stage.say("points")) == ["40", "60"]
    for text in ("Anna Lee", "13800138000", "12 King Street, Luwan"):
        stage.say(text)
    assert stage.say("yes").startswith("claim.ready item=Mug")
    assert keys_of(stage.say(stage.codes(1, "other")[0])) == ["campaign.paused", "delivery.name"]
    said = stage.say("prizes")
    assert set(re.findall(r"item=A phone (\([\w ]+\))", said)) == {"(Open a bag)", "(The other one)", "(The third one)"}
    (number,) = re.findall(r"\(The third one\) number=(\d)", said)
    assert keys_of(stage.say(number)) == ["delivery.name"]
    for text in ("Bob Ray", "13800138001", "7 Queen Street, Luwan"):
        stage.say(text)
    assert stage.say("yes").startswith("claim.ready item=A phone")
    assert keys_of(stage.say("gifts"))[0] == "gifts.which"
    assert faults(stage) == []
