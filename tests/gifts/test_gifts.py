"""Gifts in words: the catalogue, the choice by number or by words, and points that are spent once."""

import pytest

from core.messages import Answer
from handlers import MECHANICS
from tests.snack import SNACK
from tests.soundness import audit
from tests.stage import Stage
from tests.talking import YES_OR_NO, buy, keys_of


def _sound(stage: Stage) -> bool:
    return [str(fault) for _, faults in audit(stage.database, stage.keys, MECHANICS.checks) for fault in faults] == []


@pytest.fixture
def rich(stage: Stage) -> Stage:
    """A player u1 with 40 points."""
    stage.publish(SNACK)
    for code in stage.codes(4):
        stage.say(code)
    return stage


def test_a_gift_is_chosen_confirmed_and_paid_for(rich: Stage) -> None:
    shown = rich.say("gifts")
    assert shown.startswith("gifts.choose balance=40")
    assert "gifts.line item=Mug left=2 number=1 price=20" in shown
    assert rich.say("1") == "gifts.confirm balance=40 item=Mug price=20" + YES_OR_NO
    assert rich.say("1").split("\n") == [
        "gifts.bought balance=20 item=Mug",
        "delivery.name deadline=Friday 11 December, 12:00 item=Mug",
    ]
    assert "points.reason.gift" in rich.say("points")
    assert _sound(rich)


@pytest.mark.reading
@pytest.mark.parametrize(
    "choice", ["2", "２", "2.", "no. 2", "二", "第2个", "cinema", "Cinema Ticket", "电影票", "ticket"]
)
def test_a_gift_is_chosen_by_number_or_by_words(rich: Stage, choice: str) -> None:
    rich.say("gifts")
    assert rich.say(choice) == "gifts.confirm balance=40 item=Cinema ticket price=10" + YES_OR_NO


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("2", "gifts.kept balance=40"),
        ("no", "gifts.kept balance=40"),
        ("不要", "gifts.kept balance=40"),
        ("cancel", "cancel.done"),
    ],
)
def test_nothing_is_spent_without_a_yes(rich: Stage, answer: str, told: str) -> None:
    rich.say("gifts")
    rich.say("1")
    assert rich.say(answer) == told
    assert "balance=40" in rich.say("points")
    assert _sound(rich)


def _told(answers: list[Answer]) -> list[list[str]]:
    return [keys_of("\n".join(answer.texts)) for answer in answers]


def test_list_choice_and_yes_in_one_turn_also_of_a_new_player(stage: Stage) -> None:
    stage.publish(SNACK)
    texts = [stage.codes(1)[0], "gifts", "bag", "yes", "gifts", "3", "yes"]
    told = _told(stage.take(*(stage.delivery(text, by="new") for text in texts)))
    assert told[3] == ["gifts.bought", "claim.counter"]
    assert told[5] == ["gifts.poor"]
    assert "balance=0" in stage.say("points", by="new")
    assert _sound(stage)


def test_a_yes_delivered_twice_pays_once(rich: Stage) -> None:
    rich.say("gifts")
    rich.say("3")
    answers = rich.take(*(rich.delivery("yes", id="m1") for _ in range(2)), rich.delivery("yes", id="m2"))
    assert _told(answers) == [["gifts.bought", "claim.counter"]] * 2 + [["unknown.answer"]]
    assert "balance=30" in rich.say("points")
    assert _sound(rich)


def test_the_refusals_in_their_order(stage: Stage) -> None:
    stage.publish(SNACK.replace("stock: 2, claim: delivery", "stock: 1, claim: delivery"))
    for player in ("u1", "u2"):
        for code in stage.codes(3):
            stage.say(code, by=player)
    assert keys_of(buy(stage, "mug"))[0] == "gifts.bought"
    stage.say("cancel")
    stage.say("gifts")
    assert stage.say("mug") == "gifts.gone balance=10 item=Mug"
    stage.publish(SNACK)
    stage.say("gifts")
    assert stage.say("mug") == "gifts.limit balance=10 item=Mug limit=1 taken=1"
    stage.give(-10, by="u2")
    stage.give(-1, by="u2")
    stage.say("gifts", by="u2")
    assert "gifts.line_short item=Mug left=1 number=1 price=20 short=1" in stage.say("gifts", by="u2")
    assert stage.say("mug", by="u2") == "gifts.poor balance=19 item=Mug price=20 short=1"
    stage.wait(days=91)
    stage.say("gifts")
    assert stage.say("mug") == "gifts.closed balance=10"
    assert _sound(stage)


# id, what the new version of the file changes between choice and yes, how "yes" is answered
CHANGES = [
    ("dearer", "price: 20 points", "price: 30 points", "gifts.changed"),
    ("cheaper", "price: 20 points", "price: 10 points", "gifts.changed"),
    ("another name", "name: mug", "name: cup", "gifts.changed"),
    ("another title", "en: Mug", "en: Cup", "gifts.bought"),
    ("less stock", "stock: 2, claim: delivery", "stock: 1, claim: delivery", "gifts.bought"),
]


@pytest.mark.parametrize(("name", "old", "new", "key"), CHANGES, ids=[row[0] for row in CHANGES])
def test_what_changes_before_the_yes_is_never_paid_for(rich: Stage, name: str, old: str, new: str, key: str) -> None:
    rich.say("gifts")
    rich.say("1")
    rich.publish(SNACK.replace(old, new, 1))
    assert keys_of(rich.say("yes"))[0] == key
    assert f"balance={20 if key == 'gifts.bought' else 40}" in rich.say("points")
    assert _sound(rich)


def test_points_that_expire_before_the_yes_buy_nothing(stage: Stage) -> None:
    stage.publish(SNACK + "points: {expire: 1 days}\n")
    stage.wait(hours=11, minutes=50)
    for code in stage.codes(2):
        stage.say(code)
    stage.wait(days=1)
    stage.say("gifts")
    assert stage.say("1") == "gifts.confirm balance=20 item=Mug price=20" + YES_OR_NO
    stage.wait(minutes=10)
    assert stage.say("yes") == "gifts.poor balance=0 item=Mug price=20 short=20"
    assert _sound(stage)


def test_a_gift_in_chinese(stage: Stage) -> None:
    stage.publish(SNACK, spelled=False)
    for code in stage.codes(2):
        stage.say(code, by="wang")
    assert "马克杯：20积分" in stage.say("礼品", by="wang")
    assert "用20积分换“马克杯”" in stage.say("一", by="wang")
    assert "兑换成功：马克杯" in stage.say("好的", by="wang")
    assert "您" in stage.say("王小明", by="wang") or "电话" in stage.told("wang")[-1]
    stage.say("13800138000", by="wang")
    assert "北京路一号" in stage.say("上海市北京路一号", by="wang")
    assert "马克杯" in stage.say("1", by="wang")
    assert _sound(stage)
