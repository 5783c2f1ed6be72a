"""Retention: what is old, done, and holds no promise any more goes, a little at a time."""
