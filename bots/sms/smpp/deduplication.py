"""Ids for messages that have none: a deliver_sm does not say whether it was delivered before.

A message is called by the hash of what it says (source, destination, class, coding, words, and the SMSC's reference
where it gives one), the ten minutes in which it first came, and how many like it this process has acknowledged in these
ten minutes and the ten before. So what comes again because its acknowledgement was never written, after a cut link or a
kill, has the id that it had; and a player who answers "1" twice has said two things.

An acknowledgement that was written is believed until the link is lost without a sign that the SMSC had read so far;
then it is taken back, and what comes again is again the same.

What this does not catch: a message that comes again after a kill when the ten minutes have turned meanwhile is taken
for a new one. Two equal messages of one player are taken for one when the second comes before the first is
acknowledged, and also when another process, or this one before it was killed, has acknowledged the first in the same
ten minutes. That is why one account is best held by one process, with several binds.
"""

import hashlib
import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Any

from bots.sms.smpp.pdu import Deliver, Tag

BUCKET = timedelta(minutes=10)
KEPT = 200_000
"""Messages that are remembered of each ten minutes, and of those not acknowledged; then the oldest go."""


def fingerprint(pdu: Deliver, octets: bytes, *more: int) -> bytes:
    """What ``pdu`` says, as 16 bytes; ``octets`` are its words, of all parts, and ``more`` tells long ones apart."""
    told = [pdu.options.get(Tag.USER_MESSAGE_REFERENCE, b"")]
    numbers = (pdu.esm_class, pdu.data_coding, *more)
    parts = [pdu.source.encode("latin-1"), pdu.dest.encode("latin-1"), repr(numbers).encode(), *told, octets]
    return hashlib.blake2b(b"".join(len(part).to_bytes(4, "big") + part for part in parts), digest_size=16).digest()


class DeduplicationKey:
    """One message's id, and what became of its acknowledgement."""

    __slots__ = ("_keys", "bucket", "count", "external_id", "mark")

    def __init__(self, keys: "DeduplicationKeys", mark: bytes, bucket: int, count: int) -> None:
        self._keys, self.mark, self.bucket, self.count = keys, mark, bucket, count
        self.external_id = f"{mark.hex()}:{bucket}:{count}"

    def written(self) -> None:
        """Its acknowledgement is on its way."""
        self._keys.settle(self)

    def lost(self) -> None:
        """Its acknowledgement was written to a link that may have been dead already."""
        self._keys.reopen(self)


class DeduplicationKeys:
    """The keys of one account's messages. Safe to use from several threads."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._open: OrderedDict[bytes, tuple[int, int]] = OrderedDict()
        self._acknowledged: dict[int, OrderedDict[bytes, int]] = {}
        self._lock = threading.Lock()

    def key(self, mark: bytes, at: datetime) -> DeduplicationKey:
        """The key of a message with fingerprint ``mark`` that came at ``at``."""
        now = int(at.timestamp() // BUCKET.total_seconds())
        with self._lock:
            for old in [bucket for bucket in self._acknowledged if not now - 1 <= bucket <= now + 1]:
                del self._acknowledged[old]
            if mark not in self._open:
                past = (self._acknowledged.get(bucket) for bucket in (now - 1, now))
                self._open[mark] = now, sum(counts.get(mark, 0) for counts in past if counts)
                _trim(self._open, self._kept)
            return DeduplicationKey(self, mark, *self._open[mark])

    def settle(self, key: DeduplicationKey) -> None:
        """Count ``key`` as acknowledged."""
        with self._lock:
            self._open.pop(key.mark, None)
            counts = self._acknowledged.setdefault(key.bucket, OrderedDict())
            counts[key.mark] = counts.get(key.mark, 0) + 1
            _trim(counts, self._kept)

    def reopen(self, key: DeduplicationKey) -> None:
        """Count it no more: it may come again."""
        with self._lock:
            counts = self._acknowledged.get(key.bucket)
            if counts and counts.get(key.mark):
                counts[key.mark] -= 1
            called = key.bucket, key.count
            self._open[key.mark] = min(called, self._open.get(key.mark, called))
            _trim(self._open, self._kept)


def _trim(kept: OrderedDict[bytes, Any], limit: int) -> None:
    while len(kept) > limit:
        kept.popitem(last=False)
