"""The audit finds what somebody changed behind our back: one broken row for every check."""

from importlib import import_module
from pathlib import Path

import pytest
from psycopg import ServerCursor
from sqlalchemy import event, text

from core.audit.audit import CHECKS, audit
from handlers import MECHANICS
from tests.follow_ups.tampering import UNASKED_TAMPERING, play_unasked
from tests.goods_tampering import GOODS_TAMPERING, play_goods
from tests.relay.tampering import RELAY_TAMPERING, play_relay
from tests.scenes import BACKENDS, Play, Scenes, broken
from tests.sending.tampering import SENDING_TAMPERING, play_sending
from tests.stage import CAMPAIGN, Stage

HERE = Path(__file__).parent
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
    ("stock conjured", "UPDATE prizes SET stock_left = stock_left + 1", "every stock equals the ledger"),
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
    ("a day's limit lifted", "UPDATE players SET redeemed_today = 0", "every player's last day"),
    ("never redeemed", "UPDATE players SET redeemed_on = NULL, redeemed_today = 0", "every player's last day"),
    ("a draw moved", "UPDATE draws SET player_id = player_id + 1", "every draw is the draw of its redemption"),
    ("a code added", "INSERT INTO codes SELECT address_key, 1 FROM inbox LIMIT 1", "every batch holds the codes"),
    ("a roll changed", "UPDATE draws SET roll = '0000000000000000'", "every draw follows from seed"),
    ("odds changed", "UPDATE draws SET odds_in = odds_in * 2", "every draw follows from seed"),
    ("a winner chosen", "UPDATE draws SET prize = 'phone'", "every draw follows from seed"),
    ("rules changed", "UPDATE campaign_versions SET rules = rules || ' '", "every seed and all rules"),
    ("closed at once", "UPDATE campaigns SET closes_at = published_at", "every campaign opens and closes"),
    ("a version that is none", "UPDATE campaigns SET version = 7", "every campaign opens and closes"),
    ("another commitment", "UPDATE campaigns SET seed_commitment = 'x'", "every seed and all rules"),
    ("an answer lost", "DELETE FROM outbox", "every message has a stored answer"),
    ("an answer to nothing", "DELETE FROM inbox", "every message has a stored answer"),
    ("a number twice", "UPDATE outbox SET sequence = 1", "every conversation is numbered without gaps"),
    (
        "a question of elsewhere",
        "UPDATE addresses SET question = 'gifts.choose ', question_campaign_id = 77, question_until = heard_at",
        "every question is whole",
    ),
    ("half a question", "UPDATE addresses SET question = 'gifts.choose '", "every question is whole"),
    (
        "an award raised",
        "UPDATE transfers SET amount = 1000 WHERE reason = 'code'",
        "every award is what the rules give",
    ),
    (
        "an award from elsewhere",
        "UPDATE transfers SET debit = 'campaign:2:points' WHERE reason = 'code'",
        "every award is what the rules give",
    ),
    (
        "an award of a prize",
        "UPDATE transfers SET asset = 'prize:phone' WHERE reason = 'code'",
        "every award is what the rules give",
    ),
    (
        "an award for no code",
        """INSERT INTO transfers SELECT owner_id, 'code:00', campaign_id, asset, debit, credit, amount, reason, note, at
        FROM transfers WHERE reason = 'code'""",
        "every award is what the rules give",
    ),
    ("two pieces for one", "UPDATE transfers SET amount = 2 WHERE reason = 'won'", "every prize handed out"),
    ("a dearer prize", "UPDATE transfers SET asset = 'prize:car' WHERE reason = 'won'", "every prize handed out"),
    (
        "a prize of other stock",
        "UPDATE transfers SET debit = 'campaign:1:stock:car' WHERE reason = 'won'",
        "every prize handed out",
    ),
    (
        "a prize of another campaign",
        "UPDATE transfers SET campaign_id = 2, debit = 'campaign:2:stock:phone' WHERE reason = 'won'",
        "every prize handed out",
    ),
    (
        "a prize for no draw",
        """INSERT INTO transfers SELECT owner_id, 'won:00', campaign_id, asset, debit, credit, amount, reason, note, at
        FROM transfers WHERE reason = 'won'""",
        "every prize handed out",
    ),
    (
        "a gift of no kind",
        """INSERT INTO transfers SELECT owner_id, 'gift:1', campaign_id, asset, debit, credit, amount, reason, note, at
        FROM transfers WHERE reason = 'code'""",
        "every transfer is of a known kind",
    ),
    (
        "a house transfer of no kind",
        "UPDATE transfers SET ref = 'stick:' || ref WHERE owner_id = 0",
        "every transfer is of a known kind",
    ),
    (
        "stock from nowhere",
        "UPDATE transfers SET debit = 'campaign:1:moon' WHERE owner_id = 0",
        "every transfer is of a known kind",
    ),
    (
        "an expiry that gives",
        """INSERT INTO transfers SELECT owner_id, 'expire:1', campaign_id, asset, debit, credit, amount, reason, note,
        at FROM transfers WHERE reason = 'code'""",
        "every transfer is of a known kind",
    ),
    ("a prize lost", "DELETE FROM prizes", "every stock equals the ledger"),
    ("a losing draw erased", "DELETE FROM draws WHERE prize IS NULL", "every redemption was rolled for unless"),
    ("a seed exchanged", "UPDATE campaigns SET seed_sealed = text_sealed FROM inbox", "every seed and all rules"),
    ("a message exchanged", "UPDATE inbox SET text_sealed = outbox.text_sealed FROM outbox", "every sealed text opens"),
    (
        "what came along exchanged",
        "UPDATE inbox SET attachments_sealed = text_sealed",
        "every sealed text opens",
    ),
    ("a body exchanged", "UPDATE inbox SET body_mac = address_key", "every sealed text opens"),
    ("an answer exchanged", "UPDATE outbox SET text_sealed = user_sealed FROM addresses", "every sealed text opens"),
    ("a user exchanged", "UPDATE addresses SET user_sealed = text_sealed FROM inbox", "every sealed text opens"),
    ("a user cut short", "UPDATE addresses SET user_sealed = substr(user_sealed, 1, 3)", "every sealed text opens"),
    ("a user on another channel", "UPDATE addresses SET channel = 'second'", "every sealed text opens"),
    ("a join to nobody", "UPDATE joins SET player_id = 5", "every join leads to a player"),
]


