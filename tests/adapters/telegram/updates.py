"""Updates as Telegram sends them, built from the tables of fields in core.telegram.org/bots/api."""

import itertools
import json
from pathlib import Path
from typing import Any

from bots.telegram.callback_queries import data_of
from core.messages import Button
from tests.fakes.telegram import USERNAME

ANNA, BOT, GROUP = 1111111, 123456, -1001234567890

EDITED_AT = 1796097660

FIXTURES = {path.stem: path.read_bytes() for path in sorted((Path(__file__).parent / "fixtures").glob("*.json"))}

_ids = itertools.count(70_000_001)


def person(id: int = ANNA) -> dict[str, Any]:
    return {"id": id, "is_bot": False, "first_name": "Anna", "language_code": "en"}


def bot(id: int = BOT, username: str = USERNAME) -> dict[str, Any]:
    return {"id": id, "is_bot": True, "first_name": "Huoju", "username": username}


def private(id: int = ANNA) -> dict[str, Any]:
    return {"id": id, "type": "private", "first_name": "Anna"}


def group(type: str = "supergroup") -> dict[str, Any]:
    return {"id": GROUP, "type": type, "title": "Neighbours"}


def update(id: int | None = None, **kind: Any) -> dict[str, Any]:
    return {"update_id": next(_ids) if id is None else id, **kind}


def message(text: str | None = None, *, by: int = ANNA, id: int | None = None, **more: Any) -> dict[str, Any]:
    """A message in a private chat; ``more`` may replace its fields."""
    words = {} if text is None else {"text": text}
    fields = {"message_id": 7, "date": 1796097600, "from": person(by), "chat": private(by), **words, **more}
    return update(id, message=fields)


def edited(text: str | None = None, *, at: int = EDITED_AT, by: int = ANNA, **more: Any) -> dict[str, Any]:
    """The same message after it was changed ``at`` some time; ``more`` may replace its fields."""
    return update(edited_message=message(text, by=by, **{"edit_date": at, **more})["message"])


def in_group(text: str, *, entities: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    marked = {} if entities is None else {"entities": entities}
    return message(text, **{"chat": group(), **marked, **more})


def entity(type: str, offset: int, length: int, **more: Any) -> dict[str, Any]:
    return {"type": type, "offset": offset, "length": length, **more}


def tap(
    says: str, *, by: int = ANNA, id: int | None = None, question: int | None = None, **more: Any
) -> dict[str, Any]:
    """A tap on a button that ``says`` so, below a message of ours; ``more`` may replace fields of the query."""
    ours = {"message_id": 9, "date": 1796097600, "from": bot(), "chat": private(by), "text": "Choose"}
    query = {"id": "4382bfdwdsb323b2d9", "from": person(by), "message": ours, "chat_instance": "1", **more}
    return update(id, callback_query={"data": data_of(Button(says, "", question)), **query})


def member(status: str, *, before: str = "member", by: int = ANNA, **more: Any) -> dict[str, Any]:
    """Our standing in a chat, changed by ``by``."""
    old, new = ({"user": bot(), "status": each} for each in (before, status))
    change = {"chat": private(by), "from": person(by), "date": 1796097600, "old_chat_member": old, **more}
    return update(my_chat_member={**change, "new_chat_member": new})


def dumped(sent: object) -> bytes:
    return json.dumps(sent).encode()
