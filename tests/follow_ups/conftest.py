"""Races of clocks are held with the processes of the other races."""

from tests.races.conftest import arena, crowd

__all__ = ["arena", "crowd"]
