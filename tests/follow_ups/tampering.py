"""A scene with follow-ups and a calendar, and what somebody could change in it behind our back."""

from tests.follow_ups.scene import campaign, join, pass_time, say, unasked
from tests.stage import Stage

SCENE = campaign(f"""
follow_ups:
  - {{name: come-back, when: 20h after first contact, {say("come")}}}
calendar:
  - {{name: morning, cron: "0 9 * * *", {say("good")}}}
""")


def play_unasked(stage: Stage) -> None:
    """Two players hear a follow-up and an announcement; a further announcement waits for its run."""
    stage.publish(SCENE)
    for by in ("u1", "u2"):
        join(stage, by)
    pass_time(stage, hours=21)
    assert sorted(unasked(stage)) == ["come", "good"]


_SAID = "everything said unasked"
_PLANTED = "every run of the calendar planted"
_ONE = "owner_id = (SELECT min(owner_id) FROM timers)"
UNASKED_TAMPERING = [
    (
        "a timer that fired early",
        f"UPDATE timers SET due_at = '2099-01-01 00:00:00' WHERE {_ONE}",
        "no timer fired before",
    ),
    (
        "a timer that failed",
        f"UPDATE timers SET state = 'failed' WHERE kind = 'announce' AND {_ONE}",
        "no timer has failed",
    ),
    (
        "a timer of nobody",
        f"UPDATE timers SET owner_id = 5 WHERE kind = 'follow-up' AND {_ONE}",
        "every timer belongs to a player",
    ),
    ("a text that was not said", "UPDATE timers SET state = 'due', settled_at = NULL WHERE kind = 'follow-up'", _SAID),
    ("a text that was swallowed", "DELETE FROM outbox WHERE ref LIKE 'notice:announce:%'", _SAID),
    ("a timer swallowed", f"DELETE FROM timers WHERE kind = 'announce' AND {_ONE}", _PLANTED),
    ("a run denied", "DELETE FROM calendar_runs", _PLANTED),
    ("a run that planted more", "UPDATE calendar_runs SET planted = planted + 1", _PLANTED),
]
