"""The audit of rewards, links and second draws: honest histories of every kind are clean, and forged ones are not."""

import pytest
from sqlalchemy import select, text

from handlers import MECHANICS
from handlers.claims.tables import SecondDraw
from handlers.draws.tables import Draw
from handlers.invites.tables import Invite
from handlers.invites.verbs import release, revoke
from tests.scenes import BACKENDS, Scenes, broken
from tests.snack import SNACK, SURE
from tests.soundness import audit
from tests.stage import Stage
from tests.talking import buy, faults, invites, keys_of, link_up, play, word_of

HELD = SNACK.replace("per_player_per_day: 10}", "per_player_per_day: 10, hold_at: 60}")
AGAIN = SURE.replace("unclaimed: stock", "unclaimed: second draw").replace("stock: 10,", "stock: 1,")
SECOND_DRAWS = "every second draw follows from the seed"


def _broken(stage: Stage) -> set[str]:
    return {check.says for check, found in audit(stage.database, stage.keys, MECHANICS.checks) if found}


def _forge(stage: Stage, *statements: str) -> None:
    with stage.database.begin() as connection:
        for sql in statements:
            assert connection.execute(text(sql)).rowcount > 0


def _in_state(stage: Stage, state: str) -> list[Invite]:
    return [invite for invite in invites(stage) if invite.state == state]


def _reviewed(stage: Stage) -> None:
    """u1 brings one honest friend, and twins that are held: one is released, one revoked, one released and revoked."""
    stage.publish(HELD)
    play(stage)
    word = word_of(stage)
    stage.say(word, by="u2")
    stage.wait(minutes=2)
    play(stage, "u2")
    for number in range(8):
        stage.say(word, by=f"twin{number}")
    stage.wait(seconds=30)
    for number in range(8):
        play(stage, f"twin{number}")
    held = [invite.player_id for invite in _in_state(stage, "held")]
    assert len(held) > 3
    release(stage.runtime, held[0], "Wang", stage.now)
    revoke(stage.runtime, held[1], "Wang", stage.now)
    release(stage.runtime, held[2], "Wang", stage.now)
    assert revoke(stage.runtime, held[2], "Li", stage.now) == 0


def test_an_honest_history_of_reviews_and_links_is_clean(stage: Stage) -> None:
    stage_of_u9 = ("u9", "second")
    stage.publish(HELD)
    play(stage, "u9", channel="second")  # who will turn out to be u1, and was here before
    stage.wait(minutes=1)
    _reviewed(stage)
    assert faults(stage) == []
    assert keys_of(buy(stage, "mug"))[0] == "gifts.bought"
    assert keys_of(link_up(stage, ("u1", "test"), stage_of_u9)) == ["link.linked", "delivery.name"]
    stage.wait(minutes=1)
    play(stage, "nick", channel="second")
    assert keys_of(link_up(stage, ("nick", "second"), ("u2", "test"))) == ["link.linked"]
    assert keys_of(link_up(stage, ("new", "second"), ("twin0", "test"))) == ["link.linked"]  # has not joined
    assert faults(stage) == []
    while stage.say("gifts") and keys_of(buy(stage, "ticket"))[0] == "gifts.bought":
        pass
    missing = [revoke(stage.runtime, paid.player_id, "Wang", stage.now) for paid in _in_state(stage, "rewarded")]
    assert any(missing)
    release(stage.runtime, _in_state(stage, "held")[0].player_id, "Wang", stage.now)
    assert faults(stage) == []


