"""Follow-ups: what is said unasked, some time after something happened."""
