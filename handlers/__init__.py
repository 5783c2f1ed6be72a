"""Handlers: one file an intent, each says how it is recognised and how it is answered."""
