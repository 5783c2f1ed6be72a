"""A scene with texts that are to be delivered, and what somebody could change in it behind our back."""

from core.sending.outbound import Delivered, Limits, Refused
from tests.sending.rig import MARKETING, NOTICE, Desk, Platform, queue
from tests.sending.test_spend_limits import FiveFen
from tests.stage import Stage


def play_sending(stage: Stage) -> None:
    """u1's first text was delivered, u2's was given up; one more waits for each, and one is on its way to u3."""
    stage.publish()
    desk = Desk(stage, Platform())
    for user in ("u1", "u2"):
        queue(stage, user, NOTICE)
    desk.platform.says = lambda message: Delivered() if message.user == "u1" else Refused("gone")
    desk.rounds()
    queue(stage, "u3", MARKETING)
    desk.lose()
    for user in ("u1", "u2"):
        queue(stage, user, NOTICE)
    stage.limits["test", "main"] = Limits(FiveFen())
    stage.say("help", by="u4")
    stage.say("stop", by="u4")


_DELIVERED = "every queued text is to be delivered"
_RODE = "what was held went back with the answer"
_TAKEN = "every text on its way was taken"
_PAID = "what texts cost is summed up"
_KINDS = "every transfer is of a known kind"
_WISHED = "who opted out is kept so"

# id, what somebody did in SQL, the check that must notice
SENDING_TAMPERING = [
    ("a text that nobody delivers", "DELETE FROM dispatches WHERE state = 'due'", _DELIVERED),
    ("a text given up for good", "DELETE FROM dispatches WHERE state = 'dead'", _DELIVERED),
    ("sent, it says, and waits", "UPDATE outbox SET state = 'sent' WHERE state = 'queued'", _DELIVERED),
    ("delivered, and queued again", "UPDATE outbox SET state = 'queued' WHERE state = 'sent'", _DELIVERED),
    ("rode on nobody's answer", "UPDATE outbox SET carried_by = 'm' WHERE state = 'answered'", _RODE),
    ("rode, and was sent", "UPDATE outbox SET carried_by = 'm' WHERE state = 'sent'", _RODE),
    ("rode on nothing", "UPDATE outbox SET state = 'answered' WHERE state = 'sent'", _RODE),
    ("out of order", "UPDATE dispatches SET sequence = sequence + 10", _DELIVERED),
    ("another text", "UPDATE dispatches SET ref = 're:' || ref", _DELIVERED),
    ("another account", "UPDATE dispatches SET account = 'other'", "every text goes out by the account"),
    ("taken by nobody", "UPDATE dispatches SET state = 'sending' WHERE state = 'due'", _TAKEN),
    ("taken, and let go", "UPDATE dispatches SET state = 'due' WHERE state = 'sending'", _TAKEN),
    ("money that came back", "UPDATE spendings SET micros = micros - 1", _PAID),
    ("a sum forgotten", "DELETE FROM spendings", _PAID),
    (
        "somebody else's money",
        "UPDATE transfers SET credit = 'account:x:y:spent' WHERE ref LIKE 'cost:%'",
        "every transfer is of a known kind",
    ),
    ("opted in by somebody", "UPDATE addresses SET opted_out_at = NULL", _WISHED),
    ("opted out by somebody", "UPDATE addresses SET opted_out_at = heard_at", _WISHED),
    (
        "an announcement of no run",
        "UPDATE dispatches SET campaign_id = 1, job = 'x', scheduled_at = due_at WHERE category = 4",
        "every text is sent as what it was said",
    ),
    (
        "marketing as a notice",
        "UPDATE dispatches SET category = 1 WHERE category = 4",
        "every text is sent as what it was said",
    ),
    ("rights that nobody gave", "UPDATE addresses SET typed_left = 1", "nobody has more rights left"),
    (
        "marketing after STOP",
        "INSERT INTO touches (address_key, sequence, at, said_count) SELECT address_key, 9, at, 9 FROM consents",
        "no marketing went to somebody",
    ),
]
