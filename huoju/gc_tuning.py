"""GC tuning: Python looks for cycles seldom enough not to be seen (docs/engineering/decisions/0004-gc-tuning.md)."""

import atexit
import gc

_YOUNG, _MIDDLE, _OLD = 50_000, 20, 50
"""New objects before a look, and looks before one at older objects. A turn makes some thousand objects."""


def collect_seldom() -> None:
    """Leave what was imported alone for ever, and look at the rest seldom; call it once everything is imported.

    A turn's objects are gone by counting references; with Python's own thresholds the looks took a sixth of a clock's
    time. What is left over by then is some megabytes.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)


def end_at_once() -> None:
    """Let this process not look through all that it imported, while it imports nor when it ends; call it first.

    That took a quarter of a short command's time (1.2 s of CPU, 0.9 s without).
    """
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
    atexit.register(gc.freeze)
