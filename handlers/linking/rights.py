"""What linking keeps about people: the words by which they linked their chats."""

from sqlalchemy import delete

from core.personal import Forgetting, Kept, Label, at, column
from handlers.linking.tables import LinkWord

KEPT = (
    Kept(
        table=LinkWord,
        title=Label("Words to link your chats", "绑定账号的口令"),
        of=at(LinkWord.address_key),
        gives=((Label("good until", "有效期至"), column("expires_at")), (Label("used", "使用时间"), column("used_at"))),
    ),
)


def forget(forgetting: Forgetting) -> None:
    """Take away the words."""
    forgetting.session.execute(delete(LinkWord).where(LinkWord.address_key.in_(forgetting.whose.address_keys)))
