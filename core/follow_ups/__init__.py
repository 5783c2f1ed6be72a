"""Follow-ups: what is said to one player so long after something happened, unless it has become needless."""
