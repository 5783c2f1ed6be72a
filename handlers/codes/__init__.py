"""Codes: one on each pack, redeemed once."""
