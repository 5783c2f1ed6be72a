"""The ledger as it stands there: what each thing that happens moves, from where to where, and of what."""

from sqlalchemy import select

from core.models import Player, Transfer
from tests.snack import SNACK, SURE
from tests.stage import Stage
from tests.talking import buy, faults, play


def _moved(stage: Stage) -> list[tuple[str, int, str, str, str]]:
    """All transfers of players: asset, amount, debit, credit, reason; players are "player"."""
    with stage.sessions() as session:
        ids = {f"player:{player_id}": "player" for player_id in session.scalars(select(Player.id))}
        mine = session.scalars(select(Transfer).where(Transfer.owner_id != 0).order_by(Transfer.at, Transfer.ref)).all()
    return sorted(
        (each.asset, each.amount, ids.get(each.debit, each.debit), ids.get(each.credit, each.credit), each.reason)
        for each in mine
    )


def test_a_prize_is_an_asset_of_its_own(stage: Stage) -> None:
    stage.publish(SURE)
    play(stage)
    assert _moved(stage) == [("prize:phone", 1, "campaign:1:stock:phone", "player", "won")]
    assert faults(stage) == []


def test_a_gift_is_paid_with_points_and_leaves_its_stock(stage: Stage) -> None:
    stage.publish(SNACK)
    play(stage)
    buy(stage, "bag")
    assert _moved(stage) == [
        ("gift:bag", 1, "campaign:1:gifts:bag", "player", "gift"),
        ("points", 10, "campaign:1:points", "player", "code"),
        ("points", 10, "player", "campaign:1:gifts", "gift"),
    ]
    assert faults(stage) == []


def test_a_correction_that_takes_away_debits_the_player(stage: Stage) -> None:
    stage.publish(SNACK)
    play(stage)
    stage.give(-4)
    assert _moved(stage)[-1] == ("points", 10, "campaign:1:points", "player", "code")
    assert ("points", 4, "player", "campaign:1:corrections", "correction") in _moved(stage)
    assert faults(stage) == []
