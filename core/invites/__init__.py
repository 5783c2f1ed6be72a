"""Invites: words and numbers that bring friends in, the reward for both, and what is held for review."""
