"""Benchmarks: each module measures one promise and its baseline; `python -m benchmarks` prints them as one table."""