# id, what somebody did in SQL to an honest history, the check that must notice
_RAISED = (
    "UPDATE transfers SET amount = 40 WHERE ref LIKE 'invite:%' OR ref LIKE '%:invite:%'",
    "UPDATE invites SET inviter_points = 40 WHERE inviter_points > 0",
)
_TWO = "(SELECT {0}(player_id) FROM invites WHERE state = 'held')"
FORGED = [
    ("rewards raised as well as their points", _RAISED),
    ("a claw-back of more", ("UPDATE transfers SET amount = 21 WHERE ref LIKE 'clawed-back:invite:%'",)),
    (
        "a held reward paid besides",
        (
            """INSERT INTO transfers SELECT owner_id, substr(ref, 6), campaign_id, asset, debit, 'player:' || owner_id,
            amount, 'invite', NULL, at FROM transfers WHERE ref LIKE 'held:invite:%'""",
        ),
    ),
    (
        "a revoked reward released to somebody else",
        (
            """INSERT INTO transfers SELECT p.id, 'released' || substr(t.ref, 8), t.campaign_id, asset, credit,
            'player:' || p.id, amount, 'invite', NULL, at FROM transfers t, players p WHERE t.ref LIKE 'revoked:%'
            AND t.owner_id <> p.id""",
        ),
    ),
    ("a review without a reviewer", ("UPDATE invites SET decided_by = NULL WHERE state = 'released'",)),
]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("name", "statements"), FORGED, ids=[row[0] for row in FORGED])
def test_a_forged_reward_is_found(scenes: Scenes, backend: str, name: str, statements: tuple[str, ...]) -> None:
    with scenes.spoiled(backend, _reviewed, *statements) as connection:
        assert "every reward for an invite is in the ledger, as it was decided" in broken(connection)


def test_each_of_two_who_are_linked_later_had_a_day_of_rewards(stage: Stage) -> None:
    stage.publish(SNACK.replace("per_player_per_day: 10}", "per_player_per_day: 1}"))
    for channel in ("test", "second"):
        play(stage, channel=channel)
        word = word_of(stage, channel=channel)
        stage.say(word, by=f"f-{channel}")
        stage.wait(minutes=3)
        assert "invite.friend_rewarded" in play(stage, f"f-{channel}")
    assert keys_of(link_up(stage, ("u1", "second"), ("u1", "test"))) == ["link.linked"]
    assert len({invite.rewarded_on for invite in invites(stage)}) == 1
    assert faults(stage) == []
    _forge(stage, "UPDATE invites SET inviter_id = (SELECT min(inviter_id) FROM invites) WHERE inviter_points > 0")
    assert "nobody was rewarded for more friends a day than the limit" in _broken(stage)


def _drawn_again(stage: Stage, text: str = AGAIN) -> tuple[SecondDraw, Draw]:
    """A second draw, and a code that should not have won it."""
    stage.publish(text)
    for number in range(6):
        play(stage, f"u{number}")
    stage.wait(days=10)
    assert stage.tick()
    assert faults(stage) == []
    with stage.sessions() as session:
        drawn = session.scalars(select(SecondDraw)).one()
        others = select(Draw).where(Draw.prize.is_(None), Draw.code_hash != drawn.code_hash)
        other = session.scalars(others).first()
        assert other is not None
        session.expunge_all()
    return drawn, other


def _give_to(stage: Stage, drawn: SecondDraw, other: Draw) -> None:
    _forge(
        stage,
        f"""UPDATE second_draws SET winner_id = {other.player_id}, code_hash = (SELECT code_hash FROM draws
        WHERE player_id = {other.player_id})""",
        f"""UPDATE transfers SET owner_id = {other.player_id}, credit = 'player:{other.player_id}'
        WHERE ref = 'second:{drawn.claim_id}'""",
        f"UPDATE claims SET player_id = {other.player_id} WHERE source = 'second'",
        f"UPDATE timers SET owner_id = {other.player_id} WHERE owner_id = {drawn.winner_id}",
        f"UPDATE players SET wins = 0 WHERE id = {drawn.winner_id}",
        f"UPDATE players SET wins = 1 WHERE id = {other.player_id}",
    )


def test_a_second_draw_given_to_a_farther_code_is_found(stage: Stage) -> None:
    drawn, other = _drawn_again(stage)
    _give_to(stage, drawn, other)
    assert _broken(stage) == {SECOND_DRAWS}


def test_who_had_won_enough_may_have_been_passed_over(stage: Stage) -> None:
    """The nearer code's player has as many wins as one may have, today: nobody can tell since when."""
    drawn, other = _drawn_again(stage, AGAIN.replace("  otherwise", "  wins_per_player: 1\n  otherwise"))
    _give_to(stage, drawn, other)
    assert _broken(stage) == {SECOND_DRAWS}
    _forge(stage, "UPDATE players SET wins = 1")
    assert SECOND_DRAWS not in _broken(stage)
