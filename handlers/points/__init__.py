"""Points: what a player has, and how it came."""
