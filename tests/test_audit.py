"""The audit finds what somebody changed behind our back: one broken row for every check."""

import pytest
from sqlalchemy import text

from core.audit.audit import CHECKS, audit
from tests.stage import CAMPAIGN, Stage

EVERYBODY_WINS = CAMPAIGN.replace("1/1000000000", "1/1").replace("stock: 10}", "stock: 1}")

# id, what somebody did in SQL, the check that must notice
TAMPERING = [
    ("points given by hand", "UPDATE players SET points = points + 1", "every player's points equal the ledger"),
    ("a transfer erased", "DELETE FROM transfers WHERE reason = 'code'", "every player's points equal the ledger"),
    (
        "points to a stranger",
        "UPDATE transfers SET credit = 'player:1' WHERE reason = 'code'",
        "every transfer moves what belongs to its own player",
    ),
    ("stock conjured", "UPDATE prizes SET stock_left = stock_left + 1", "every prize's stock equals the ledger"),
    ("a win forgotten", "UPDATE players SET wins = 0", "every player's wins equal the draws"),
    (
        "a batch never activated",
        "UPDATE batches SET activated_at = NULL",
        "every redemption belongs to its code's batch and campaign",
    ),
    (
        "paid twice",
        """INSERT INTO transfers SELECT owner_id, 'code:' || substr(ref, 5), campaign_id, 'points', 'campaign:1:points',
        credit, 10, 'code', NULL, at FROM transfers WHERE reason = 'won'""",
        "every redemption is paid by exactly one of prize and points",
    ),
    ("a draw moved", "UPDATE draws SET player_id = player_id + 1", "every draw is the draw of its redemption"),
    ("a code added", "INSERT INTO codes SELECT address_key, 1 FROM inbox LIMIT 1", "every batch holds the codes"),
    ("a roll changed", "UPDATE draws SET roll = '0000000000000000'", "every draw follows from seed"),
    ("odds changed", "UPDATE draws SET odds_in = odds_in * 2", "every draw follows from seed"),
    ("a winner chosen", "UPDATE draws SET prize = 'phone'", "every draw follows from seed"),
    ("rules changed", "UPDATE campaign_versions SET rules = rules || ' '", "every seed and all rules"),
    ("another commitment", "UPDATE campaigns SET seed_commitment = 'x'", "every seed and all rules"),
    ("an answer lost", "DELETE FROM outbox", "every message has a stored answer"),
    ("an answer to nothing", "DELETE FROM inbox", "every message has a stored answer"),
    ("a number twice", "UPDATE outbox SET sequence = 1", "every conversation is numbered without gaps"),
    ("a join to nobody", "UPDATE joins SET player_id = 5", "every join leads to a player"),
]


def _play(stage: Stage) -> None:
    stage.publish(EVERYBODY_WINS)
    first, second = stage.codes(2)
    assert stage.say(first).startswith("redeem.won")
    assert stage.say(second).startswith("redeem.points")


def _broken(stage: Stage) -> set[str]:
    return {check.says for check, faults in audit(stage.database, stage.keys) if faults}


def test_an_honest_database_is_clean_and_every_check_runs(stage: Stage) -> None:
    _play(stage)
    assert len(CHECKS) == len({check.says for check in CHECKS}) > 10
    assert [check for check, _ in audit(stage.database, stage.keys)] == list(CHECKS)
    assert _broken(stage) == set()


@pytest.mark.parametrize(("name", "sql", "says"), TAMPERING, ids=[row[0] for row in TAMPERING])
def test_tampering_is_found(stage: Stage, name: str, sql: str, says: str) -> None:
    _play(stage)
    with stage.database.begin() as connection:
        assert connection.execute(text(sql)).rowcount > 0
    assert any(check.startswith(says) for check in _broken(stage))


def test_more_codes_a_day_than_the_limit_are_found(stage: Stage) -> None:
    stage.publish(CAMPAIGN.replace("per_player_per_day: 10", "per_player_per_day: 1"))
    first, second = stage.codes(2)
    stage.say(first)
    stage.wait(days=1)
    stage.say(second)
    assert _broken(stage) == set()
    with stage.database.begin() as connection:
        connection.execute(text("UPDATE redemptions SET counted_on = (SELECT min(counted_on) FROM redemptions)"))
    assert _broken(stage) == {"nobody redeemed more codes a day than the limit"}


def test_every_check_is_shown_to_notice_something() -> None:
    told = [says for _, _, says in TAMPERING] + ["nobody redeemed more codes a day than the limit"]
    assert [check.says for check in CHECKS if not any(check.says.startswith(says) for says in told)] == []
