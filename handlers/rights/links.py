"""Links to one's own data: signed, good for a day, and burnt by whoever takes the data. Looking spends nothing."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, BinaryIO, NamedTuple

from sqlalchemy import select, update

from core.database import read_only
from core.engine.runtime import Runtime
from core.keys import Keyring
from core.links import read_signed, signed
from core.personal import data_of
from core.randomness import Randomness
from handlers.rights.file import NAME, written
from handlers.rights.tables import DataLink

GOOD_FOR = timedelta(days=1)
_PURPOSE = "my data"
_NONCE_BYTES = 16


class NewLink(NamedTuple):
    """A link that is about to be given out: where it leads, and its row."""

    path: str
    until: datetime
    row: Mapping[str, Any]


def new_link(keys: Keyring, randomness: Randomness, address_key: bytes, at: datetime, by: str | None = None) -> NewLink:
    """A link to the data of the person at an address; ``by`` is the operator who asked for it."""
    until = at + GOOD_FOR
    token = signed(keys, _PURPOSE, randomness.take(_NONCE_BYTES).hex(), until)
    row = {
        "link_hash": keys.index(_PURPOSE, token),
        "address_key": address_key,
        "made_at": at,
        "made_by": by,
        "expires_at": until,
        "taken_at": None,
    }
    return NewLink(f"/my-data/{token}", until, row)


class Fetched(NamedTuple):
    """What a link gave, which gives nothing any more; whoever reads it closes it."""

    name: str
    bytes_count: int
    file: BinaryIO


def look(runtime: Runtime, token: str, at: datetime) -> str | datetime | None:
    """The name of the file behind a link, which stays as it is; when it was taken; None for no link of ours."""
    if read_signed(runtime.keys, _PURPOSE, token, at) is None:
        return None
    with read_only(runtime.sessions) as session:
        link = session.get(DataLink, runtime.keys.index(_PURPOSE, token))
    return None if link is None else link.taken_at or NAME


def fetch(runtime: Runtime, token: str, at: datetime) -> Fetched | datetime | None:
    """What a link gives: once, whoever asks at the same time. Else as :func:`look`."""
    found = look(runtime, token, at)
    if not isinstance(found, str):
        return found
    mine = DataLink.link_hash == runtime.keys.index(_PURPOSE, token)
    with read_only(runtime.sessions) as session:
        address_key = session.scalar(select(DataLink.address_key).where(mine))
        whose = None if address_key is None else data_of(session, runtime.keys, address_key)
        if whose is None:
            return None
        file, size = written(whose, runtime.mechanics.kept, at)
    burn = update(DataLink).where(mine, DataLink.taken_at.is_(None)).values(taken_at=at).returning(DataLink.link_hash)
    try:
        with runtime.sessions.begin() as session:
            burnt = session.execute(burn, execution_options={"synchronize_session": False}).first() is not None
    except BaseException:
        file.close()
        raise
    if burnt:
        return Fetched(NAME, size, file)
    file.close()
    now = look(runtime, token, at)
    return now if isinstance(now, datetime) else None
