"""How many came, scanned again, left and joined, by the scene of a QR code; what may be somebody's is not told."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select
from structlog.testing import capture_logs

from core.engine.delivery import Delivery, delivery
from core.engine.routes import Requires, Route
from core.messages import Answered, InboundKind
from core.models import SceneDay
from core.scenes import CODE, INVITE, MOST, OTHER, PERSONAL, scene_name
from core.speech.keywords import Means
from handlers import MECHANICS
from huoju.metrics import Meter
from tests.office import Office, sit_down
from tests.stage import CAMPAIGN, Stage
from tests.talking import faults, word_of

FRIENDS = "invites: {inviter: 5 points, invitee: 5 points, channels: [wechat]}\n"
PLAYED = CAMPAIGN.replace("[test, second]", "[wechat]") + FRIENDS


@pytest.fixture
def town(stage: Stage) -> Stage:
    stage.publish(PLAYED)
    return stage


def came(
    stage: Stage, scene: str, by: str = "u1", kind: InboundKind = InboundKind.FOLLOWED, says: str | None = None
) -> Delivery:
    """Somebody follows by a scene, or scans one."""
    message = stage.message(says or scene, by=by, channel="wechat", kind=kind)
    return delivery(replace(message, scene=scene), stage.keys)


def left(stage: Stage, by: str = "u1") -> None:
    stage.say("", by=by, channel="wechat", kind=InboundKind.LEFT)


def counted(stage: Stage) -> dict[str, list[int]]:
    """Followed, scanned, gone, joined, by scene."""
    with stage.sessions() as session:
        rows = session.scalars(select(SceneDay).order_by(SceneDay.day, SceneDay.scene)).all()
        return {row.scene: [row.followed, row.scanned, row.gone, row.joined] for row in rows}


def test_who_comes_scans_leaves_and_joins_is_counted_by_scene(town: Stage) -> None:
    first, second = town.codes(2)
    town.take(came(town, "shop-17"))
    town.take(
        came(town, "shop-17", by="u2"), came(town, "poster", by="u3"), came(town, "poster", kind=InboundKind.SCENE)
    )
    town.say(first, by="u1", channel="wechat")
    town.say(second, by="u3", channel="wechat")
    left(town, "u2")
    left(town, "u1")
    left(town, "u1")
    assert counted(town) == {"poster": [1, 1, 0, 1], "shop-17": [2, 0, 2, 1]}
    assert faults(town) == []


def test_who_comes_back_by_themselves_came_by_no_scene(town: Stage) -> None:
    town.take(came(town, "shop-17"))
    town.say("", channel="wechat", kind=InboundKind.CAME)
    left(town)
    town.say(town.codes(1)[0], channel="wechat")
    assert counted(town) == {"shop-17": [1, 0, 0, 0]}


def test_what_is_delivered_again_counts_once(town: Stage) -> None:
    message = came(town, "shop-17")
    town.take(message, message)
    assert [answer.how for answer in town.take(message)] == [Answered.REPEATED]
    assert counted(town) == {"shop-17": [1, 0, 0, 0]}


def test_leaving_that_is_dealt_with_after_coming_back_takes_nobody_away(town: Stage) -> None:
    town.take(came(town, "shop-17"))
    went = delivery(town.message("", channel="wechat", kind=InboundKind.LEFT), town.keys)
    town.wait(minutes=1)
    town.take(came(town, "poster"))
    town.take(went)
    assert counted(town) == {"poster": [1, 0, 0, 0], "shop-17": [1, 0, 0, 0]}


def test_days_are_counted_apart(town: Stage) -> None:
    town.take(came(town, "shop-17"))
    town.wait(days=1)
    town.take(came(town, "shop-17", by="u2"))
    with town.sessions() as session:
        assert session.scalars(select(SceneDay.followed)).all() == [1, 1]


def test_what_failed_counts_when_it_is_taken_again(
    town: Stage, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    office = sit_down(town, database_url, monkeypatch, capsys)
    town.routes = (Route("bad", Means(_Bad(), "shop-17"), _explode), *MECHANICS.routes)
    with capture_logs():
        town.take(came(town, "shop-17"))
    town.routes = MECHANICS.routes
    assert counted(town) == {}
    office("inbox", "replay", "--yes", "--all")
    assert counted(town) == {"shop-17": [1, 0, 0, 0]}


class _Bad:
    requires = Requires()


def _explode(_ctx: object, _intent: object) -> list[object]:
    raise ZeroDivisionError


def test_codes_and_words_of_friends_are_counted_under_one_name_each(town: Stage) -> None:
    used, unused = town.codes(2)
    town.say(used, by="u9", channel="wechat")
    word = word_of(town, "u9", channel="wechat")
    for number, scene in enumerate((used, unused, f"code={unused}", unused.replace("-", "").lower())):
        town.take(came(town, scene, by=f"c{number}"))
    for number, scene in enumerate((word, word.replace("-", ""), f"https://win.example/t/{word}")):
        town.take(came(town, scene, by=f"i{number}"))
    found = counted(town)
    assert {scene: row[0] for scene, row in found.items()} == {CODE: 4, INVITE: 3}
    town.take(came(town, "STORE-SH-0042", by="o1"), came(town, used, by="o2", says="points"))
    assert counted(town)["STORE-SH-0042"][0] == 1


NAMES = """
store_17|STORE-SH-0042|17|100000|门店17|shop:12|{"s":1}|?x|expo_20261129|2026-11-29 上海|A1B2C3D4E5F6|V1001_HELLO
call me Bob|START-17|weibo/summer 2026|yes|a.b-c_d|1/2|退订
"""
PRIVATE = """
13800138000|+86 138 0013 8000|tel:138-0013-8000|138 0013 8000 poster|１３８００１３８０００|uid_83920193|20261329
bob@mail.example|oABCD_efghijklmnopqrstuvwx12|6ba7b8109dad11d180b400c04fd430c8|(415) 555-0100
ref_oABCD-efghijklmnopqrstuvwx12|from-ofsLN6jAbcdEfghIjklMnopQrs-
u=9f86d081884c7d659a2f|https://x.example/?openid=oABCD-efghijklmnopqrstuvwx12
"""


def test_what_operators_call_places_is_told() -> None:
    names = re.split(r"[|\n]", NAMES.strip())
    assert [scene_name(name) for name in names] == names


def test_what_may_be_somebody_is_told_of_nobody() -> None:
    assert {scene_name(scene) for scene in re.split(r"[|\n]", PRIVATE.strip())} == {PERSONAL}


@given(st.text(max_size=64), st.from_regex(r"\+?[13-9][0-9]{6,14}", fullmatch=True))
def test_a_name_can_be_stored_and_holds_no_number(around: str, number: str) -> None:
    name = scene_name(around)
    assert 0 < len(name) <= 64
    assert name.isprintable()
    assert scene_name(f"{around}, {number}") == PERSONAL
    assert not re.search(r"[0-9]{9}", name)


def test_no_scene_can_harm_the_table(town: Stage) -> None:
    for number, scene in enumerate(("\x00", "a\x00b", "\u202eevil", "\ud800", "x" * 1000, " ", "'; --", "\\")):
        (taken,) = town.take(came(town, town.message(scene).text[:64], by=f"u{number}"))
        assert taken.how is Answered.NEW
    assert counted(town).keys() >= {OTHER, "a b", "x" * 64, "'; --", "\\", "evil"}


def test_so_many_scenes_a_day_are_told_apart_and_nobody_is_lost(town: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.scenes.MOST", 3)
    for number in range(6):
        town.take(came(town, f"shop-{number}", by=f"u{number}"), came(town, "shop-1", by=f"v{number}"))
    town.take(came(town, "13800138000", by="w"))
    found = {scene: row[0] for scene, row in counted(town).items()}
    assert found == {"shop-0": 1, "shop-1": 7, "shop-2": 1, OTHER: 3, PERSONAL: 1}
    assert MOST >= 100


def test_a_turn_without_a_scene_asks_no_more(town: Stage) -> None:
    town.say("help", channel="wechat")
    with statements(town) as asked:
        town.say("help", channel="wechat")
    assert asked
    assert not any("scene_days" in one for one in asked)
    with statements(town) as asked:
        town.take(*(came(town, f"shop-{number}", by=f"u{number}") for number in range(9)))
    assert sum("scene_days" in one for one in asked) == 2


@contextmanager
def statements(town: Stage) -> Iterator[list[str]]:
    asked: list[str] = []
    note = lambda _connection, _cursor, statement, *_: asked.append(statement)  # noqa: E731
    event.listen(town.database, "before_cursor_execute", note)
    yield asked
    event.remove(town.database, "before_cursor_execute", note)


def test_an_operator_sees_them(
    town: Stage, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    office: Office = sit_down(town, database_url, monkeypatch, capsys)
    assert "Nobody has come by a scene since" in office("wechat", "scenes", "--since", "2026-11-01")
    town.take(*(came(town, scene, by=f"u{place}") for place, scene in enumerate(("门店17", "poster", "poster"))))
    left(town, "u1")
    told = ["wechat", "scenes", "--since", "2026-12-01", "--until", "2026-12-02"]
    lines = office(*told).splitlines()
    assert [line.split() for line in lines[1:]] == [
        ["main", "poster", "2", "0", "1", "0"],
        ["main", "门店17", "1", "0", "0", "0"],
    ]
    (first, _) = json.loads(office(*told, "--json"))["tables"]["scenes"]
    counts = {"followed": 2, "scanned": 0, "left_again": 1, "joined_a_campaign": 0}
    assert first == {"account": "main", "scene": "poster", **counts}
    assert "Nobody" in office("wechat", "scenes", "--account", "other", "--since", "2026-12-01")
    assert "Nobody" in office("wechat", "scenes", "--since", "2026-12-02", "--until", "2027-01-01")


def test_scenes_are_metered(town: Stage) -> None:
    meter = Meter("web")
    messages = [came(town, "shop-17"), came(town, "shop-17", by="u2", kind=InboundKind.SCENE)]
    meter.took_turn([one.message for one in messages], town.take(*messages), 0.01)
    meter.took_turn([one.message for one in messages], town.take(*messages), 0.01)
    for how in ("followed", "scene"):
        labels = {"channel": "wechat", "account": "main", "how": how}
        assert meter.registry.get_sample_value("huoju_scenes_total", labels) == 1
