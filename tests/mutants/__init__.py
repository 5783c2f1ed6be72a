"""Mutants: one-line changes that would break a promise, each with the tests that see it. `make mutants` proves it."""