def _play(stage: Stage) -> None:
    stage.publish(EVERYBODY_WINS)
    first, second = stage.codes(2)
    assert stage.say(first).startswith("redeem.won")
    assert stage.say(second).startswith("redeem.points")


def _limited(limit: str) -> str:
    return EVERYBODY_WINS.replace("stock: 1}", "stock: 5}").replace("  otherwise:", f"  {limit}\n  otherwise:")


_SECOND_WIN = """INSERT INTO draws SELECT redemptions.code_hash, draws.campaign_id, version, draws.player_id, roll,
    odds, odds_in, points_seen, stock_seen, prize, draws.at FROM draws, redemptions
    WHERE redemptions.code_hash <> draws.code_hash"""


def _broken(stage: Stage) -> set[str]:
    return {check.says for check, faults in audit(stage.database, stage.keys, MECHANICS.checks) if faults}


def test_an_honest_database_is_clean_and_every_check_runs(stage: Stage) -> None:
    _play(stage)
    assert len((*CHECKS, *MECHANICS.checks)) == len({check.says for check in (*CHECKS, *MECHANICS.checks)}) > 10
    assert [check for check, _ in audit(stage.database, stage.keys, MECHANICS.checks)] == [*CHECKS, *MECHANICS.checks]
    assert _broken(stage) == set()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("name", "sql", "says"), TAMPERING, ids=[row[0] for row in TAMPERING])
def test_tampering_is_found(scenes: Scenes, backend: str, name: str, sql: str, says: str) -> None:
    with scenes.spoiled(backend, _play, sql) as connection:
        assert any(check.startswith(says) for check in broken(connection))


