"""Linking: two addresses become one person, and two players one."""

from handlers.linking.mechanic import MECHANIC

__all__ = ["MECHANIC"]
