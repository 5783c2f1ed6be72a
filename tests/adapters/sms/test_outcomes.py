"""Verdicts of gateways that put them into lists, and those that nobody can read: such a text is sent once at most."""

import json
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from bots.http_client import HttpResponse
from bots.sms.gateway.account import SayTable
from bots.sms.gateway.outbound import outcome_of
from core.sending.operations import set_paused
from core.sending.operations import unreadable as unread
from core.sending.outbound import Category, Delivered, Outcome, Refused, TryAgain, Unknown, unreadable
from tests.sending.rig import ANSWER, MARKETING, NOTICE, Desk, Platform, account, queue, sent, states
from tests.stage import Stage


def saying(**given: Any) -> SayTable:
    usual = {"url": "https://gateway.example/send", "fields": {"to": "{to}", "text": "{text}"}}
    return SayTable(**{**usual, **given})


def says(told: object, status: int = 200) -> HttpResponse:
    return HttpResponse(status, {}, told if isinstance(told, bytes) else json.dumps(told).encode())


MINUTE = timedelta(seconds=60)
VONAGE = saying(taken_field="messages.*.status", taken_values=["0"], external_id="messages.*.message-id", closed=["1"])
PLIVO = saying(external_id="message_uuid.0")
INFOBIP = saying(
    taken_field="messages.0.status.groupId",
    taken_values=["1", "3"],
    external_id="messages.0.messageId",
    refused=["5"],
)
AFRICAS_TALKING = saying(
    taken_field="SMSMessageData.Recipients.0.statusCode",
    taken_values=["100", "101", "102"],
    external_id="SMSMessageData.Recipients.0.messageId",
    gone=["403"],
)

ANSWERS: list[tuple[str, SayTable, HttpResponse, Outcome]] = [
    (
        "Vonage",
        VONAGE,
        says({"message-count": "1", "messages": [{"to": "447700900000", "message-id": "aaa-1", "status": "0"}]}),
        Delivered(("aaa-1",)),
    ),
    (
        "Vonage, in two parts",
        VONAGE,
        says({"messages": [{"message-id": "aaa-1", "status": "0"}, {"message-id": "aaa-2", "status": "0"}]}),
        Delivered(("aaa-1", "aaa-2")),
    ),
    (
        "Vonage, throttled",
        VONAGE,
        says({"message-count": "1", "messages": [{"status": "1", "error-text": "Throttled"}]}),
        TryAgain("1", MINUTE),
    ),
    ("Plivo", PLIVO, says({"message": "message(s) queued", "message_uuid": ["db3c"]}, 202), Delivered(("db3c",))),
    (
        "Infobip",
        INFOBIP,
        says({"messages": [{"messageId": "2250", "status": {"groupId": 1, "groupName": "PENDING", "id": 26}}]}),
        Delivered(("2250",)),
    ),
    ("Infobip, rejected", INFOBIP, says({"messages": [{"status": {"groupId": 5}}]}), Refused("5")),
    (
        "Africa's Talking",
        AFRICAS_TALKING,
        says({"SMSMessageData": {"Recipients": [{"statusCode": 101, "messageId": "ATXid_1"}]}}, 201),
        Delivered(("ATXid_1",)),
    ),
    ("Africa's Talking, closed to us by a proxy", AFRICAS_TALKING, says(b"Forbidden", 403), TryAgain("403", MINUTE)),
    ("Africa's Talking, somebody else's 410", AFRICAS_TALKING, says(b"", 410), Unknown("410")),
    (
        "Africa's Talking, no such number",
        AFRICAS_TALKING,
        says({"SMSMessageData": {"Recipients": [{"statusCode": 403.0}]}}, 201),
        Refused("403", unreachable=True),
    ),
    (
        "one of two parts not taken",
        VONAGE,
        says({"messages": [{"status": "0"}, {"status": "1"}]}),
        Unknown("partly_taken", again=False),
    ),
    (
        "an empty list",
        VONAGE,
        says({"message-count": "0", "messages": []}),
        unreadable("messages.*.status: no '*' in a list of 0"),
    ),
    (
        "another shape",
        AFRICAS_TALKING,
        says({"SMSMessageData": {"Message": "InvalidSenderId", "Recipients": []}}),
        unreadable("SMSMessageData.Recipients.0.statusCode: no '0' in a list of 0"),
    ),
    (
        "names that may be numbers are not shown",
        INFOBIP,
        says({"+8613800138000": 1, "n8613800138000": 2, "ok": "你好"}),
        unreadable("messages.0.status.groupId: no 'messages' in {ok}"),
    ),
    ("a page", VONAGE, says(b"<html>Log in"), unreadable("messages.*.status: the answer is no JSON")),
    ("half of it", VONAGE, says(b'{"messages":[{"status":'), unreadable("messages.*.status: the answer is no JSON")),
    ("nothing", VONAGE, says(b""), unreadable("messages.*.status: the answer is no JSON")),
    (
        "null",
        INFOBIP,
        says({"messages": [{"status": None}]}),
        unreadable("messages.0.status.groupId: no 'groupId' in NoneType"),
    ),
    ("a table", VONAGE, says({"messages": [{"status": {"x": 1}}]}), unreadable("messages.*.status: holds {x}")),
    (
        "a code that nobody has told us",
        INFOBIP,
        says({"messages": [{"status": {"groupId": 9}}]}),
        Unknown("9", again=False),
    ),
    ("a login page elsewhere", VONAGE, says(b"", 302), TryAgain("302", MINUTE)),
    ("a server that broke", VONAGE, says(b"", 500), Unknown("500")),
]


