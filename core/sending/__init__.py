"""Sending: what of the outbox an account may send now, in which order, and what becomes of it."""
