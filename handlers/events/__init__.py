"""Events: what a platform tells without words."""
