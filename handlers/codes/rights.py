"""What codes keep about people: which ones they used. A code itself is known by its hash only."""

from core.personal import CAMPAIGN, Kept, Label, column
from handlers.codes.tables import Redemption

KEPT = (
    Kept(
        table=Redemption,
        title=Label("Codes that you used", "您兑换的码"),
        of=lambda whose: Redemption.code_hash.in_(whose.code_hashes),
        gives=(
            (Label("at", "时间"), column("at")),
            CAMPAIGN,
            (Label("counted on", "计入日期"), column("counted_on")),
            (Label("hash of the code", "码的哈希"), lambda _, row: row.code_hash.hex()),
        ),
    ),
)
