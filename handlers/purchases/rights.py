"""What purchases keep about people: what they bought, and by which phone; and what of it is sealed."""

from collections.abc import Callable

from sqlalchemy import ColumnElement, select, update

from core.personal import CAMPAIGN, Cell, Forgetting, Kept, Label, WhoseData, column
from core.sealed import Sealed
from handlers.purchases.importer import purchase_row
from handlers.purchases.tables import BUYER_COLUMN, Purchase, PurchaseItem, Refund


def _mine(whose: WhoseData) -> ColumnElement[bool]:
    return Purchase.player_id.in_(whose.ids) | (
        Purchase.player_id.is_(None) & Purchase.buyer_key.in_([*whose.phone_keys, *whose.address_keys])
    )


def _of_mine(owner: ColumnElement[int]) -> Callable[[WhoseData], ColumnElement[bool]]:
    return lambda whose: owner.in_(select(Purchase.id).where(_mine(whose)))


def _buyer(whose: WhoseData, row: Purchase) -> Cell:
    return whose.opened(BUYER_COLUMN, purchase_row(row.id), row.buyer_sealed)


_NUMBER = Label("purchase", "购买编号")
KEPT = (
    Kept(
        table=Purchase,
        title=Label("What you bought", "您的购买记录"),
        of=_mine,
        gives=(
            (_NUMBER, column("id")),
            CAMPAIGN,
            (Label("at", "时间"), column("at")),
            (Label("receipt", "单号"), column("ref")),
            (Label("from", "来源"), column("source")),
            (Label("amount in hundredths", "金额（分）"), column("amount")),
            (Label("given back in hundredths", "已退（分）"), column("refunded")),
            (Label("phone or address", "手机号或地址"), _buyer),
        ),
    ),
    Kept(
        table=PurchaseItem,
        title=Label("Things that you bought", "您购买的商品"),
        of=_of_mine(PurchaseItem.purchase_id.expression),
        gives=(
            (_NUMBER, column("purchase_id")),
            (Label("thing", "商品"), lambda _, row: row.name or row.item),
            (Label("thousandths", "数量（千分之一）"), column("milli")),
            (Label("price in hundredths", "单价（分）"), column("price")),
        ),
    ),
    Kept(
        table=Refund,
        title=Label("What you were given back", "您的退款记录"),
        of=_of_mine(Refund.purchase_id.expression),
        gives=(
            (_NUMBER, column("purchase_id")),
            (Label("at", "时间"), column("at")),
            (Label("amount in hundredths", "金额（分）"), column("amount")),
        ),
    ),
)
SEALED = (Sealed(column=Purchase.buyer_sealed, where=BUYER_COLUMN, named_by=(Purchase.id,), row=purchase_row),)


def forget(forgetting: Forgetting) -> None:
    """Take phone or address off what was bought; what it came to stays, and so the same table brings nothing back."""
    forgotten = {"buyer_key": None, "buyer_sealed": None}
    mine = update(Purchase).where(_mine(forgetting.whose)).values(forgotten)
    forgetting.session.execute(mine, execution_options={"synchronize_session": False})
