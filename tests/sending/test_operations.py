"""`huoju outbox`: what operators see of sending, and what they may do."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from core.models import OutboundJob
from core.sending.backoff import Backoff
from core.sending.outbound import STALE, Delivered, Refused, TryAgain, Unknown
from core.sending.policy import WAITS
from core.times import system_clock
from huoju.metrics import Meter, MetricsFile
from huoju.sending_status import ignored, text_status
from tests.office import Office, sit_down
from tests.races.crowd import faults
from tests.sending.rig import ANSWER, MARKETING, NOTICE, Desk, Platform, dispatches, queue, states
from tests.stage import CAMPAIGN, Stage


@pytest.fixture
def office(
    stage: Stage, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Office:
    stage.now = system_clock()
    return sit_down(stage, database_url, monkeypatch, capsys)


@pytest.fixture
def desk(office: Office) -> Desk:
    """A gives up, B is unknown, C will be tried again."""
    desk = Desk(office.stage, Platform(), Backoff(first=timedelta(minutes=20)))  # commands read the real clock
    for user, category in (("a", NOTICE), ("b", MARKETING), ("c", ANSWER)):
        queue(office.stage, user, category)
    outcomes = {"a": Refused("blocked"), "b": Unknown("timeout"), "c": TryAgain("busy")}
    desk.platform.says = lambda message: outcomes[message.user]
    desk.rounds()
    desk.platform.says = lambda _message: Delivered()
    desk.platform.heard()
    office.capsys.readouterr()
    return desk


def test_nothing_waits(office: Office) -> None:
    assert office("outbox") == "Everything was delivered.\n"


def test_what_waits_and_what_is_stuck_is_shown_without_texts(office: Office, desk: Desk) -> None:
    queue(office.stage, "late", NOTICE)
    office.stage.wait(hours=-1)
    queue(office.stage, "late", NOTICE, channel="playground")
    printed = office("outbox")
    lines = [line.split() for line in printed.splitlines()]
    assert ["test/main", "answer", "1", "0", "-", "0", "0", "0", "0", "0"] in lines
    assert ["test/main", "notice", "0", "1", "-", "0", "0", "0", "1", "0"] in lines
    assert ["test/main", "marketing", "0", "0", "-", "0", "0", "1", "0", "0"] in lines
    found = {one.state: f"{one.address_key.hex()}-{one.sequence}" for one in dispatches(office.stage)}
    assert any(line[:4] == [found["dead"], "test/main", "notice", "dead"] and line[-1] == "blocked" for line in lines)
    assert any(line[:4] == [found["unknown"], "test/main", "marketing", "unknown"] for line in lines)
    assert "sorry" not in printed.lower()


def test_what_is_late_is_counted_where_there_is_a_sender(office: Office) -> None:
    office.stage.wait(hours=-1)
    queue(office.stage, "u1", NOTICE)
    with office.stage.database.begin() as connection:
        connection.exec_driver_sql("UPDATE dispatches SET channel = 'playground', account = 'demo'")
    assert ["playground/demo", "notice", "0", "1", "1", "0", "0", "0", "0", "0"] in [
        line.split() for line in office("outbox").splitlines()
    ]


def test_the_dead_are_sent_again_and_the_unknown_only_when_asked(office: Office, desk: Desk) -> None:
    assert office("outbox", "retry") == "Due again: 1.\n"
    desk.stage.now = system_clock()
    desk.rounds()
    assert [user for user, _ in desk.platform.heard()] == ["a"]
    assert sorted(states(desk.stage)) == ["due", "unknown"]
    assert office("outbox", "retry", "--unknown") == "Due again: 1.\n"
    desk.stage.now = system_clock() + timedelta(minutes=30)
    desk.rounds()
    assert sorted(user for user, _ in desk.platform.heard()) == ["b", "c"]
    assert faults(desk.stage) == []


def test_single_texts_are_sent_again_by_their_ids(office: Office, desk: Desk) -> None:
    ids = {one.state: f"{one.address_key.hex()}-{one.sequence}" for one in dispatches(desk.stage)}
    for wrong in ("7", "x" * 200, ids["dead"] + "0" * 12, ids["dead"].upper() + "!"):
        assert "is no id of a text" in office("outbox", "retry", wrong, fails=1)
    told = office("outbox", "retry", ids["dead"], ids["unknown"], fails=1)
    assert "1 of these ids name no text that is dead (one that is unknown needs --unknown)" in told
    assert sorted(states(desk.stage)) == ["dead", "due", "unknown"]
    assert "Due again: 1." in office("outbox", "retry", ids["dead"], ids["dead"])
    assert "Due again: 1." in office("outbox", "retry", "--unknown", ids["unknown"])
    assert states(desk.stage) == ["due"] * 3


def test_an_account_is_paused_and_goes_on(office: Office) -> None:
    assert office("outbox", "pause", "playground/demo") == "playground/demo is paused.\n"
    assert office("outbox", "pause", "playground/demo") == "playground/demo was paused already.\n"
    assert "playground/demo is paused; let it go on: `huoju outbox resume playground/demo`" in office("outbox")
    assert office("outbox", "resume", "playground/demo") == "playground/demo is sending.\n"
    assert "paused" not in office("outbox")
    for wrong in ("playground", "telegram/main", "", "a/b/c"):
        assert "is no account that sends; these are: playground/demo" in office("outbox", "pause", wrong, fails=1)


def test_a_closed_account_is_shown(office: Office) -> None:
    queue(office.stage, "u1", NOTICE)
    desk = Desk(office.stage, Platform())
    desk.platform.says = lambda _message: TryAgain("wechat_40164:10.2.3.4", timedelta(minutes=30))
    desk.rounds()
    why = "asked for that, because: this machine's address is not in the account's IP whitelist: add 10.2.3.4"
    for command, fails in (("outbox", 0), ("accounts", 0), ("doctor", 1)):
        told = office(command, fails=fails)
        assert "test/main is closed until" in told
        assert why in told
    assert "installation: test/main may send" in told
    assert "(wechat_40164:10.2.3.4)" in told


# state and error of a text, and what a shop owner reads
SAID = [
    ("due", "quiet_hours", "waits: it is night where the player lives: it goes in the morning"),
    ("due", "limit", "waits: the player was told as much as the campaign allows"),
    ("due", "campaign_paused", "waits: the campaign is paused: it goes after `huoju campaign resume`"),
    ("due", "campaign_not_open", "waits: the campaign has not begun"),
    ("due", "connect", "waits: connect"),
    ("held", None, "the platform lets us send nothing before the player speaks"),
    ("held", "cut", "a notice had room for a part of it: all of it goes when the player speaks"),
    ("held", "wechat_48001", "goes when the player speaks: the account may not use this interface"),
    ("dropped", "unwelcome", "never sent: the player said STOP, or has left"),
    ("dropped", "stopped", "never sent: its announcement, or broadcast, was stopped"),
    ("dropped", "campaign_over", "never sent: the campaign is over"),
    ("dropped", "expired", "never sent: it was news no more"),
    ("unknown", "timeout", "nobody knows whether it arrived: timeout"),
    ("dead", "wechat_45168", "given up: a word of the text is forbidden (wechat_45168)"),
]


def test_every_reason_is_told_in_a_sentence_with_campaign_expiry_and_right(office: Office) -> None:
    office.stage.publish(CAMPAIGN)
    for number, (state, error, _) in enumerate(SAID):
        queue(office.stage, f"u{number}", MARKETING)
        values = {"state": state, "error": error, "by_right": "typed", "campaign_id": 1}
        with office.stage.sessions.begin() as session:
            key = OutboundJob.address_key == office.stage.key(f"u{number}")
            session.execute(update(OutboundJob).where(key).values(**values))
    lines = [" ".join(line.split()) for line in office("outbox").splitlines()]
    until = f"{(office.stage.now + STALE).astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%d %H:%M}"
    for state, _, sentence in SAID:
        assert any(f"test/main snack marketing {state} typed 1 {until} {sentence}" in line for line in lines), sentence


# what is ignored over SMS, and what a shop owner reads
IGNORED = [
    ("sender:country", "from countries that the account does not serve"),
    ("sender:name", "from what is no phone number"),
    ("message:AccountSid", "messages of another Twilio account"),
    ("item:from", "entries of a list that are no messages"),
    ("receipt:MessageStatus", "receipts with a state that Twilio has added since"),
    ("receipt:unnamed", "receipts that name no text"),
    ("receipt:state", "receipts with a state that is in no list of [receipt]"),
    ("receipt:0x04", "receipts that cannot be read"),
    ("pdu:data_sm", "requests of kinds that are not spoken here"),
]


def test_what_was_ignored_is_told_in_sentences(office: Office) -> None:
    meters = [Meter("web"), Meter("sms")]
    opened = [MetricsFile(meter, Path("var/metrics")) for meter in meters]
    for meter in meters:
        for what, _ in IGNORED:
            meter.unread("sms", "main", what)
    for page in opened:
        page.write()
    lines = [" ".join(line.split()) for line in office("outbox").splitlines()]
    for page in opened:
        page.close()
    for what, sentence in IGNORED:
        assert any(line.startswith(f"sms/main 2 {what} ") and sentence in line for line in lines), what
    nothing = "what platforms delivered and nothing follows from"
    assert {ignored(channel, "anything") for channel in ("sms", "wechat", "of old")} == {nothing}
    assert office("outbox") == "Everything was delivered.\n"


def test_every_reason_that_the_policy_knows_has_a_sentence() -> None:
    assert all(text_status("due", error) != f"waits: {error}" for error in WAITS)
