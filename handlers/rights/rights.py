"""What rights themselves keep about people: links to their data, and wishes to be erased."""

from core.personal import Kept, Label, at, column
from handlers.rights.tables import DataLink, Erasure

KEPT = (
    Kept(
        table=DataLink,
        title=Label("Links to your data", "取数据的链接"),
        of=at(DataLink.address_key),
        gives=(
            (Label("made", "生成时间"), column("made_at")),
            (Label("good until", "有效期至"), column("expires_at")),
            (Label("taken", "取走时间"), column("taken_at")),
        ),
    ),
    Kept(
        table=Erasure,
        title=Label("Wishes to be erased", "删除请求"),
        of=at(Erasure.address_key),
        gives=(
            (Label("asked", "提出时间"), column("asked_at")),
            (Label("due", "预定时间"), column("due_at")),
            (Label("state", "状态"), column("state")),
            (Label("settled", "处理时间"), column("settled_at")),
        ),
    ),
)
