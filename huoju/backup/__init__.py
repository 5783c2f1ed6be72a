"""Backups: one file that holds the whole database, and how it becomes a database again. The key file goes apart."""
