"""What the SMSC has lately called our texts, so that a receipt is matched with the id as it was spelt then.

SMPP 3.4, 5.2.23, https://smpp.org/SMPP_v3_4_Issue1_2.pdf. Short numbers are ambiguous: 10 may be sixteen in hex.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence

from core.sending.receipt_ids import readings, value_of

KEPT = 100_000
"""Ids that are remembered by one process; receipts mostly come within minutes."""


class TakenIds:
    """The ids of one account's texts that this process has sent. Safe to use from several threads."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept, self._lock = kept, threading.Lock()
        self._ids, self._alike = OrderedDict[str, str](), dict[str, dict[str, None]]()

    def add(self, name: str) -> None:
        """Remember an id."""
        with self._lock:
            value = self._ids[name] = value_of(name)
            self._alike.setdefault(value, {})[name] = None
            if len(self._ids) > self._kept:
                self._forget(*self._ids.popitem(last=False))

    def known(self, names: Sequence[str], *, by_value: bool) -> Sequence[str]:
        """Which text a receipt means that names it ``names``: the id as it was spelt, alone; else ``names``.

        The very same id wins. By value the likeliest reading does, unless several texts have it.
        """
        with self._lock:
            if (found := next((name for name in names if name in self._ids), None)) is not None:
                return (found,)
            for value in (value for name in names for value in readings(name)) if by_value else ():
                if alike := self._alike.get(value):
                    return tuple(alike) if len(alike) == 1 else names
            return names

    def _forget(self, name: str, value: str) -> None:
        alike = self._alike[value]
        del alike[name]
        if not alike:
            del self._alike[value]
