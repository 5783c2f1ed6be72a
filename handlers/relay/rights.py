"""What the relay keeps about people, their torches and shown names; and what of it is sealed."""

from sqlalchemy import select

from core.models import Player
from core.personal import CAMPAIGN, Cell, Forgetting, Kept, Label, WhoseData, by, column
from core.sealed import Sealed
from handlers.relay.names import NAME_COLUMN, WAITING_COLUMN, name_row
from handlers.relay.tables import Chain, Runner, RunnerDay, Torch


def _name(whose: WhoseData, row: Player) -> Cell:
    return whose.opened(NAME_COLUMN, name_row(row.id), row.name_sealed)


def _waiting(whose: WhoseData, row: Player) -> Cell:
    return whose.opened(WAITING_COLUMN, name_row(row.id), row.name_waiting_sealed)


KEPT = (
    Kept(
        table=Player,
        title=Label("The name by which you are shown", "您展示的名字"),
        of=lambda whose: (
            by(Player.id)(whose) & (Player.name_sealed.is_not(None) | Player.name_waiting_sealed.is_not(None))
        ),
        gives=(
            CAMPAIGN,
            (Label("name", "名字"), _name),
            (Label("name that waits to be looked at", "待审核的名字"), _waiting),
            (Label("since", "待审核自"), column("name_waiting_at")),
        ),
    ),
    Kept(
        table=Torch,
        title=Label("Your torches", "您的火炬"),
        of=by(Torch.player_id),
        gives=(
            CAMPAIGN,
            (Label("number", "第几支"), column("number")),
            (Label("how", "来源"), column("how")),
            (Label("leg", "第几棒"), column("leg")),
            (Label("granted", "获得时间"), column("granted_at")),
            (Label("ends", "熄灭时间"), column("ends_at")),
            (Label("state", "状态"), column("state")),
            (Label("lit", "点燃时间"), column("lit_at")),
        ),
    ),
    Kept(
        table=Chain,
        title=Label("Chains that you began", "您开始的接力"),
        of=by(Chain.id),
        gives=(
            CAMPAIGN,
            (Label("torches", "火炬数"), column("torches")),
            (Label("lit", "点燃数"), column("lit")),
            (Label("legs", "最远棒数"), column("legs")),
        ),
    ),
    Kept(
        table=Runner,
        title=Label("Friends who took your torch", "从您手中接过火炬的朋友"),
        of=by(Runner.player_id),
        gives=(CAMPAIGN, (Label("friends", "朋友数"), column("passed"))),
    ),
    Kept(
        table=RunnerDay,
        title=Label("The same, day by day", "每日接过火炬的朋友"),
        of=by(RunnerDay.player_id),
        gives=(CAMPAIGN, (Label("day", "日期"), column("day")), (Label("friends", "朋友数"), column("passed"))),
    ),
)

SEALED = (
    Sealed(column=Player.name_sealed, where=NAME_COLUMN, named_by=(Player.id,), row=name_row, locked=True),
    Sealed(column=Player.name_waiting_sealed, where=WAITING_COLUMN, named_by=(Player.id,), row=name_row, locked=True),
)


def forget(forgetting: Forgetting) -> None:
    """Show the person by no name any more, on no board and no page."""
    mine = Player.id.in_(forgetting.whose.ids)
    for player in forgetting.session.scalars(select(Player).where(mine)):
        player.name_sealed = player.name_waiting_sealed = player.name_waiting_at = None
    forgetting.session.flush()
