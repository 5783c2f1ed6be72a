"""What rights themselves keep about people: the links by which they had their data."""

from core.personal import Kept, Label, at, column
from handlers.rights.tables import DataLink

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
)
