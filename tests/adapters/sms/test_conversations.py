"""Conversations over gateways: the real engine behind the webhook, the sender in front of a fake."""

from datetime import timedelta

from sqlalchemy import select

from bots.sms.gateway.outbound import GatewayOutbound
from bots.sms.kannel.outbound import KannelOutbound
from bots.sms.twilio.outbound import TwilioOutbound
from core.models import Address, Outbox, Spending
from tests.adapters.sms.rig import (
    PUBLIC,
    SECRET,
    Chats,
    chats,
    gateway_account,
    kannel_account,
    twilio_account,
)
from tests.fakes.gateways import Aggregator, Kannel, Twilio, drop
from tests.sending.rig import Desk
from tests.stage import Stage

ANNA, BOB = "+8613800138000", "+8613800138001"


def said(chat: Chats, text: str, id: str, sender: str = ANNA) -> str:
    response = chat.call(Kannel.message("main", SECRET, text, sender=sender, id=id))
    assert response.status_code == 200
    return response.data.decode()


def outbox(stage: Stage) -> list[tuple[str, bool]]:
    """(state, whether it went back in the connection) of all texts, in order."""
    with stage.sessions() as session:
        return [(one.state, one.state == "sent") for one in session.scalars(select(Outbox).order_by(Outbox.sequence))]


def test_a_code_is_redeemed_once_and_a_second_delivery_hears_the_same(stage: Stage) -> None:
    with chats(stage, kannel_account()) as chat:
        (code,) = stage.codes(1)
        first = said(chat, code, "m1")
        assert first.startswith("redeem.points")
        assert said(chat, code, "m1") == first
        assert said(chat, code, "m2", sender=BOB) == "redeem.used"
        changed = chat.call(Kannel.message("main", SECRET, "another text", id="m1"))
        assert (changed.status_code, changed.text) == (200, ""), "no gateway delivers it for ever"


def test_a_number_is_one_player_however_it_is_spelled(stage: Stage) -> None:
    with chats(stage, kannel_account()) as chat:
        for number, spelled in enumerate((ANNA, ANNA[1:], "0086" + ANNA[3:], ANNA[3:])):
            said(chat, "help", f"m{number}", sender=spelled)
        with stage.sessions() as session:
            assert len(session.scalars(select(Address.key)).all()) == 1


def test_stop_is_confirmed_once(stage: Stage) -> None:
    with chats(stage, kannel_account()) as chat:
        assert "stop" in said(chat, "STOP", "m1").lower()
        with stage.sessions() as session:
            (address,) = session.scalars(select(Address))
            assert address.opted_out_at is not None


def test_a_late_turn_is_answered_by_the_sender_and_by_it_alone(stage: Stage, kannel: Kannel) -> None:
    account = kannel_account(url=f"{kannel.url}/cgi-bin/sendsms")
    with chats(stage, account) as chat:
        chat.slow = timedelta(seconds=11)
        assert said(chat, "help", "m1") == ""
        assert said(chat, "help", "m1") == ""
        sends = KannelOutbound(account, PUBLIC, lambda: stage.now)
        Desk(stage, sends).rounds()
        sends.close()
        assert len(kannel.taken) >= 1
        assert kannel.taken[0]["to"] == ANNA
        chat.slow = timedelta()
        assert said(chat, "help", "m1") == ""
        assert chat.call(kannel.receipt(0, 1)).status_code == 200
        assert [receipt.dispatch for receipt in chat.receipts] == [
            kannel.taken[0]["dlr-url"].split("=")[1].split("&")[0]
        ]


def test_an_answer_whose_fate_is_unknown_is_sent_again(stage: Stage, aggregator: Aggregator) -> None:
    account = gateway_account(say={"url": f"{aggregator.url}/v1/send"})
    with chats(stage, account) as chat:
        assert chat.call(aggregator.messages("main", (ANNA[3:], "1", "help"))).status_code == 200
        sends = GatewayOutbound(account, PUBLIC, lambda: stage.now)
        desk = Desk(stage, sends)
        aggregator.acts.append(drop)
        desk.rounds()
        first = len(aggregator.taken)
        desk.wait(minutes=30)
        desk.rounds()
        sends.close()
        assert len(aggregator.taken) > first
        assert {told["mobile"] for told in aggregator.taken} == {ANNA[1:]}
        assert len({told["out_id"] for told in aggregator.taken}) == len(aggregator.taken)
        assert {state for state, _ in outbox(stage)} == {"sent"}


def test_twilio_is_answered_in_the_connection(stage: Stage, twilio: Twilio) -> None:
    account = twilio_account(base_url=twilio.url, price_micros=7_900, currency="USD")
    with chats(stage, account, PUBLIC) as chat:
        (code,) = stage.codes(1)
        response = chat.call(twilio.message(PUBLIC, "main", code, "SM1"))
        assert "<Message>redeem.points" in response.text
        assert chat.call(twilio.message(PUBLIC, "main", code, "SM1")).text == response.text
        sends = TwilioOutbound(account, PUBLIC, lambda: stage.now)
        Desk(stage, sends).rounds()
        sends.close()
        with stage.sessions() as session:
            (spent,) = session.scalars(select(Spending))
        assert (spent.prefix, spent.texts, spent.micros) == ("+141586", 1, 7_900)
        assert twilio.taken == []  # what went back in the connection does not go out again


def test_a_captured_request_changes_nothing_when_it_comes_again(stage: Stage, twilio: Twilio) -> None:
    account = twilio_account()
    with chats(stage, account, PUBLIC) as chat:
        codes = stage.codes(2)
        captured = twilio.message(PUBLIC, "main", codes[0], "SM1")
        first = chat.call(captured).text
        chat.call(twilio.message(PUBLIC, "main", codes[1], "SM2"))
        stage.wait(days=30)
        assert chat.call(captured).text == first
        balance = chat.call(twilio.message(PUBLIC, "main", "points", "SM3")).text
        assert "20" in balance


def test_a_notice_that_somebody_opted_out_is_their_stop(stage: Stage) -> None:
    account = gateway_account(hear={"left": {"known_by": "sender_id", "sender": "phone"}})
    notice = Aggregator.push("/sms/main", [{"phone": "13800138000", "sender_id": "1"}])
    start = Aggregator.push("/sms/main", [{"phone_number": ANNA, "content": "START", "sequence_id": 9}])
    with chats(stage, account) as chat:
        for request, opted_out in ((notice, True), (notice, True), (start, False)):
            assert chat.call(request).status_code == 200
            stage.now += timedelta(minutes=1)
            with stage.sessions() as session:
                (address,) = session.scalars(select(Address))
                assert (address.opted_out_at is not None) == opted_out
    with stage.sessions() as session:
        sent = [row.state for row in session.scalars(select(Outbox).order_by(Outbox.sequence))]
    assert sent == ["answered", "queued"], "the gateway has answered the first by itself"
