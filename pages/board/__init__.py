"""The boards of a relay as a page."""
