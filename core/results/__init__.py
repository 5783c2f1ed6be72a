"""Results: what players do that a text is measured by, and counting who did it in the time after it."""
