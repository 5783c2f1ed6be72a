"""A scene with torches that burn, wait and went out, and what somebody could change in it behind our back."""

from tests.relay.torchbearers import begin, count, open_relay, param
from tests.stage import Stage


def play_relay(stage: Stage) -> None:
    """a lights with b, who waits; c's torch goes out, d comes late, c lights it anew; e and f wait for the roll-up."""
    open_relay(stage)
    word, other = begin(stage, "a"), begin(stage, "c")
    stage.wait(minutes=1)
    assert "relay.you_lit" in stage.say(word, by="b")
    stage.wait(minutes=10)
    stage.tick()
    assert "relay.you_late" in stage.say(other, by="d")
    stage.wait(hours=1)
    stage.tick()
    assert stage.say("relight", by="c").startswith("relay.relit")
    assert count(stage)
    code = stage.say(stage.codes(1, "torch")[0], by="e")
    assert "relay.you_lit" in stage.say(param(code, "word"), by="f")
    assert stage.say("my name is Ann", by="a").startswith("name.taken")
    assert stage.say("my name is Official Ann", by="a").startswith("name.waits")


_STRANGER = "(SELECT key FROM addresses LIMIT 1)"

# id, what somebody did in SQL, the check that must notice, and no other
RELAY_TAMPERING = [
    ("a friend invented", "UPDATE torches SET lit_by = 7 WHERE state = 'lit'", "every torch is lit by the first"),
    ("another torch's friend", "UPDATE torches SET lit_by = player_id WHERE state = 'lit'", "every torch is lit by"),
    ("another's torch", "UPDATE torches SET parent_number = 9 WHERE leg = 2", "every torch stands in its place"),
    ("a clock stopped", "DELETE FROM timers WHERE kind = 'torch.out' AND state = 'due'", "every torch that waits has"),
    (
        "a minute more",
        "UPDATE timers SET due_at = (SELECT max(joined_at) FROM players) WHERE kind = 'torch.out' AND state = 'due'",
        "every torch that waits has",
    ),
    ("a torch more a day", "UPDATE quota_days SET taken = taken + 1", "every torch of a quota and every perk"),
    ("a day forgotten", "DELETE FROM quota_days", "every torch of a quota and every perk"),
    (
        "a perk exchanged",
        f"UPDATE torches SET perk_hash = {_STRANGER} WHERE perk IS NOT NULL",
        "every torch of a quota",
    ),
    ("a longer chain", "UPDATE chains SET torches = torches + 1", "every chain equals a recount"),
    ("an empty chain", "INSERT INTO chains SELECT 7, 1, 1, 0, 0, reached_at FROM chains LIMIT 1", "every chain equals"),
    (
        "another runner",
        "UPDATE runners SET player_id = 7 WHERE player_id = (SELECT max(player_id) FROM runners)",
        "every runner equals a recount",
    ),
    ("a better place", "UPDATE tallies SET count = count + 1 WHERE what = 'passed'", "every count of the boards"),
    ("a level that lies", "UPDATE tallies SET count = count + 1 WHERE level = 3", "every count of the boards"),
    (
        "a name shown that waits",
        "UPDATE players SET name_sealed = name_waiting_sealed WHERE name_waiting_sealed IS NOT NULL",
        "every sealed text opens",
    ),
    ("a name off the list", "UPDATE players SET name_waiting_at = NULL", "every name that waits is on the list"),
    ("a place below zero", "INSERT INTO tallies VALUES (1, 'passed', 0, 9, -1)", "every count of the boards"),
]
