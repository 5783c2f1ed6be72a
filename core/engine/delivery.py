"""Delivery: one message on its way through a turn."""

from dataclasses import dataclass

from core.keys import Keyring
from core.messages import InboundMessage

Key = tuple[bytes, str]
"""Primary key of an inbox row: address key and external id."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery of one message on its way through a turn."""

    message: InboundMessage
    key: Key
    body_mac: bytes
    replay: bool = False
    """True when an operator replays a failed message: its inbox row is there already."""

    @property
    def album(self) -> Key | None:
        """Under which key the wordless pictures of its album come."""
        return (self.key[0], self.message.album) if self.message.album else None


def delivery(message: InboundMessage, keys: Keyring) -> Delivery:
    """``message`` with its inbox key and the fingerprint of its body."""
    address_key = keys.address_key(message.channel, message.account, message.user)
    return Delivery(message, (address_key, message.external_id), keys.body_mac(message.text))
