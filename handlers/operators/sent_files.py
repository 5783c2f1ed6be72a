"""Files that an operator sends before a verb that is about one: the newest of the last minutes, fetched whole."""

import base64
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select

from core.attachments import TOO_LARGE, Media, MediaKind, NotFetched, opened
from core.campaign.reader import SIZE_LIMIT
from core.database import read_only
from core.engine.runtime import Runtime
from core.models import Inbox
from core.models.chats import ATTACHMENTS_COLUMN, row_key
from core.operators import Misspoken, VerbRefused
from core.places import Place
from core.verbs import MediaFetchers

GOOD_FOR = timedelta(minutes=10)
_LOOKED_AT = 20


def sent_file(runtime: Runtime, place: Place, address_key: bytes, at: datetime) -> dict[str, str]:
    """The newest file that this address sent, as an argument of a verb. Not within a transaction.

    Raises VerbRefused where there is none, or only an older one, where it is too large, or cannot be fetched.
    """
    media, sent_at = next(_files(runtime, address_key, at), (None, at))
    if media is None:
        raise Misspoken("there is no file: send it here as a document first")
    if at - sent_at > GOOD_FOR:
        raise Misspoken("your last file is older than ten minutes: send it once more first")
    fetchers = runtime.setting(MediaFetchers)
    fetcher = fetchers.at(place) if fetchers is not None else None
    if fetcher is None:
        raise VerbRefused("files cannot be fetched from here")
    found = fetcher.fetch(media, SIZE_LIMIT)
    if isinstance(found, NotFetched):
        if found.error == TOO_LARGE:
            raise VerbRefused("the file is larger than 1 MiB; a campaign file is a few pages")
        if found.again:
            raise VerbRefused("the file cannot be fetched right now; try again in a moment")
        raise VerbRefused("the platform does not give the file out any more; send it once more")
    if len(found.content) > SIZE_LIMIT:
        raise VerbRefused("the file is larger than 1 MiB; a campaign file is a few pages")
    return {"name": media.name or "file", "content": base64.b64encode(found.content).decode()}


def _files(runtime: Runtime, address_key: bytes, at: datetime) -> Iterator[tuple[Media, datetime]]:
    """Files of this address with when they were sent, the newest first."""
    mine = (Inbox.address_key == address_key) & Inbox.attachments_sealed.is_not(None) & (Inbox.received_at <= at)
    newest = select(Inbox).where(mine).order_by(Inbox.received_at.desc(), Inbox.external_id.desc()).limit(_LOOKED_AT)
    with read_only(runtime.sessions) as session:
        for row in session.scalars(newest):
            assert row.attachments_sealed is not None
            name = row_key((row.address_key, row.external_id))
            for each in reversed(opened(runtime.keys.unseal(ATTACHMENTS_COLUMN, name, row.attachments_sealed))):
                if isinstance(each, Media) and each.kind is MediaKind.FILE:
                    yield each, row.received_at
