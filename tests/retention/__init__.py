"""Retention: old rows go, and what is told of them."""
