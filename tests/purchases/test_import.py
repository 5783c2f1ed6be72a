"""Receipts of a till: taken in once, found by whoever made them, and given back never twice."""

import pytest
from sqlalchemy import select

from core.operators import Role, VerbRefused
from core.verbs import Desk
from handlers.purchases import importer
from handlers.purchases.tables import Purchase, PurchaseItem
from handlers.purchases.verbs import Choice, TakingIn
from handlers.rights.erase import erase_due
from huoju.tables.receipts import open_receipts
from tests.purchases.tampering import PURCHASES_TAMPERING
from tests.scenes import BACKENDS, Scenes, broken
from tests.stage import CAMPAIGN, Stage
from tests.talking import faults

SHOP = CAMPAIGN.replace("draw:", "region: CN\npurchases: {currency: CNY}\ndraw:")
ANNA, BEN = "+8613800138000", "+8613900139000"
TILL = """单号,日期,时间,手机号,商品,数量,单价,实付金额
A-1,2026-11-28,14:05,138 0013 8000,拿铁,2,15,30
A-2,2026/11/29,09:10:11,13900139000,Flat White,1,18.50,￥18.50
A-3,2026年11月30日,下午2:30,,可颂,1,9,9
A-4,2026-11-30,15:00,13800138000,拿铁,1,15,23.50
A-4,,,,可颂,1,8.5,
合计,,,,,,,81
"""


def take_in(stage: Stage, text: str | bytes, **given: object) -> TakingIn:
    path = stage.directory / "till.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    desk = Desk(stage.runtime, stage.now, tuple)
    taking = TakingIn(desk, open_receipts(path, None), Choice.read(given))
    taking.look()
    taking.store()
    return taking


def bought(stage: Stage) -> list[tuple[str, int, bool]]:
    with stage.sessions() as session:
        rows = session.execute(select(Purchase.ref, Purchase.amount, Purchase.player_id).order_by(Purchase.ref))
        return [(ref, amount, player_id is not None) for ref, amount, player_id in rows]


def test_a_table_is_taken_in_once_and_belongs_to_whoever_bought(stage: Stage) -> None:
    stage.publish(SHOP)
    stage.say(stage.codes(1)[0], by=ANNA)
    take_in(stage, TILL)
    assert bought(stage) == [("A-1", 3000, True), ("A-2", 1850, False), ("A-4", 2350, True)]
    with stage.sessions() as session:
        things = select(PurchaseItem.item, PurchaseItem.milli).order_by(PurchaseItem.item, PurchaseItem.milli)
        items = session.execute(things).all()
        at = session.scalar(select(Purchase.at).where(Purchase.ref == "A-1"))
    assert [tuple(row) for row in items] == [("flat white", 1000), ("可颂", 1000), ("拿铁", 1000), ("拿铁", 2000)]
    assert at is not None
    assert at.isoformat() == "2026-11-28T06:05:00+00:00"
    take_in(stage, TILL.encode("gb18030"))
    assert len(bought(stage)) == 3
    stage.say(stage.codes(1)[0], by=BEN)
    stage.tick()
    assert bought(stage)[1] == ("A-2", 1850, True), "found when they come"
    assert not faults(stage)


def test_the_same_number_with_other_content_is_refused_with_both_rows(stage: Stage) -> None:
    stage.publish(SHOP)
    take_in(stage, TILL)
    for text, told in (
        (
            TILL.replace("￥18.50", "19.50"),
            "row 3: A-2 was taken in before, from till.csv row 3, and said something else",
        ),
        (TILL + "A-1,2026-11-28,14:05,13800138000,拿铁,2,15,31\n", "rows 2 and 8 have the same receipt number A-1"),
        (TILL.replace("A-4,,,,", "A-4,,,13900139000,"), "row 5: rows 5 and 6 have the same receipt number A-4"),
    ):
        with pytest.raises(VerbRefused, match=told):
            take_in(stage, text)
    assert len(bought(stage)) == 3