IN_PORTIONS = [
    (_play, "UPDATE outbox SET text_sealed = user_sealed FROM addresses", "every sealed text opens"),
    (_play, "UPDATE draws SET roll = '0000000000000000'", "every draw follows from seed"),
    (play_relay, *RELAY_TAMPERING[0][1:]),
]


@pytest.mark.parametrize(("played", "sql", "says"), IN_PORTIONS, ids=["seals", "draws", "torches"])
def test_what_is_read_in_portions_is_found(
    scenes: Scenes, monkeypatch: pytest.MonkeyPatch, played: Play, sql: str, says: str
) -> None:
    stage, cursors = scenes.stage("postgresql", played), []
    monkeypatch.setattr(stage.database.dialect, "supports_server_side_cursors", True)
    with scenes.spoiled("postgresql", played, sql) as connection:
        event.listen(connection, "before_cursor_execute", lambda _to, cursor, *_told: cursors.append(type(cursor)))
        assert any(check.startswith(says) for check in broken(connection))
    assert ServerCursor in cursors
    assert _broken(stage) == set()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("name", "sql", "says"), GOODS_TAMPERING, ids=[row[0] for row in GOODS_TAMPERING])
def test_tampering_with_goods_and_friends_is_found(
    scenes: Scenes, backend: str, name: str, sql: str, says: str
) -> None:
    with scenes.spoiled(backend, play_goods, sql) as connection:
        assert any(check.startswith(says) for check in broken(connection))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("name", "sql", "says"), SENDING_TAMPERING, ids=[row[0] for row in SENDING_TAMPERING])
def test_tampering_with_what_is_to_be_delivered_is_found(
    scenes: Scenes, backend: str, name: str, sql: str, says: str
) -> None:
    assert _broken(scenes.stage(backend, play_sending)) == set()
    with scenes.spoiled(backend, play_sending, sql) as connection:
        assert any(check.startswith(says) for check in broken(connection))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("name", "sql", "says"), UNASKED_TAMPERING, ids=[row[0] for row in UNASKED_TAMPERING])
def test_tampering_with_what_is_said_unasked_is_found(
    scenes: Scenes, backend: str, name: str, sql: str, says: str
) -> None:
    with scenes.spoiled(backend, play_unasked, sql) as connection:
        assert any(check.startswith(says) for check in broken(connection))


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_is_honestly_said_unasked_is_clean(scenes: Scenes, backend: str) -> None:
    assert _broken(scenes.stage(backend, play_unasked)) == set()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("name", "sql", "says"), RELAY_TAMPERING, ids=[row[0] for row in RELAY_TAMPERING])
def test_tampering_with_torches_and_boards_is_found_and_named(
    scenes: Scenes, backend: str, name: str, sql: str, says: str
) -> None:
    assert _broken(scenes.stage(backend, play_relay)) == set()
    with scenes.spoiled(backend, play_relay, sql) as connection:
        found = broken(connection)
    assert [check.startswith(says) for check in found] == [True]


@pytest.mark.parametrize("backend", BACKENDS)
def test_honest_goods_and_friends_are_clean(scenes: Scenes, backend: str) -> None:
    assert _broken(scenes.stage(backend, play_goods)) == set()


def test_more_codes_a_day_than_the_limit_are_found(stage: Stage) -> None:
    stage.publish(CAMPAIGN.replace("per_player_per_day: 10", "per_player_per_day: 1"))
    first, second = stage.codes(2)
    stage.say(first)
    stage.wait(days=1)
    stage.say(second)
    assert _broken(stage) == set()
    with stage.database.begin() as connection:
        connection.execute(text("UPDATE redemptions SET counted_on = (SELECT min(counted_on) FROM redemptions)"))
    assert _broken(stage) == {
        "nobody redeemed more codes a day than the limit",
        "every player's last day, and what was redeemed on it, is what redemptions say",
    }


