"""What the SMSC has lately called our texts, so that a receipt is matched with the id as it was spelt then.

SMPP 3.4, 5.2.23, https://smpp.org/SMPP_v3_4_Issue1_2.pdf. Short numbers are ambiguous: 10 may be sixteen in hex.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence

KEPT = 100_000
"""Ids that are remembered by one process; receipts mostly come within minutes."""


class TakenIds:
    """The ids of one account's texts that this process has sent. Safe to use from several threads."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept, self._ids, self._lock = kept, OrderedDict[str, None](), threading.Lock()

    def add(self, name: str) -> None:
        """Remember an id."""
        with self._lock:
            self._ids[name] = None
            if len(self._ids) > self._kept:
                self._ids.popitem(last=False)

    def known(self, spellings: Sequence[str]) -> Sequence[str]:
        """The first of ``spellings`` that is remembered, alone; all of them when none is."""
        with self._lock:
            found = next((name for name in spellings if name in self._ids), None)
        return spellings if found is None else (found,)
