"""Timers: what is due is a row; here it is set, and fired in a transaction of its own."""
