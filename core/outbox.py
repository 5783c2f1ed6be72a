"""The outbox: how its texts are named and sealed, what has reached an address, and fetching what waits for a player."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, SQLColumnExpression, case, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from core.database import read_only
from core.keys import Keyring
from core.messages import Rich
from core.models import OutboundJob, Outbox

REPLY_COLUMN = "outbox.text"
RICH_COLUMN = "outbox.rich"
"""What sealed texts are bound to, with :func:`reply_row`."""
_MOST = 200


def reply_row(address_key: bytes, ref: str, part: int) -> bytes:
    """The row part of the associated data of a sealed outbox text."""
    return address_key + f"{ref}/{part}".encode()


def open_rich(keys: Keyring, row: bytes, sealed: bytes | None) -> Rich | None:
    """A text of the outbox where there are buttons and pictures. Raises KeysUnusable."""
    return None if sealed is None else Rich.loaded(keys.unseal(RICH_COLUMN, row, sealed))


def answer_ref(external_id: str) -> str:
    """The outbox ref of the answer to a message."""
    return f"re:{external_id}"


def replay_ref(external_id: str) -> str:
    """The outbox ref of the answer to a message that an operator replayed: the polite one has the other."""
    return f"notice:replay:{external_id}"


def answered_by(ref: SQLColumnExpression[str]) -> ColumnElement[str | None]:
    """The external id of the message that the text ``ref`` answers; NULL for what answers none."""
    return case(*((ref.startswith(said), func.substr(ref, len(said) + 1)) for said in (answer_ref(""), replay_ref(""))))


class SaidText(NamedTuple):
    """One text of a conversation, opened."""

    sequence: int
    text: str
    said_at: datetime
    rich: Rich | None
    """The same where there are buttons and pictures; None when it is the same everywhere."""


def arrived(
    sessions: sessionmaker[Session], keys: Keyring, address_key: bytes, after: int, missing: Collection[int] = ()
) -> list[SaidText]:
    """Up to 200 texts that have reached an address, oldest first: those after number ``after``, and the ``missing``.

    A text may arrive after later ones: answers overtake it, or it was given up and sent again.
    """
    wanted = or_(Outbox.sequence > after, Outbox.sequence.in_(sorted(missing)))
    mine = (Outbox.address_key == address_key) & wanted & (Outbox.state != "queued")
    with read_only(sessions) as session:
        rows = session.scalars(select(Outbox).where(mine).order_by(Outbox.sequence).limit(_MOST)).all()
    return [_opened(row, keys) for row in rows]


def collect(sessions: sessionmaker[Session], keys: Keyring, address_key: bytes, after: int) -> list[SaidText]:
    """Up to 200 texts said to an address after sequence number ``after``, oldest first, for a channel without a sender.

    What was queued counts as sent from here on: its player has fetched it. Nothing is written when nothing was queued.
    What was dropped before anybody fetched it stays unsaid.
    """
    mine = (Outbox.address_key == address_key) & (Outbox.sequence > after)
    same = (OutboundJob.address_key == Outbox.address_key) & (OutboundJob.sequence == Outbox.sequence)
    dropped = exists().where(same, OutboundJob.state == "dropped")
    statement = select(Outbox).where(mine, ~dropped).order_by(Outbox.sequence).limit(_MOST)
    with read_only(sessions) as session:
        rows = session.scalars(statement).all()
        texts = [_opened(row, keys) for row in rows]
    queued = [row.sequence for row in rows if row.state == "queued"]
    if queued:
        with sessions.begin() as session:
            fetched = Outbox.sequence.in_(queued)
            session.execute(update(Outbox).where(mine, fetched, Outbox.state == "queued").values(state="sent"))
            still = (OutboundJob.address_key == address_key) & OutboundJob.sequence.in_(queued)
            session.execute(delete(OutboundJob).where(still))
    return texts


def _opened(row: Outbox, keys: Keyring) -> SaidText:
    where = reply_row(row.address_key, row.ref, row.part)
    text = keys.unseal(REPLY_COLUMN, where, row.text_sealed)
    return SaidText(row.sequence, text, row.said_at, open_rich(keys, where, row.rich_sealed))
