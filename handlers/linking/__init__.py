"""Linking: two addresses become one person, and two players one."""
