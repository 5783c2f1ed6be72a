"""Scenes of QR codes, keys of menus, and what the camera saw: nobody typed any of it."""

import pytest
from sqlalchemy import func, select

from bots.wechat.account import WeChatAccount
from core.models import Consent, Guesses, Player, SceneDay
from handlers import MECHANICS
from handlers.codes.batches import Issue, activate
from handlers.codes.importer import import_codes
from tests.adapters.wechat.rig import PLAYED, Chats, Door, account
from tests.fakes.wechat import event, text
from tests.stage import Stage
from tests.talking import faults

NAMES = [
    *(
        "store_17",
        "123123",
        "17",
        "1",
        "yes",
        "no",
        "V1001_HELLO",
        "rselfmenu_0_0",
        "KEY-1",
        "shop:12",
        '{"s":1}',
        "?x",
    ),
    *(
        "STORE-SH-0042",
        "A1B2C3D4E5F6",
        "store17east",
        "ABCD2EFG3HJK4",
        "13800001111",
        "call me Bob",
        "START-17",
        "门店17",
    ),
]
"""What operators call places and buttons; some look like a code, a phone or an answer."""
GIFTS = """
gifts:
  - {name: mug, title: {zh: 马克杯, en: A mug}, price: 10 points, stock: 5, claim: counter}
"""
TOLD = [("subscribe", "qrscene_"), ("SCAN", ""), ("SCAN", "qrscene_"), ("CLICK", "")]


@pytest.mark.parametrize(("kind", "prefix"), TOLD)
def test_what_a_place_or_button_is_called_is_never_a_word_of_the_player(
    stage: Stage, chats: Chats, kind: str, prefix: str
) -> None:
    for number, name in enumerate(NAMES):
        user = f"u{number % 2}"  # one who was here before, and one who comes
        said = chats.say(event(user, kind, prefix + name, at=1_348_831_860 + number)) or ""
        assert said.startswith("welcome.answer"), name
    with stage.sessions() as session:
        assert [session.scalar(select(func.count()).select_from(each)) for each in (Guesses, Player)] == [0, 0]


def test_a_scene_spelt_like_a_code_that_counts_nowhere_costs_nobody_a_try(stage: Stage, chats: Chats) -> None:
    (code,) = stage.issue(1, active=False)[1]
    for number in range(20):
        said = chats.say(event("u", "SCAN", code, at=1_348_831_860 + number)) or ""
        assert said.startswith("welcome.answer")
    assert chats.say(text("u", stage.codes(1)[0])) == "redeem.points balance=10 points=10"


def test_words_of_ours_do_what_they_say(stage: Stage, chats: Chats) -> None:
    assert (chats.say(event("u", "CLICK", "points")) or "").startswith("points.balance")
    assert (chats.say(event("u", "SCAN", "积分")) or "").startswith("points.balance")
    assert (chats.say(event("v", "subscribe", "qrscene_points")) or "").startswith("points.balance")
    (code,) = stage.codes(1)
    assert chats.say(event("u", "SCAN", code)) == "redeem.points balance=10 points=10"


def test_a_button_stops_and_a_scene_does_not(stage: Stage, chats: Chats) -> None:
    assert (chats.say(event("u", "SCAN", "退订")) or "").startswith("welcome.answer")
    assert (chats.say(event("u", "subscribe", "qrscene_stop")) or "").startswith("welcome.answer")
    with stage.sessions() as session:
        assert session.scalars(select(Consent)).all() == []
    assert (chats.say(event("u", "CLICK", "退订")) or "").startswith("stop.done")


@pytest.mark.parametrize(("kind", "prefix"), TOLD)
def test_no_key_answers_a_question(stage: Stage, chats: Chats, kind: str, prefix: str) -> None:
    stage.publish(PLAYED + GIFTS)
    assert chats.say(text("u", stage.codes(1)[0]))
    assert "gifts" in (chats.say(text("u", "gifts", id="2")) or "")
    assert "gifts.confirm" in (chats.say(text("u", "1", id="3")) or "")
    for number, key in enumerate(("yes", "1", "是")):
        said = chats.say(event("u", kind, prefix + key, at=1_348_831_860 + number)) or ""
        assert said.startswith("welcome.answer"), key
        assert "gifts.confirm" in said, "the question goes on waiting"
    with stage.sessions() as session:
        assert session.scalars(select(Player)).one().points == 10
    assert faults(stage) == []


def test_keys_made_elsewhere_say_what_the_account_says() -> None:
    made: WeChatAccount = account(says={"V1001_HELLO": "points", "store_17": "help"})
    door = Door(made)
    for kind, key in (("CLICK", "V1001_HELLO"), ("SCAN", "store_17"), ("subscribe", "qrscene_store_17")):
        door.deliver(event("u", kind, key))
    door.deliver(text("u", "V1001_HELLO"))
    assert [message.text for message in door.taken] == ["points", "help", "help", "V1001_HELLO"]
    assert "+V1001_HELLO" in door.taken[0].external_id
    assert [message.scene for message in door.taken] == [None, "store_17", "store_17", None]


def test_who_follows_by_a_scene_is_counted_there(stage: Stage, chats: Chats) -> None:
    for number, (kind, key) in enumerate((*TOLD[:2], ("subscribe", "last_trade_no_4200"), ("subscribe", ""))):
        chats.say(event("u", kind, f"{key}shop" if number < 2 else key, at=1_348_831_860 + number))
    chats.say(event("u", "subscribe", "qrscene_shop"))
    with stage.sessions() as session:
        (day,) = session.scalars(select(SceneDay))
    assert (day.account, day.scene, day.followed, day.scanned, day.gone) == ("main", "shop", 1, 1, 0)


def seen(result: str, at: int) -> str:
    camera = f"<ScanCodeInfo><ScanType>x</ScanType><ScanResult><![CDATA[{result}]]></ScanResult></ScanCodeInfo></xml>"
    return event("u", "scancode_waitmsg", "k", at=1_348_831_860 + at).replace("</xml>", camera)


SEEN = [
    "{}",
    "CODE_128,{}",
    "QR_CODE,{}",
    "DATA_MATRIX,{}",
    "EAN_13,{}",
    "https://win.example/c/{}",
    "http://win.example/brand/c/{}?from=card#x",
    "win.example/c/{}/",
    "https://win.example/c/7/{}",
]


@pytest.mark.parametrize("checked", [True, False], ids=["our code", "an imported code"])
def test_a_code_that_the_camera_saw_is_redeemed(stage: Stage, chats: Chats, checked: bool) -> None:
    codes = stage.codes(len(SEEN)) if checked else imported(stage)
    for number, (how, code) in enumerate(zip(SEEN, codes, strict=True)):
        said = chats.say(seen(how.format(code), number))
        assert said == f"redeem.points balance={10 * (number + 1)} points=10", how


def imported(stage: Stage) -> list[str]:
    codes = [f"X{number}Y77Z{number}8W" for number in range(len(SEEN))]
    with stage.sessions.begin() as session:
        how = Issue(stage.keys, stage.randomness, stage.now, MECHANICS.sections)
        batch = import_codes(session, "snack", list(enumerate(codes, 1)), "0" * 64, how)
        activate(session, batch.batch_id, stage.now)
    return codes


@pytest.mark.parametrize(
    "what", ["EAN_13,6901234567892", "http://x.cn/y", "stop", "退订", "WIFI:S:a;;", "A1B2C3D4E5F6"]
)
def test_what_else_the_camera_saw_is_welcome(chats: Chats, what: str) -> None:
    assert (chats.say(seen(what, 0)) or "").startswith("welcome.answer")
