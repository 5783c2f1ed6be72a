"""Two brands, each with an account of its own on one channel: nobody learns at one what is played at the other."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.alphabet import code_maker, grouped
from core.campaign.platforms import friends_on
from core.menu import words_in
from core.places import Place, overlaps, place_named
from handlers import MECHANICS
from huoju.account_registry import Contact
from huoju.web.chats import Chats
from tests.snack import SURE
from tests.stage import CAMPAIGN, Stage
from tests.talking import faults, keys_of

pytestmark = pytest.mark.reading


FRIENDS = "\ninvites: {inviter: 20 points, invitee: 5 points}\n"
A = (CAMPAIGN.replace("name: snack", "name: brand-a") + FRIENDS).replace("[test, second]", "[test/a]")
B = (CAMPAIGN.replace("name: snack", "name: brand-b") + FRIENDS).replace("[test, second]", "[test/b]")


@pytest.fixture
def brands(stage: Stage) -> Stage:
    for brand, text in (("brand-a", A), ("brand-b", B)):
        stage.publish(text)
        stage.codes(1, brand)
    return stage


def test_a_code_counts_at_the_account_of_its_campaign_alone(brands: Stage) -> None:
    (code,) = brands.codes(1, "brand-a")
    assert keys_of(brands.say(code, account="b")) == ["redeem.unknown"]
    assert keys_of(brands.say(code, account="a")) == ["redeem.points"]
    assert keys_of(brands.say(code, account="b", by="u2")) == ["redeem.unknown"]  # used is not said there, either
    assert faults(brands) == []


def test_a_foreign_code_is_answered_as_one_that_nobody_issued(stage: Stage) -> None:
    """While a question waits whose answer may be any words, too: no try finds out which codes exist elsewhere."""
    stage.publish(A)
    stage.publish(SURE.replace("name: snack", "name: brand-b").replace("[test, second]", "[test/b]"))
    (theirs,) = stage.codes(1, "brand-a")
    bits, make = code_maker(12, 1)
    nobodys = grouped(make(0xABCDEF0123456789 & (1 << bits) - 1))

    def tried(code: str, by: str) -> list[str]:
        win, *_ = stage.codes(1, "brand-b")
        texts = (code, win, code, "cancel", f"my code {code}", code, "prizes", code, code, "rules")
        return [keys_of(stage.say(each, account="b", by=by))[0] for each in texts]

    assert tried(theirs, "u1") == tried(nobodys, "u2")


@pytest.mark.parametrize("word", ["points", "help", "rules", "invite", "contact", "prizes", "gifts", "hello", "thanks"])
def test_words_mean_what_is_played_at_the_account(brands: Stage, word: str) -> None:
    brands.say(brands.codes(1, "brand-a")[0], account="a")
    brands.publish(A.replace("Open a bag", "Brand A"))
    assert all("Brand A" not in brands.say(word, account=account) for account in ("b", "c"))


def test_a_friends_word_is_nobodys_at_another_account(brands: Stage) -> None:
    word = brands.say("invite", account="a").split("word=")[1].split()[0]
    assert keys_of(brands.say(word, account="b", by="u2")) == ["invite.unknown"]
    assert keys_of(brands.say(word, account="a", by="u2")) == ["invite.joined"]


def test_wrong_codes_count_against_the_campaigns_of_their_account(brands: Stage) -> None:
    for brand, limit in (("a", 1), ("b", 1000)):
        text = (A if brand == "a" else B).replace("wrong_tries_per_day: 5", f"wrong_tries_per_hour: {limit}")
        brands.publish(text)
        brands.codes(1, f"brand-{brand}")
    (good,) = brands.codes(1, "brand-a")
    for tried in ("T7Q4-M9KD-2W5X", "T7Q4-M9KD-2W6Y", "T7Q4-M9KD-2W7Z", "T7Q4-M9KD-2W8A", "2222-M9KD-2W8A"):
        brands.say(tried, account="b", by="guesser")
    for tried in ("T7Q4-M9KD-2W5X", "T7Q4-M9KD-2W6Y"):
        brands.say(tried, account="a", by="honest")
    assert keys_of(brands.say(good, account="a", by="honest")) == ["redeem.points"]


def test_a_linked_person_hears_of_a_campaign_from_its_own_account(brands: Stage) -> None:
    """Whoever linked two chats is one player at both; A speaks from its own account, however late B was heard."""
    brands.say(brands.codes(1, "brand-a")[0], account="a", by="anna")
    word = brands.say("link", account="a", by="anna").split("word=")[1].split()[0]
    assert keys_of(brands.say(word, account="b", by="anna-at-b")) == ["link.linked"]
    brands.wait(minutes=1)
    invite = brands.say("invite", account="a", by="anna").split("word=")[1].split()[0]
    brands.wait(minutes=1)
    brands.say("points", account="b", by="anna-at-b")
    brands.say(invite, account="a", by="friend")
    brands.say(brands.codes(1, "brand-a")[0], account="a", by="friend")
    told = [keys_of(text)[0] for text in brands.told("anna", account="a")]
    assert "invite.rewarded" in told
    assert "invite.rewarded" not in [keys_of(text)[0] for text in brands.told("anna-at-b", account="b")]


def test_a_campaign_that_leaves_an_account_is_meant_there_no_more(stage: Stage) -> None:
    stage.publish(CAMPAIGN.replace("[test, second]", "[test]"))
    (code,) = stage.codes(1)
    stage.say(stage.codes(1)[0], account="b")
    stage.publish(CAMPAIGN.replace("[test, second]", "[test/a]"))
    assert "nothing to play here" in stage.say(code, account="b")
    assert "nothing to play here" in stage.say("points", account="b")
    assert keys_of(stage.say(code, account="a", by="u2")) == ["redeem.points"]


SOON = """
follow_ups:
  - {name: soon, when: 1h after first contact, say: {zh: 来, en: come}}
