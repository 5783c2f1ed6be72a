"""What draws keep about people: each roll of a code of theirs."""

from core.personal import CAMPAIGN, Kept, Label, column
from handlers.draws.tables import Draw

KEPT = (
    Kept(
        table=Draw,
        title=Label("Draws with your codes", "您的抽奖记录"),
        of=lambda whose: Draw.code_hash.in_(whose.code_hashes),
        gives=(
            (Label("at", "时间"), column("at")),
            CAMPAIGN,
            (Label("roll", "抽奖数"), column("roll")),
            (Label("chance", "概率分子"), column("odds")),
            (Label("in", "概率分母"), column("odds_in")),
            (Label("prize", "奖品"), column("prize")),
        ),
    ),
)
