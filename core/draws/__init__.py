"""Draws: a committed seed, a roll anybody can recompute, odds that grow with points, stock that cannot be overdrawn."""
