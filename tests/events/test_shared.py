"""What people share in a chat: their own number, a friend's contact, a place."""

from core.engine.delivery import delivery
from core.messages import InboundKind, InboundMessage
from core.models import Player
from handlers.claims.details import details_of
from tests.relay.torchbearers import open_relay
from tests.snack import SNACK, SURE
from tests.stage import CAMPAIGN, Stage
from tests.talking import all_of, claims, faults, keys_of, play

OWN, FRIEND = "+8613800001007", "138 0000 1008"


def share(stage: Stage, kind: InboundKind, text: str = "", by: str = "u1") -> list[str]:
    """Share something; the keys of the answer."""
    made = InboundMessage.received(
        ("test", "main", by), f"shared-{next(stage._ids)}", text, stage.now, waits=True, kind=kind
    )
    (answer,) = stage.take(delivery(made, stage.keys))
    return keys_of("\n".join(answer.texts))


def test_ones_own_number_is_the_courier_s_and_never_a_friend_s(stage: Stage) -> None:
    stage.publish(SURE)
    play(stage)
    stage.say("Anna Lee")
    assert share(stage, InboundKind.OWN_NUMBER, OWN) == ["delivery.address"]
    (claim,) = claims(stage)
    assert details_of(stage.keys, claim).phone == OWN
    stage.say("12 King Street")
    assert share(stage, InboundKind.OWN_NUMBER, "+8613900001007") == ["delivery.confirm"]
    (claim,) = claims(stage)
    assert details_of(stage.keys, claim).phone == "+8613900001007"
    assert share(stage, InboundKind.OWN_NUMBER, OWN, by="u2") == ["shared.number"]
    assert len(all_of(stage, Player)) == 1
    assert faults(stage) == []


def test_a_friend_s_contact_recommends_and_answers_no_question(stage: Stage) -> None:
    stage.publish(SURE)
    play(stage)
    stage.say("Anna Lee")
    assert share(stage, InboundKind.CONTACT, FRIEND) == ["recommend.waits", "delivery.phone"]
    assert share(stage, InboundKind.CONTACT, "8613800001008") == ["recommend.again", "delivery.phone"]
    assert share(stage, InboundKind.CONTACT, "1234", by="u2") == ["recommend.no_number"]
    (claim,) = claims(stage)
    assert details_of(stage.keys, claim).phone is None
    assert faults(stage) == []


def test_a_friend_s_contact_without_friends_is_nothing(stage: Stage) -> None:
    stage.publish(CAMPAIGN)
    stage.say("hello")
    assert share(stage, InboundKind.CONTACT, FRIEND) == ["welcome.answer"]


def test_a_point_on_a_map_is_no_address_and_a_venue_s_may_be(stage: Stage) -> None:
    stage.publish(SURE)
    play(stage)
    assert share(stage, InboundKind.LOCATED) == ["shared.place", "delivery.name"]
    assert share(stage, InboundKind.LOCATED, "Central Park") == ["delivery.name"]
    stage.say("Anna Lee")
    assert share(stage, InboundKind.LOCATED) == ["shared.place", "delivery.phone"]
    assert keys_of(stage.say(OWN)) == ["delivery.confirm"]
    stage.say("4")
    assert share(stage, InboundKind.LOCATED, "") == ["shared.place", "delivery.address"]
    assert share(stage, InboundKind.LOCATED, "Mug Bar, 1 High Street") == ["delivery.confirm"]
    (claim,) = claims(stage)
    known = details_of(stage.keys, claim)
    assert (known.name, known.address) == ("Anna Lee", "Mug Bar, 1 High Street")
    assert share(stage, InboundKind.LOCATED, "Elsewhere, 5 Low Street") == ["shared.place", "delivery.confirm"]
    assert faults(stage) == []


def test_what_is_shared_without_a_question_joins_nobody(stage: Stage) -> None:
    open_relay(stage)
    for kind, text in ((InboundKind.LOCATED, ""), (InboundKind.LOCATED, "stop"), (InboundKind.OWN_NUMBER, OWN)):
        assert share(stage, kind, text)[0].startswith("shared.")
    assert all_of(stage, Player) == []
    stage.publish(SNACK)
    assert share(stage, InboundKind.CONTACT, "STOP") == ["recommend.no_number"]
    assert faults(stage) == []
