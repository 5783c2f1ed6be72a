"""What codes keep about people: which ones they used. A code itself is known by its hash only."""

from core.personal import CAMPAIGN, Kept, Label, by, column
from handlers.codes.tables import Redemption

KEPT = (
    Kept(
        table=Redemption,
        title=Label("Codes that you used", "您兑换的码"),
        of=by(Redemption.player_id),
        gives=(
            (Label("at", "时间"), column("at")),
            CAMPAIGN,
            (Label("counted on", "计入日期"), column("counted_on")),
            (Label("hash of the code", "码的哈希"), lambda _, row: row.code_hash.hex()),
        ),
    ),
)