@pytest.mark.parametrize(("how", "answer", "outcome"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS])
def test_what_an_answer_means(how: SayTable, answer: HttpResponse, outcome: Outcome) -> None:
    assert outcome_of(how, answer) == outcome


NEVER = ["messages[0].status", "$.messages", "a..b", ".a", "a.", "field:status", " status", "a['b']"]


@pytest.mark.parametrize("path", NEVER)
@pytest.mark.parametrize("where", ["taken_field", "external_id", "error"])
def test_a_path_that_can_never_be_found_is_refused(where: str, path: str) -> None:
    with pytest.raises(ValidationError, match="can never be found"):
        saying(**{"taken_values": ["0"], where: path})


def test_the_remedy_names_the_path_as_it_is_written_here() -> None:
    with pytest.raises(ValidationError, match=r"'messages\.0\.status'"):
        saying(taken_values=["0"], taken_field="$.messages[0]['status']")


@pytest.mark.parametrize("category", [ANSWER, NOTICE, MARKETING])
def test_a_text_whose_verdict_nobody_can_read_is_sent_once_and_the_account_waits(
    stage: Stage, category: Category
) -> None:
    desk = Desk(stage, Platform())
    queue(stage, "u1", category)
    desk.platform.says = lambda _message: unreadable("messages.0.status: no 'messages' in {count}")
    for _ in range(30):
        desk.rounds()
        desk.wait(hours=1)
    assert len(desk.platform.messages) == 1
    assert (states(stage), sent(stage), account(stage).paused) == (["unknown"], 0, True)
    with stage.sessions() as session:
        assert unread(session, "test", "main") == "messages.0.status: no 'messages' in {count}"
    queue(stage, "u2", ANSWER)
    desk.rounds()
    assert len(desk.platform.messages) == 1, "nothing more goes before an operator has looked"
    with stage.sessions.begin() as session:
        set_paused(session, "test", "main", stage.now, paused=False)
    desk.platform.says = lambda _message: Delivered()
    desk.rounds()
    assert [message.user for message in desk.platform.messages] == ["u1", "u2"]


def test_a_code_that_nobody_has_told_us_costs_one_text_and_no_other(stage: Stage) -> None:
    desk = Desk(stage, Platform())
    queue(stage, "u1", ANSWER)
    desk.platform.says = lambda _message: Unknown("NEW", again=False)
    desk.rounds()
    desk.wait(hours=1)
    desk.rounds()
    assert (len(desk.platform.messages), states(stage), account(stage).paused) == (1, ["unknown"], False)
