"""Measures: what a campaign comes to, each number defined once; whoever shows one counts it here."""
