"""Alerts: what operators are told though none of them asked."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from core.answers import Line

if TYPE_CHECKING:
    from core.engine.runtime import Runtime

Alert = Callable[["Runtime", str, Line, datetime], int]
"""Tells a line to all who may act as operators, once for each ref, whoever says it how often; how many were told.

In transactions of its own, so never within one. The line is said in each operator's language.
"""


def nobody_told(runtime: "Runtime", ref: str, told: Line, at: datetime) -> int:  # noqa: ARG001  # that of an Alert
    """Where no mechanic has operators."""
    return 0
