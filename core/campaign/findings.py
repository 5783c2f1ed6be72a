"""What is wrong in a campaign file: where, and what to do."""

Finding = tuple[tuple[str | int, ...], str]
"""A place in the file, by keys and positions from the top, and the remedy."""
