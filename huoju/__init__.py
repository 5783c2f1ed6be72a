"""Huoju: the command line and the composition root, where clock, randomness, settings and database come together."""

__version__ = "0.4.0"
