"""A quiz: questions with choices, each answered once and in time."""