def test_more_wins_than_the_limit_are_found(stage: Stage) -> None:
    stage.publish(_limited("wins_per_player: 1"))
    first, second = stage.codes(2)
    assert [stage.say(first).split()[0], stage.say(second).split()[0]] == ["redeem.won", "redeem.points"]
    assert _broken(stage) == set()
    with stage.database.begin() as connection:
        connection.execute(text(_SECOND_WIN))
    assert "nobody won more prizes than the limit" in _broken(stage)


@pytest.mark.parametrize("limit", ["wins_per_player: 2", "per_player_per_day: 2"])
def test_a_limit_excuses_only_the_rolls_that_it_took(stage: Stage, limit: str) -> None:
    stage.publish(_limited(limit))
    answers = [stage.say(code).split()[0] for code in stage.codes(3)]
    assert answers == ["redeem.won"] * 2 + ["redeem.points"]
    assert _broken(stage) == set()
    with stage.database.begin() as connection:
        erased = "DELETE FROM draws WHERE code_hash = (SELECT code_hash FROM draws LIMIT 1)"
        assert connection.execute(text(erased)).rowcount == 1
        connection.execute(text("UPDATE players SET wins = 1"))
    assert "every redemption was rolled for unless a limit was reached" in _broken(stage)


def test_honest_republishing_is_clean(stage: Stage) -> None:
    """Points for no prize, then none, then others: each code is judged by the rules that it met."""
    otherwise, nothing = "  otherwise: 10 points\n", ""
    answers = []
    for now in (otherwise, nothing, otherwise.replace("10", "25"), nothing):
        stage.publish(CAMPAIGN.replace(otherwise, now))
        answers += [stage.say(code).split()[0] for code in stage.codes(2)]
        assert _broken(stage) == set()
    assert answers == ["redeem.points"] * 2 + ["redeem.nothing"] * 2 + ["redeem.points"] * 2 + ["redeem.nothing"] * 2
    with stage.database.begin() as connection:
        erased = "DELETE FROM transfers WHERE reason = 'code' AND amount = 25"
        assert connection.execute(text(erased)).rowcount == 2
    assert "every redemption is paid by exactly one of prize and points" in _broken(stage)


def test_points_of_another_version_are_found(stage: Stage) -> None:
    stage.publish()
    stage.say(stage.codes(1)[0])
    stage.publish(CAMPAIGN.replace("otherwise: 10", "otherwise: 25"))
    with stage.database.begin() as connection:
        connection.execute(text("UPDATE transfers SET amount = 25 WHERE reason = 'code'"))
        connection.execute(text("UPDATE players SET points = 25"))
    assert _broken(stage) == {"every award is what the rules give for its redemption"}


def test_a_campaign_that_begins_and_ceases_to_draw_is_clean(stage: Stage) -> None:
    without = CAMPAIGN[: CAMPAIGN.index("draw:")] + "points: {earn: 3 points}\n"
    for rules in (without, CAMPAIGN, without):
        stage.publish(rules)
        assert "points=" in stage.say(stage.codes(1)[0])
        assert _broken(stage) == set()
    with stage.database.begin() as connection:
        connection.execute(text("UPDATE transfers SET amount = amount + 1 WHERE amount = 3"))
        connection.execute(text("UPDATE players SET points = points + 2"))
    assert _broken(stage) == {"every award is what the rules give for its redemption"}


def test_every_check_is_shown_to_notice_something() -> None:
    limits = ["nobody redeemed more codes a day than the limit", "nobody won more prizes than the limit"]
    modules = [import_module(f"tests.{path.parent.name}.tampering") for path in HERE.parent.glob("*/tampering.py")]
    lists = [rows for module in modules for name, rows in vars(module).items() if name.endswith("TAMPERING")]
    assert len(lists) >= 3
    told = [says for rows in [TAMPERING, GOODS_TAMPERING, *lists] for _, _, says in rows] + limits
    assert [
        check.says for check in (*CHECKS, *MECHANICS.checks) if not any(check.says.startswith(says) for says in told)
    ] == []
