"""Gifts: what points are exchanged for."""