"""


@pytest.mark.parametrize(("still", "said"), [("test/b", 1), ("test", 1), ("test/a", 0)])
def test_nothing_unasked_is_said_where_a_campaign_is_not_played_any_more(stage: Stage, still: str, said: int) -> None:
    stage.publish(CAMPAIGN.replace("[test, second]", "[test]") + SOON)
    stage.say(stage.codes(1)[0], account="b")
    stage.publish(CAMPAIGN.replace("[test, second]", f"[{still}]") + SOON)
    stage.wait(hours=2)
    stage.tick()
    assert len([text for text in stage.told(account="b") if text.startswith("follow_up.said")]) == said


def test_pages_and_menus_name_the_accounts_of_a_campaign(brands: Stage) -> None:
    ours = [Contact("a", "Brand A", None), Contact("b", "Brand B", None), Contact("c", None, None)]
    chats = Chats(lambda channel, _word: ours if channel == "test" else (), playground=False)
    with brands.sessions() as session:
        a, b = (campaign.rules for campaign in brands.shelf.read(session).values())

    def named(channels: tuple[str, ...]) -> list[str]:
        found, _ = chats.of(a.model_copy(update={"channels": channels}), "word", on=friends_on)
        return [chat.name for chat in found]

    assert named(("test/a",)) == ["test Brand A"]
    assert named(("test/c", "test/b")) == ["test", "test Brand B"]
    assert named(("test",)) == ["test Brand A", "test Brand B"]
    at_a = {
        word.says
        for word in words_in(
            MECHANICS.menu, [each for each in (a, b) if each.plays_at(Place("test", "a"))], Place("test", "a")
        )
    }
    assert "invite" in at_a
    assert "invite" not in {word.says for word in words_in(MECHANICS.menu, [b], Place("test", "a"))}


_names = st.sampled_from([*(f"{c}/{a}" for c, a in product(("sms", "wechat"), ("a", "b"))), "sms", "wechat"])


@given(_names, st.lists(_names))
def test_names_overlap_where_an_account_is_among_both(name: str, others: list[str]) -> None:
    everywhere = [Place(channel, account) for channel, account in product(("sms", "wechat"), ("a", "b", "c"))]
    both = [place for place in everywhere if place.is_among([name]) and place.is_among(others)]
    assert overlaps(name, others) is bool(both)
    assert not place_named(name).account or f"{place_named(name).channel}/{place_named(name).account}" == name
