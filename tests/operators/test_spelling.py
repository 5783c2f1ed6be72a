"""Arguments as people type them: by Chinese names, in full width, and days as they are called."""

from datetime import UTC, datetime

import pytest

from core.operators import Role, VerbRefused
from handlers import MECHANICS
from handlers.operators.help import help_of
from handlers.operators.say import Teller
from handlers.operators.spelling import arguments, tongue_of, without_slash

TONGUE, PHRASES = tongue_of(MECHANICS.verbs), MECHANICS.phrases()
NOW = datetime(2027, 1, 5, 8, tzinfo=UTC)


def given(said: str) -> dict[str, object]:
    begun = TONGUE.begins(without_slash(said))
    assert begun is not None
    return arguments(*begun, PHRASES, NOW)


@pytest.mark.parametrize(
    "said",
    [
        "/points correct a/b/c snack 1500 reason=late",
        "/改积分 a/b/c snack 1500 原因=late",
        "/改积分 a/b/c snack １５００ 原因＝late",
        "/改积分 a/b/c snack 1,500 原因：late",
        "/改积分 玩家=a/b/c 活动=snack 增减=１，５００ 原因=late",
        "/改积分 --玩家 a/b/c --活动 snack --增减 1500 --原因 late",
    ],
)
def test_an_argument_has_a_chinese_name_and_numbers_any_width(said: str) -> None:
    assert given(said) == {"player": "a/b/c", "campaign": "snack", "change": "1500", "reason": "late"}


def test_a_number_may_be_taken_away_with_any_dash() -> None:
    assert {given(f"/改积分 a/b/c snack {dash}50 原因=x")["change"] for dash in "-－−–"} == {"-50"}


@pytest.mark.parametrize(("said", "state"), [("待发", "ready"), ("ready", "ready"), ("READY", "ready"), ("某", "某")])
def test_a_choice_may_be_said_in_chinese(said: str, state: str) -> None:
    assert given(f"/领奖单 状态={said}") == {"state": state}
    assert given(f"/claims list state={said}") == {"state": state}


def test_a_switch_may_be_said_in_chinese() -> None:
    assert given("/领奖单 待批准=是") == {"waiting_for_approval": "yes"}


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("今天", "2027-01-05 00:00"),
        ("昨天", "2027-01-04 00:00"),
        ("昨天8:30", "2027-01-04 08:30"),
        ("today", "2027-01-05 00:00"),
        ("12月2日", "2026-12-02 00:00"),
        ("１２月２日", "2026-12-02 00:00"),
        ("1月20号9点", "2027-01-20 09:00"),
        ("2025年12月2日", "2025-12-02 00:00"),
        ("2026-12-02", "2026-12-02"),
        ("2月30日", "2月30日"),
        ("soon", "soon"),
    ],
)
def test_a_day_is_said_as_people_say_it(said: str, day: str) -> None:
    assert given(f"/日志 起始={said}") == {"since": day}
    assert given(f"/log since={said}") == {"since": day}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_help_leaves_no_place_empty(language: str) -> None:
    teller = Teller(PHRASES, language, verbs=MECHANICS.verbs)
    for named in ("", *{verb.group.name for verb in MECHANICS.verbs}):
        for row in teller.answer(help_of(TONGUE, Role.OWNER, named)).splitlines():
            assert not row or all(cell.strip() for cell in row.split("·")), row


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_example_of_the_help_can_be_said_as_it_is(language: str) -> None:
    teller, read = Teller(PHRASES, language, verbs=MECHANICS.verbs), 0
    for verb in MECHANICS.verbs:
        told = teller.answer(help_of(TONGUE, verb.role, verb.name))
        begins = "例如：" if language == "zh" else "For example: "
        said = next(each.removeprefix(begins) for each in told.splitlines() if each.startswith(begins))
        begun = TONGUE.begins(without_slash(said))
        assert begun is not None
        assert begun[0] is verb
        try:
            verb.takes.read(given(said))
        except VerbRefused as refused:
            pytest.fail(f"{said}: {refused}")
        read += 1
    assert read >= 45


def test_the_help_of_a_verb_that_is_called_like_its_group_shows_the_others() -> None:
    teller = Teller(PHRASES, "zh", verbs=MECHANICS.verbs)
    alone = [verb for verb in MECHANICS.verbs if not verb.word]
    shared = [verb for verb in alone if len(TONGUE.group(verb.group.name)) > 1]
    assert len(shared) >= 4
    for verb in shared:
        told = teller.answer(help_of(TONGUE, Role.OWNER, verb.chinese))
        assert all(f"/{one.chinese}" in told for one in TONGUE.group(verb.group.name)), told
