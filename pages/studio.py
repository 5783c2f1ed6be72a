"""Where dear pictures are drawn: few at once, none twice at the same time, and the last ones are kept."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from functools import wraps
from typing import ParamSpec

from core.blame import Unavailable

_P = ParamSpec("_P")

AT_ONCE = 2
PATIENCE_S = 5.0
"""Whoever has waited so long for a picture, or for a hand that draws it, is told to come again."""
ROOM_BYTES = 32 * 1024 * 1024


class Studio:
    """Draws for the threads of one process. What it was asked for longest ago makes room for new pictures."""

    def __init__(self, at_once: int = AT_ONCE, patience_s: float = PATIENCE_S, room_bytes: int = ROOM_BYTES) -> None:
        self._hands, self._patience_s, self._room = threading.Semaphore(at_once), patience_s, room_bytes
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._drawing: dict[Hashable, Future[bytes]] = {}
        self._lock = threading.Lock()

    def draws(self, draw: Callable[_P, bytes]) -> Callable[_P, bytes]:
        """``draw``, done here: its picture depends on its arguments alone. Raises Unavailable where it takes long."""

        @wraps(draw)
        def drawn(*of: _P.args, **more: _P.kwargs) -> bytes:
            return self._drawn((draw, of, *sorted(more.items())), lambda: draw(*of, **more))

        return drawn

    def _drawn(self, key: Hashable, draw: Callable[[], bytes]) -> bytes:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            underway = self._drawing.get(key)
            if underway is None:
                ours = self._drawing[key] = Future()
        if underway is not None:
            try:
                return underway.result(self._patience_s)
            except TimeoutError:
                raise Unavailable("the picture is still being drawn") from None
        try:
            picture = self._by_hand(draw)
        except BaseException as error:
            with self._lock:
                del self._drawing[key]
            ours.set_exception(error)
            raise
        with self._lock:
            del self._drawing[key]
            self._keep(key, picture)
        ours.set_result(picture)
        return picture

    def _by_hand(self, draw: Callable[[], bytes]) -> bytes:
        if not self._hands.acquire(timeout=self._patience_s):
            raise Unavailable("too many pictures are being drawn")
        try:
            return draw()
        finally:
            self._hands.release()

    def _keep(self, key: Hashable, picture: bytes) -> None:
        if len(picture) > self._room:
            return
        self._kept[key] = picture
        held = sum(map(len, self._kept.values()))
        while held > self._room:
            held -= len(self._kept.popitem(last=False)[1])
