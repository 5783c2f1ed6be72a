"""The demo: what `make run` publishes, how its cards are dealt, and that two chats beside each other are two."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic import AnyHttpUrl
from sqlalchemy import func, select

from bots.playground.channel import PlaygroundSends
from core.campaign.goods import ClaimKind
from core.campaign.reader import read_campaign
from core.models import Batch, Campaign
from core.operators import Role
from handlers import MECHANICS
from handlers.draws.rules import DrawRules
from huoju.demo import BATCH_SIZE, Deck, campaign_files, set_up
from tests.playground.rig import PLAYED, Door, installation_of
from tests.sending.rig import Desk
from tests.stage import Stage

pytestmark = pytest.mark.reading

EXAMPLES = Path("examples/demo")


@pytest.fixture
def demo(stage: Stage) -> Iterator[Door]:
    """Both campaigns of the demo, as they speak to people."""
    set_up(installation_of(stage), campaign_files([EXAMPLES]))
    door = Door(stage)
    yield door
    door.engine.close()


def _deal(door: Door, account: str = "demo", *held: str) -> list[str]:
    cards: list[str] = door.post("cards", account=account, held=list(held)).json["cards"]
    return cards


def _said(door: Door, text: str, phone: str = "anna", account: str = "demo", language: str = "en") -> str:
    sent = {"phone": phone, "account": account, "language": language, "text": text}
    return "\n".join(door.post("say", id=f"{phone}-{text}", **sent).json["texts"])


def test_files_and_folders_are_told_apart(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yaml", "c.csv"):
        (tmp_path / name).touch()
    quiz = Path("examples/quiz.yaml")
    assert campaign_files([quiz, tmp_path]) == [quiz, tmp_path / "a.yaml", tmp_path / "b.yaml"]


def test_about_every_third_card_wins_and_every_kind_of_claim_comes_up() -> None:
    rules = read_campaign(EXAMPLES / "snack.yaml", MECHANICS.sections).rules
    draw = rules.section(DrawRules)
    assert draw is not None
    assert (draw.odds.numerator, draw.odds.denominator) == (1, 3)
    assert {prize.claim for prize in draw.prizes} == set(get_args(ClaimKind))
    assert all(goods.vouchers == "generated" for _, goods in rules.goods() if goods.claim == "voucher")
    rarest = min(prize.weight for prize in draw.prizes) / sum(prize.weight for prize in draw.prizes)
    assert rarest > 0.1


def test_it_is_set_up_once(stage: Stage, demo: Door) -> None:
    set_up(installation_of(stage), campaign_files([EXAMPLES]))
    with stage.sessions() as session:
        assert sorted(session.scalars(select(Campaign.name))) == ["demo-relay", "demo-snack"]
        assert session.scalar(select(func.count()).select_from(Batch)) == 2
    assert len(_deal(demo)) == 3


def test_each_chat_offers_what_is_played_in_it(demo: Door) -> None:
    snack, relay = demo.client.get("/playground/chats").json["chats"]
    assert (snack["account"], snack["campaigns"], snack["title"]["en"]) == (
        "demo",
        ["demo-snack"],
        "Open a bag and win",
    )
    assert (relay["account"], relay["campaigns"], relay["title"]["zh"]) == ("relay", ["demo-relay"], "在线火炬传递")
    assert (snack["cards"], relay["cards"]) == (True, True)
    words = [{chip["en"] for chip in chat["chips"]} for chat in (snack, relay)]
    assert words[0] - words[1] == {"points", "gifts", "prizes"}
    assert words[1] - words[0] == {"torch", "board"}
    for chat in (snack, relay):
        for chip in chat["chips"]:
            for language in ("en", "zh"):
                said = _said(demo, chip[language], "curious", chat["account"], language)
                assert "?" not in said[:2], chip
                assert "did not understand" not in said, chip


def test_one_phone_plays_both_and_neither_hears_of_the_other(demo: Door) -> None:
    assert "leg 1" in _said(demo, "torch", account="relay")
    assert "Open a bag" in _said(demo, "help")
    told = demo.client.get("/playground/news?demo=anna:0&relay=anna:0").json["phones"]
    assert [len(told[account]["anna"]) for account in ("demo", "relay")] == [1, 1]
    assert "torch" not in told["demo"]["anna"][0]["text"]
    assert demo.client.get("/playground/news?relay=anna:1").json["phones"] == {"relay": {"anna": []}}


def test_what_the_page_speaks_is_what_a_card_is_answered_in(demo: Door) -> None:
    one, two, _ = _deal(demo)
    assert "您" in _said(demo, one, "an", language="zh")
    assert "you" in _said(demo, two, "ann").lower()


def test_later_messages_come_in_the_first_minutes(demo: Door) -> None:
    stage = demo.stage
    _said(demo, _deal(demo)[0])
    _said(demo, "torch", account="relay")
    heard = []
    for _ in range(5):
        stage.wait(minutes=1)
        stage.tick()
        for account in ("demo", "relay"):
            Desk(stage, PlaygroundSends(account)).rounds()
        told = demo.client.get("/playground/news?demo=anna:0&relay=anna:0").json["phones"]
        heard.append([len(told[account]["anna"]) for account in ("demo", "relay")])
    assert heard[0][0] > 1
    assert heard[0][1] > 1
    relay = [each["text"] for each in told["relay"]["anna"]]
    assert any(" out" in text for text in relay), relay


def test_a_hand_keeps_what_is_unused_and_gets_new_cards_for_the_rest(demo: Door) -> None:
    hand = _deal(demo)
    assert len(set(hand)) == 3
    assert _deal(demo, "demo", *hand) == hand
    _said(demo, hand[1])
    again = _deal(demo, "demo", *hand)
    assert (again[0], again[1]) == (hand[0], hand[2])
    assert again[2] not in hand
    made_up = _deal(demo, "demo", "AAAA-BBBB-CCCC", *again[:2])
    assert made_up[:2] == again[:2]
    assert made_up[2] not in {"AAAA-BBBB-CCCC", *hand, *again}
    assert len({*_deal(demo, "demo", again[0], again[0]), again[0]}) == 3


def test_a_card_is_dealt_to_one_visitor_whatever_is_restarted(demo: Door) -> None:
    """Eight at once, each behind a deck of their own, as of another process."""
    hands: list[list[str]] = []

    def visit() -> None:
        deck = Deck(demo.installation, "demo-snack")
        hands.extend(deck.deal([], 3) for _ in range(4))

    visitors = [threading.Thread(target=visit) for _ in range(8)]
    for each in visitors:
        each.start()
    for each in visitors:
        each.join()
    dealt = [card for hand in hands for card in hand]
    assert len(dealt) == 8 * 4 * 3
    assert len(set(dealt)) == len(dealt)
    assert not set(dealt) & set(Deck(demo.installation, "demo-snack").show(BATCH_SIZE))


def test_a_deck_is_filled_up_until_the_campaign_takes_no_more(stage: Stage) -> None:
    path = stage.directory / "two-decks.yaml"
    path.write_text(PLAYED.replace("{length: 12,", f"{{length: 12, planned: {2 * BATCH_SIZE},"), "utf-8")
    (deck,) = set_up(installation_of(stage), [path])
    first, second = deck.deal([], BATCH_SIZE - 1), deck.deal([], 3)
    assert len({*first, *second}) == BATCH_SIZE + 2
    assert len(deck.deal([], BATCH_SIZE)) == BATCH_SIZE - 2
    assert deck.deal(second, 3) == second
    door = Door(stage)
    assert _deal(door) == []
    assert door.client.get("/playground/chats").json["chats"][0]["cards"] is True
    door.engine.close()


def test_a_playground_without_a_demo_deals_nothing(door: Door) -> None:
    door.stage.codes(5)
    (chat,) = door.client.get("/playground/chats").json["chats"]
    assert (chat["account"], chat["campaigns"], chat["cards"]) == ("demo", ["snack"], False)
    assert _deal(door) == []
    assert _deal(door, "relay") == []


def test_a_deck_is_no_other_campaign_s(stage: Stage, demo: Door) -> None:
    folder = demo.installation.settings.keys_file.parent
    assert len(list(folder.glob("demo-demo-snack-*.csv"))) == 1
    (path,) = folder.glob("demo-demo-snack-*.csv")
    path.with_name(path.name.replace("demo-snack", "demo-snack-two")).write_text("serial,code\n1,AAAA", "utf-8")
    assert Deck(demo.installation, "demo").is_there is False
    assert Deck(demo.installation, "demo-snack").show(1) != ["AAAA"]
    assert Deck(installation_of(stage), "demo-relay").is_there is True


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({}, "account: send one of demo, relay"),
        ({"account": "main", "held": []}, "account: send one of demo, relay"),
        ({"account": ["demo"], "held": []}, "account: send one of demo, relay"),
        ({"account": "demo"}, "held: send a list of up to 3 codes"),
        ({"account": "demo", "held": ["A-B-C-D"] * 4}, "held: send a list of up to 3 codes"),
        ({"account": "demo", "held": [7]}, "held: send a list of up to 3 codes"),
        ({"account": "demo", "held": ["../../keys"]}, "held: send a list of up to 3 codes"),
    ],
)
def test_what_is_no_hand_is_refused(door: Door, sent: dict[str, object], error: str) -> None:
    answer = door.post("cards", **sent)
    assert (answer.status_code, answer.json["error"][: len(error)]) == (400, error)
    assert door.client.post("/playground/cards", data=b"[1").status_code == 400


@pytest.mark.parametrize(("part", "value"), [("account", "main"), ("account", 7), ("language", "fr"), ("language", [])])
def test_an_account_or_language_that_is_none_is_refused(door: Door, part: str, value: object) -> None:
    answer = door.post("say", phone="anna", id="1", text="help", **{part: value})
    assert (answer.status_code, answer.json["error"].split(":")[0]) == (400, part)


def test_no_other_page_is_dealt_cards_or_told_what_is_played(door: Door, locked: Door) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"X-Forwarded-For": "1.2.3.4"}):
        sent = {"account": "demo", "held": []}
        assert door.client.post("/playground/cards", json=sent, headers=headers).status_code == 403
        assert door.client.get("/playground/chats", headers=headers).status_code == 403
    assert locked.post("cards", account="demo", held=[]).status_code == 403
    assert locked.client.get("/playground/chats").status_code == 403


def test_pictures_are_shown_by_their_path_and_their_address_is_not_said(stage: Stage) -> None:
    stage.public_url = "http://127.0.0.1:8000"
    door = Door(stage, public_url=AnyHttpUrl(stage.public_url))
    set_up(door.installation, [EXAMPLES / "snack.yaml"])
    stage.appoint(Role.OWNER, "boss", channel="playground", account="demo")
    told = door.post("say", phone="boss", id="1", text="/stats demo-snack").json
    (picture,) = told["pictures"]
    assert picture.startswith("/chart/")
    assert "/chart/" not in told["texts"][0]
    assert door.client.get(picture).content_type == "image/png"
    assert door.client.get("/playground/news?demo=boss:1").json["phones"]["demo"]["boss"][-1] == {
        "sequence": told["sequence"][0],
        "text": told["texts"][0],
        "at": stage.now.isoformat(),
        "choices": [],
        "picture": picture,
    }
    door.engine.close()
