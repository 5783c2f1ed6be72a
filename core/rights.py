"""What the engine itself has sealed: the users of addresses, what they said and were told, seeds of campaigns."""

from core.blocks import WHY_COLUMN
from core.campaign.live import SEED_COLUMN
from core.keys import Keyring
from core.models import Address, Campaign, Inbox, MessagePart, Outbox
from core.models.chats import ATTACHMENTS_COLUMN, TEXT_COLUMN, row_key
from core.models.parts import PART_COLUMN, part_row
from core.models.players import ERASED, USER_COLUMN
from core.outbox import REPLY_COLUMN, RICH_COLUMN, reply_row
from core.sealed import Sealed, by_key


def _message(address_key: bytes, external_id: str) -> bytes:
    return row_key((address_key, external_id))


def _is_found(keys: Keyring, user: str, key: bytes, channel: str, account: str) -> bool:
    return user == ERASED or keys.address_key(channel, account, user) == key


def _is_said(keys: Keyring, text: str, _address_key: bytes, _external_id: str, body_mac: bytes) -> bool:
    return keys.body_mac(text) == body_mac


_MESSAGE = (Inbox.address_key, Inbox.external_id)
_REPLY = (Outbox.address_key, Outbox.ref, Outbox.part)

SEALED = (
    Sealed(column=Campaign.seed_sealed, where=SEED_COLUMN, named_by=(Campaign.name,), row=str.encode),
    Sealed(
        column=Address.user_sealed,
        where=USER_COLUMN,
        named_by=(Address.key,),
        row=by_key,
        locked=True,
        known_by=(Address.channel, Address.account),
        agrees=_is_found,
    ),
    Sealed(column=Address.blocked_why_sealed, where=WHY_COLUMN, named_by=(Address.key,), row=by_key, locked=True),
    Sealed(
        column=Inbox.text_sealed,
        where=TEXT_COLUMN,
        named_by=_MESSAGE,
        row=_message,
        known_by=(Inbox.body_mac,),
        agrees=_is_said,
    ),
    Sealed(column=Inbox.attachments_sealed, where=ATTACHMENTS_COLUMN, named_by=_MESSAGE, row=_message),
    Sealed(column=Outbox.text_sealed, where=REPLY_COLUMN, named_by=_REPLY, row=reply_row),
    Sealed(column=Outbox.rich_sealed, where=RICH_COLUMN, named_by=_REPLY, row=reply_row),
    Sealed(
        column=MessagePart.sealed,
        where=PART_COLUMN,
        named_by=(MessagePart.address_key, MessagePart.reference, MessagePart.place),
        row=part_row,
    ),
)
