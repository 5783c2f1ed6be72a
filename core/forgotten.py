"""Forgotten: what becomes of an address, and of what was said there, when its person is erased.

The row and all that refers to it get a new key that nobody can compute, so that numbers add up and lead to nobody.
A blank row takes the old key: it is the keyed hash by which whoever was erased is known and left alone.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Update, delete, func, insert, select, update
from sqlalchemy.orm import Session

from core.keys import HASH_BYTES, Keyring
from core.models import (
    Address,
    Broadcast,
    BroadcastMember,
    Consent,
    Inbox,
    Link,
    MessagePart,
    OutboundJob,
    Outbox,
    Receipt,
)
from core.models.base import Base, table_of
from core.models.chats import TEXT_COLUMN, row_key
from core.models.players import ERASED, USER_COLUMN
from core.outbox import REPLY_COLUMN, reply_row
from core.personal import Forgetting
from core.randomness import Randomness

_NOTHING = ""


class OnItsWay(Exception):
    """A text is being sent to the person at this moment: try again a little later."""


def drop_texts(session: Session, keys: Iterable[bytes]) -> None:
    """Let nothing more be sent to the addresses ``keys``. Raises OnItsWay."""
    jobs, mine = table_of(OutboundJob), OutboundJob.address_key.in_(sorted(keys))
    waits = OutboundJob.state.in_(("due", "held"))
    session.execute(update(jobs).where(mine, waits).values(state="dropped", error="erased"))
    if session.scalar(select(func.count()).select_from(OutboundJob).where(mine, OutboundJob.state == "sending")):
        raise OnItsWay
    session.execute(update(jobs).where(mine, OutboundJob.error.is_not(None)).values(error="erased"))


def become_nobody(forgetting: Forgetting, randomness: Randomness, ref: str) -> list[bytes]:
    """Let the person's addresses be nobody's, and leave a blank row at each; returns the new keys.

    Whatever was said there, on both sides, is gone from the rows that say that something was.
    """
    session, keys, at = forgetting.session, forgetting.whose.keys, forgetting.at
    found = [(one.key, one.channel, one.account, one.person) for one in forgetting.whose.addresses]
    kept = {one.key: (one.blocked_at, one.blocked_by, one.blocked_why_sealed) for one in forgetting.whose.addresses}
    session.expunge_all()
    new = {key: randomness.take(HASH_BYTES) for key, *_ in found}
    person = new[found[0][0]] if found[0][3] is not None else None
    for key, channel, account, _ in found:
        _empty_inbox(session, keys, key, new[key])
        session.execute(delete(MessagePart).where(MessagePart.address_key == key))
        session.execute(_nobody(keys, key, new[key], person, at))
        _empty_outbox(session, keys, new[key])
        _move(session, Receipt, "address_key", key, new[key])
        _move(session, Link, "other_key", key, new[key])
        _move_members(session, forgetting.whose.ids, key, new[key])
        session.execute(
            insert(table_of(Address)).values(**_blank(keys, key, channel, account, at), **_block(kept[key]))
        )
        wish = {"address_key": key, "external_id": ref, "what": "out", "how": "erased", "at": at}
        session.execute(insert(table_of(Consent)).values(wish))
    return list(new.values())


def _move(session: Session, table: type[Base], name: str, key: bytes, new: bytes) -> None:
    column = table_of(table).c[name]
    session.execute(update(table_of(table)).where(column == key).values({name: new}))


def _move_members(session: Session, ids: Sequence[int], key: bytes, new: bytes) -> None:
    """Of all broadcasts; those are few, and each has many members."""
    of_each = BroadcastMember.broadcast_id.in_(select(Broadcast.id)) & BroadcastMember.player_id.in_(ids)
    mine = of_each & (BroadcastMember.address_key == key)
    session.execute(update(table_of(BroadcastMember)).where(mine).values(address_key=new))


def _empty_inbox(session: Session, keys: Keyring, key: bytes, new: bytes) -> None:
    table, state = table_of(Inbox), {"state": "done", "error": None}
    for (external_id,) in session.execute(select(Inbox.external_id).where(Inbox.address_key == key)).all():
        text = keys.seal(TEXT_COLUMN, row_key((new, external_id)), _NOTHING)
        values = {"address_key": new, "text_sealed": text, "body_mac": keys.body_mac(_NOTHING), **state}
        mine = (table.c.address_key == key) & (table.c.external_id == external_id)
        session.execute(update(table).where(mine).values(**values, attachments_sealed=None, thread=None))


def _empty_outbox(session: Session, keys: Keyring, key: bytes) -> None:
    for ref, part in session.execute(select(Outbox.ref, Outbox.part).where(Outbox.address_key == key)).all():
        session.execute(_empty_text(keys, key, ref, part))


def _empty_text(keys: Keyring, key: bytes, ref: str, part: int) -> Update:
    mine = (Outbox.address_key == key) & (Outbox.ref == ref) & (Outbox.part == part)
    text = keys.seal(REPLY_COLUMN, reply_row(key, ref, part), _NOTHING)
    return update(table_of(Outbox)).where(mine).values(text_sealed=text, rich_sealed=None)


def _nobody(keys: Keyring, key: bytes, new: bytes, person: bytes | None, at: datetime) -> Update:
    values = dict.fromkeys(
        (
            *("language", "app_language", "campaign_id", "wrong_on", "scanned", "came_by", "offered"),
            *("question", "question_campaign_id", "question_until", "typed_until", "tapped_until"),
            *("blocked_at", "blocked_by", "blocked_why_sealed", "answers_until"),
        )
    )
    told = {"key": new, "user_sealed": keys.seal(USER_COLUMN, new, ERASED), "person": person, "gone_at": at}
    none = {"question_again": False, "typed_left": 0, "tapped_left": 0, "block_told": False}
    return update(table_of(Address)).where(table_of(Address).c.key == key).values(**values, **told, **none)


def _block(block: tuple[datetime | None, str | None, bytes | None]) -> dict[str, object]:
    """Whoever was blocked is so still: erasing is no way back in."""
    return dict(zip(("blocked_at", "blocked_by", "blocked_why_sealed"), block, strict=True))


def _blank(keys: Keyring, key: bytes, channel: str, account: str, at: datetime) -> dict[str, object]:
    counters = (
        "said_count",
        "wrong_tries",
        "question_number",
        "typed_left",
        "tapped_left",
        "answers",
        "helpless_answers",
    )
    told = {"key": key, "channel": channel, "account": account, "user_sealed": keys.seal(USER_COLUMN, key, ERASED)}
    since = dict.fromkeys(("heard_at", "opted_out_at", "wished_at", "gone_at", "erased_at"), at)
    return {**told, **since, **dict.fromkeys(counters, 0), "question_again": False, "block_told": False}


def unsay(forgetting: Forgetting) -> int:
    """Empty the texts, on both sides, in which others near the person were told of them; returns how many."""
    session, keys, count = forgetting.session, forgetting.whose.keys, 0
    for key in sorted(forgetting.near - set(forgetting.whose.address_keys)):
        said = select(Outbox.ref, Outbox.part, Outbox.text_sealed).where(Outbox.address_key == key)
        for ref, part, sealed in session.execute(said.where(Outbox.state != "queued")).all():
            if forgetting.names(keys.unseal(REPLY_COLUMN, reply_row(key, ref, part), sealed)):
                session.execute(_empty_text(keys, key, ref, part))
                count += 1
        table = table_of(Inbox)
        heard = select(Inbox.external_id, Inbox.text_sealed).where(Inbox.address_key == key)
        for external_id, sealed in session.execute(heard).all():
            row = row_key((key, external_id))
            if forgetting.names(keys.unseal(TEXT_COLUMN, row, sealed)):
                text: dict[str, object] = {
                    "text_sealed": keys.seal(TEXT_COLUMN, row, _NOTHING),
                    "body_mac": keys.body_mac(_NOTHING),
                }
                text |= {"state": "done", "error": None}  # what is empty is not taken again
                mine = (table.c.address_key == key) & (table.c.external_id == external_id)
                session.execute(update(table).where(mine).values(**text, attachments_sealed=None))
                count += 1
    return count
