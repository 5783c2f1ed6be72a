"""The relay: torches that are handed on."""

from handlers.relay.mechanic import MECHANIC

__all__ = ["MECHANIC"]