def test_all_that_is_wrong_is_named_by_its_row(stage: Stage) -> None:
    stage.publish(SHOP)
    table = (
        "receipt no;date;phone;total\n"
        "1;2026-02-30;13800138000;1\n2;2026-11-02;12345;1\n3;2026-11-02;13800138000;many\n"
        "4;2026-11-02;13800138000;$5 USD\n5;2062-11-02;13800138000;1\n6;2026-11-02;13800138000;-3,50\n"
    )
    with pytest.raises(VerbRefused) as refused:
        take_in(stage, table)
    for row, why in (
        (2, "no day"),
        (3, "no phone"),
        (4, "no amount"),
        (5, "not in CNY"),
        (6, "not come"),
        (7, "negat"),
    ):
        line = next(line for line in str(refused.value).splitlines() if line.startswith(f"row {row}:"))
        assert why in line
    assert not bought(stage)
    with pytest.raises(VerbRefused, match="has no column for the phone of the buyer; head it “phone” or “手机”"):
        take_in(stage, "receipt no,date,total\n1,2026-11-02,1\n")
    with pytest.raises(VerbRefused, match="nobody can tell whether “金额” is of the line or of all"):
        take_in(stage, "单号,日期,手机号,金额\n1,2026-11-02,13800138000,1\n1,2026-11-02,13800138000,1\n")


def test_a_table_may_write_days_in_either_order(stage: Stage) -> None:
    stage.publish(SHOP)
    table = "receipt,date,phone,total\n1,03/04/2026,13800138000,1\n2,{second}/2026,13800138000,1\n"
    with pytest.raises(VerbRefused, match="can be two days; say which number comes first: --dates"):
        take_in(stage, table.format(second="05/06"))
    take_in(stage, table.format(second="25/06"))
    with stage.sessions() as session:
        at = session.scalar(select(Purchase.at).where(Purchase.ref == "1"))
    assert at is not None
    assert (at.month, at.day) == (4, 3)


def test_a_kill_in_the_middle_loses_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.publish(SHOP)
    monkeypatch.setattr(importer, "CHUNK", 2)
    path = stage.directory / "till.csv"
    path.write_text(TILL, encoding="utf-8")
    taking = TakingIn(Desk(stage.runtime, stage.now, tuple), open_receipts(path, None), Choice())
    steps: list[int] = []

    def killed(_session: object, done: int) -> None:
        steps.append(done)
        if len(steps) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        taking.store(killed)
    assert len(bought(stage)) == 2
    take_in(stage, TILL)
    assert len(bought(stage)) == 3
    assert not faults(stage)


def test_operators_look_at_purchases_and_note_refunds(stage: Stage) -> None:
    stage.publish(SHOP)
    stage.say(stage.codes(1)[0], by=ANNA)
    take_in(stage, TILL)
    stage.appoint(Role.OPERATOR, by="op")
    assert "拿铁" in stage.command("/purchases list", by="op")
    shown = stage.command(f"/purchases show test/main/{ANNA}", by="op")
    assert "30 CNY" in shown
    assert "2 × 拿铁" in shown
    assert "Flat White" not in shown
    assert "Purchases: 2, 53.50 CNY after refunds" in stage.command(f"/player show test/main/{ANNA}", by="op")
    for said, told in (("A-1 10", "20 CNY of it stay paid"), ("A-1", "0 CNY of it stay paid")):
        plan = stage.command(f"/purchases refund {said}", by="op")
        word = plan.split("/confirm ")[1].split(".")[0].split()[0]
        assert told in stage.command(f"/confirm {word}", by="op")
    assert "given back whole already" in stage.command("/purchases refund A-1", by="op")
    assert "only 18.50 are left" in stage.command("/purchases refund A-2 20", by="op")
    assert not faults(stage)


def test_whoever_is_erased_is_known_by_no_purchase(stage: Stage) -> None:
    stage.publish(SHOP)
    stage.say(stage.codes(1)[0], by=ANNA)
    take_in(stage, TILL)
    stage.say("erase me", by=ANNA)
    stage.say("yes", by=ANNA)
    stage.wait(days=8)
    assert erase_due(stage.runtime, stage.now) == 1
    take_in(stage, TILL)
    known = {ref: key is not None or sealed is not None for ref, key, sealed in _buyers(stage)}
    assert known == {"A-1": False, "A-2": True, "A-4": False}
    assert not faults(stage)


def _buyers(stage: Stage) -> list[tuple[str, bytes | None, bytes | None]]:
    with stage.sessions() as session:
        rows = session.execute(select(Purchase.ref, Purchase.buyer_key, Purchase.buyer_sealed).order_by(Purchase.ref))
        return [(ref, key, sealed) for ref, key, sealed in rows]


def play_purchases(stage: Stage) -> None:
    stage.publish(SHOP)
    stage.say(stage.codes(1)[0], by=ANNA)
    take_in(stage, TILL)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("name", "sql", "says"), PURCHASES_TAMPERING, ids=[row[0] for row in PURCHASES_TAMPERING])
def test_tampering_is_found(scenes: Scenes, backend: str, name: str, sql: str, says: str) -> None:
    with scenes.spoiled(backend, play_purchases, sql) as connection:
        assert any(check.startswith(says) for check in broken(connection))
