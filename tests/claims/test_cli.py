"""What operators do with claims: look, approve, cancel, hand over at the counter; told in one sentence."""

import pytest
from sqlalchemy import delete

from core.models import Join
from core.words import Mark
from tests.office import Office, numbers_in, sit_down, win
from tests.snack import SNACK, SURE
from tests.stage import Stage

DEAR = SURE.replace("value: 100 CNY", "value: 2999 CNY")
"""Every code wins a phone that two operators must approve."""


@pytest.fixture
def office(
    stage: Stage, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Office:
    return sit_down(stage, database_url, monkeypatch, capsys)


def test_a_list_shows_claims_and_nobody(office: Office) -> None:
    office.stage.publish(SURE)
    win(office.stage)
    office.stage.say(office.stage.codes(1)[0], by="u2")
    shown = office("claims", "list")
    assert numbers_in(shown, Mark.CLAIM) == office.numbers()
    first, second = shown.splitlines()[1:]
    there = "2026-12-01 12:00        2026-12-11 12:00          none needed  1"
    assert f"snack     phone  delivery  ready  draw    {there}" in first
    assert "open " in second
    assert office.numbers()[1] in office("claims", "list", "snack", "--state", "open")
    assert numbers_in(office("claims", "list", "--state", "shipped"), Mark.CLAIM) == []
    assert numbers_in(office("claims", "list", "--limit", "1"), Mark.CLAIM) == office.numbers()[:1]
    assert "and more" in office("claims", "list", "--limit", "1")
    assert "there is no campaign 'tea'" in office("claims", "list", "tea", fails=1)
    for personal in ("Zhang", "138", "Beijing"):
        assert personal not in shown + office("claims", "show", office.numbers()[0])


def test_details_are_shown_only_when_asked_for(office: Office) -> None:
    office.stage.publish(SURE)
    win(office.stage)
    shown = office("claims", "show", office.numbers()[0].lower(), "--details")
    for detail in ("Zhang San", "+8613800138000", "1 Long Street, Beijing"):
        assert detail in shown


MISTYPED = [
    ("a symbol wrong", lambda number: number[:-2] + ("2" if number[-2] != "2" else "3") + number[-1]),
    ("a symbol missing", lambda number: number[:-1]),
    ("two symbols exchanged", lambda number: number[:3] + number[4] + number[3] + number[5:]),
    ("a friend's", lambda number: "F" + number[1:]),
    ("no number", lambda _number: "7"),
    ("nothing", lambda _number: ""),
]
COMMANDS = [
    ("show",),
    ("approve", "--operator", "ann"),
    ("deliver",),
    ("cancel", "--reason", "x", "--yes"),
    ("ship", "--tracking", "SF1"),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # both are alike here
@pytest.mark.parametrize("words", COMMANDS, ids=[words[0] for words in COMMANDS])
def test_a_mistyped_number_is_refused(office: Office, words: tuple[str, ...]) -> None:
    office.stage.publish(SURE)
    win(office.stage)
    (number,) = office.numbers()
    assert number[3] != number[4]
    for what, mistype in MISTYPED:
        said = office("claims", words[0], mistype(number), *words[1:], fails=1)
        assert said.startswith("huoju: "), what
        assert "copy it from `huoju claims list`" in said, what
    assert "ready" in office("claims", "show", number)


def test_a_number_of_nobody_is_told(office: Office) -> None:
    office.stage.publish(SURE)
    for words in COMMANDS:
        said = office("claims", words[0], "C00000000000016", *words[1:], fails=1)
        assert said.count("there is no claim C00000000000016") == 1, said


def test_what_is_dear_leaves_after_two_operators_approved(office: Office) -> None:
    office.stage.publish(DEAR)
    office.stage.say(office.stage.codes(1)[0])
    for text in ("Zhang San", "13800138000", "1 Long Street, Beijing", "1"):
        office.stage.say(text)
    (number,) = office.numbers()
    assert "0 of 2" in office("claims", "list", "--waiting-for-approval")
    assert "no file was written" in office("claims", "export", "snack", "--out", "a.csv")
    assert "waits for the approval" in office("claims", "ship", number, "--tracking", "SF1", fails=1)
    assert "another operator must approve it" in office("claims", "approve", number, "--operator", "ann")
    assert "1 of 2" in office("claims", "list", "--waiting-for-approval")
    for same in ("Ann", "ann.", "A nn", "a-n-n"):
        assert "was approved by ann before" in office("claims", "approve", number, "--operator", same, fails=1)
    assert "no file was written" in office("claims", "export", "snack", "--out", "a.csv")
    assert "approved twice; it is ready now" in office("claims", "approve", number, "--operator", "bob")
    assert numbers_in(office("claims", "list", "--waiting-for-approval"), Mark.CLAIM) == []
    assert "ann, bob" in office("claims", "show", number)
    assert "1 parcels are in the file" in office("claims", "export", "snack", "--out", "a.csv")
    assert office.faults() == []


def test_a_cancelled_claim_goes_back_and_its_player_is_told(office: Office) -> None:
    office.stage.publish(SURE)
    win(office.stage)
    (number,) = office.numbers()
    assert "is cancelled" in office("claims", "cancel", number, "--reason", "sold out", "--yes")
    assert office.stage.told()[-1] == "claim.cancelled_because item=A phone reason=sold out"
    assert "is cancelled" in office("claims", "cancel", number, "--reason", "sold out", "--yes", fails=1)
    assert "phone   10     10" in office("campaign", "show", "snack")
    assert office.faults() == []


def test_a_parcel_that_has_arrived(office: Office) -> None:
    office.stage.publish(SURE)
    win(office.stage)
    win(office.stage, by="u2")
    first, second = office.numbers()
    assert "has shipped; the player is told" in office("claims", "ship", first, "--carrier", "SF", "--tracking", "SF1")
    assert "nothing changed" in office("claims", "ship", first, "--carrier", "SF", "--tracking", "SF1")
    said = office("claims", "deliver", first, second, fails=1)
    assert "delivered 1, refused 1" in said
    assert f"{second} is ready; only what has shipped" in said
    assert office.stage.told()[-2:] == [
        "claim.shipped_with carrier=SF item=A phone tracking=SF1",
        "claim.received item=A phone",
    ]
    assert office.faults() == []


def test_a_tracking_number_may_be_corrected_back_and_forth(office: Office) -> None:
    office.stage.publish(SURE)
    win(office.stage)
    (number,) = office.numbers()
    words = ("claims", "ship", number, "--carrier", "SF", "--tracking")
    for tracking in ("SF1", "SF2", "SF1", "SF2"):
        assert "has shipped" in office(*words, tracking, "--correct")
    refused = office(*words, "SF1", fails=1)
    assert refused == f"huoju: {number} was shipped with SF SF2 already; add --correct to change it\n"
    assert "nothing changed" in office(*words, "SF2")
    assert [text[-3:] for text in office.stage.told()[-4:]] == ["SF1", "SF2", "SF1", "SF2"]


def test_a_parcel_without_a_tracking_number_ships_when_that_is_meant(office: Office) -> None:
    office.stage.publish(SURE)
    win(office.stage)
    (number,) = office.numbers()
    for words in ((), ("--carrier", " "), ("--tracking", "SF1", "--untracked")):
        said = office("claims", "ship", number, *words, fails=2)
        assert "give --carrier and --tracking, or --untracked for a parcel that has neither" in said
    assert "has shipped" in office("claims", "ship", number, "--untracked")
    assert "was shipped untracked already" in office("claims", "ship", number, "--tracking", "SF1", fails=1)
    assert "has shipped" in office("claims", "ship", number, "--tracking", "SF1", "--correct")


def test_a_pick_up_code_works_once(office: Office) -> None:
    office.stage.publish(SNACK)
    office.stage.say(office.stage.codes(1)[0])
    for text in ("gifts", "bag"):
        office.stage.say(text)
    code = next(line for line in office.stage.say("yes").split("\n") if "claim.counter" in line)
    code = code.split("code=")[1].split(" deadline")[0]
    assert "Hand over: 零食袋 / Bag of snacks" in office("claims", "pick-up", code)
    assert "was handed over already, at " in office("claims", "pick-up", code, fails=1)
    assert "is no pick-up code" in office("claims", "pick-up", code[:-1] + ("2" if code[-1] != "2" else "3"), fails=1)
    assert office.faults() == []


def test_usage_is_told(office: Office) -> None:
    office.stage.publish(SURE)
    assert "give a NUMBER or --file FILE" in office("claims", "ship", fails=2)
    office.stage.directory.joinpath("x.csv").write_text("", encoding="utf-8")
    assert "stand in the file" in office("claims", "ship", "--file", "x.csv", "--carrier", "SF", fails=2)


def test_a_campaign_shows_what_is_left_of_its_gifts(office: Office) -> None:
    office.stage.publish(SNACK)
    shown = office("campaign", "show", "snack")
    assert "bag     5      5" in shown
    assert "ticket  3      3" in shown


def test_a_check_notes_what_a_platform_forbids(office: Office) -> None:
    path = office.stage.directory / "campaign.yaml"
    path.write_text(SNACK.replace("[test, second]", "[telegram]"), encoding="utf-8")
    assert "Note:" not in office("campaign", "check", "campaign.yaml")
    path.write_text(SNACK.replace("[test, second]", "[telegram, wechat]"), encoding="utf-8")
    assert "Note: invites on wechat: " in office("campaign", "check", "campaign.yaml")


def test_a_player_whose_address_was_lost_is_no_crash(office: Office) -> None:
    office.stage.publish(SURE)
    win(office.stage)
    with office.stage.sessions.begin() as session:
        session.execute(delete(Join))
    said = office("claims", "ship", office.numbers()[0], "--carrier", "SF", "--tracking", "1", fails=1)
    assert "has no address left; `huoju audit` says what is broken" in said
