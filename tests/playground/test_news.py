"""What was said since, and the last draws."""

import pytest
from sqlalchemy import select

from core.models import Outbox
from huoju.web.cached import cached
from tests.playground.rig import CERTAIN, Door, deliver
from tests.stage import Stage

pytestmark = pytest.mark.reading


def _states(stage: Stage) -> list[str]:
    with stage.sessions() as session:
        return list(session.scalars(select(Outbox.state).order_by(Outbox.sequence)))


def test_a_later_text_comes_once_the_sender_handed_it_over(door: Door) -> None:
    (code,) = door.stage.codes(1)
    door.say(code)
    door.tell("anna")
    assert door.news("anna:1", "bob:0").json["phones"]["demo"] == {"anna": [], "bob": []}
    assert _states(door.stage) == ["answered", "queued"]
    deliver(door.stage)
    said = door.news("anna:1", "bob:0").json["phones"]["demo"]
    assert said["bob"] == []
    assert [(text["sequence"], text["text"].split()[0]) for text in said["anna"]] == [(2, "points.corrected")]
    assert said["anna"][0]["at"] == "2026-12-01T04:00:00+00:00"
    assert _states(door.stage) == ["answered", "sent"]
    assert [text["sequence"] for text in door.news("anna:0").json["phones"]["demo"]["anna"]] == [1, 2]
    assert door.news("anna:2").json["phones"]["demo"] == {"anna": []}


def test_a_text_that_an_answer_overtook_is_fetched_by_its_number(door: Door) -> None:
    (code,) = door.stage.codes(1)
    door.say(code)
    door.tell("anna")
    door.say("help", id="2")
    assert [text["sequence"] for text in door.news("anna:0").json["phones"]["demo"]["anna"]] == [1, 3]
    assert door.news("anna:3,2").json["phones"]["demo"] == {"anna": []}
    deliver(door.stage)
    assert door.news("anna:3").json["phones"]["demo"] == {"anna": []}
    assert [text["sequence"] for text in door.news("anna:3,2").json["phones"]["demo"]["anna"]] == [2]
    assert [text["sequence"] for text in door.news("anna:0").json["phones"]["demo"]["anna"]] == [1, 2, 3]


def test_a_phone_s_name_may_hold_a_colon(door: Door) -> None:
    door.say("help", phone="a:b:1")
    assert len(door.news("a:b:1:0").json["phones"]["demo"]["a:b:1"]) == 1


def test_a_phone_may_be_a_number(door: Door) -> None:
    door.say("help", phone="+8619912345678")
    said = door.client.get("/playground/news?demo=%2B8619912345678%3A0").json["phones"]["demo"]
    assert [len(texts) for texts in said.values()] == [1]
    assert list(said) == ["+8619912345678"]


BAD_POSITIONS = [
    ([], "demo: ask for 1 to 8 phones"),
    ([f"p{number}:0" for number in range(9)], "demo: ask for 1 to 8 phones"),
    (["anna"], "demo: give a name of 1 to 128 characters and a sequence number"),
    ([":3"], "demo: give a name of 1 to 128 characters and a sequence number"),
    (["a" * 129 + ":3"], "demo: give a name of 1 to 128 characters and a sequence number"),
    (["anna:"], "demo: after the colon goes a sequence number from 0 to 2147483647"),
    (["anna:-1"], "demo: after the colon goes a sequence number from 0 to 2147483647"),
    (["anna:1.5"], "demo: after the colon goes a sequence number from 0 to 2147483647"),
    (["anna:²"], "demo: after the colon goes a sequence number from 0 to 2147483647"),
    (["anna:2147483648"], "demo: after the colon goes a sequence number from 0 to 2147483647"),
    (["anna:" + "9" * 5000], "demo: after the colon goes a sequence number from 0 to 2147483647"),
    (["anna:3,"], "demo: after the colon goes a sequence number from 0 to 2147483647"),
    (["anna:3,x"], "demo: after the colon goes a sequence number from 0 to 2147483647"),
    (["anna:3" + ",1" * 33], "demo: name at most 32 missing texts, like demo=anna:12,5,9"),
    (["anna:3" + ",1" * 60_000], "demo: name at most 32 missing texts"),
    (["anna:0", "bob:x"], "demo: after the colon goes a sequence number from 0 to 2147483647"),
]


@pytest.mark.reading
@pytest.mark.parametrize(("positions", "error"), BAD_POSITIONS, ids=str)
def test_a_bad_position_is_told_why(door: Door, positions: list[str], error: str) -> None:
    answer = door.news(*positions)
    assert answer.status_code == 400
    assert answer.json["error"].startswith(error)


def test_the_last_position_and_hostile_names_are_harmless(door: Door) -> None:
    assert door.news("anna:2147483647").json["phones"]["demo"] == {"anna": []}
    for name in ("\x00", "😀", "\u202e", "%ff", "'; DROP TABLE outbox;--"):
        assert door.news(f"{name}:0").json["phones"]["demo"] == {name: []}
    assert door.client.get("/playground/news?demo=%ed%a0%80:0").status_code == 200


def test_another_page_may_not_fetch(door: Door) -> None:
    answer = door.client.get("/playground/news?demo=anna:0", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_draws_tell_prize_and_odds_and_nobody(stage: Stage) -> None:
    stage.publish(CERTAIN)
    door = Door(stage)
    (code,) = stage.codes(1)
    door.say(code, phone="somebody")
    news = door.news("bob:0")
    assert news.json["draws"] == [
        {
            "campaign": {"zh": "开袋赢大奖", "en": "Open a bag"},
            "prize": {"zh": "手机", "en": "A phone"},
            "odds": "1/1",
            "at": "2026-12-01T04:00:00+00:00",
        }
    ]
    assert "somebody" not in news.text
    door.engine.close()


def test_draws_are_read_once_for_many_polls() -> None:
    reads: list[int] = []
    read = cached(lambda: reads.append(1) or len(reads), 60.0)
    assert [read() for _ in range(5)] == [1] * 5
    always = cached(lambda: reads.append(1) or len(reads), 0.0)
    assert [always(), always()] == [2, 3]
