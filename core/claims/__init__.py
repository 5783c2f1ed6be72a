"""Claims: how a prize or gift reaches its player, until when, and what becomes of it otherwise."""
