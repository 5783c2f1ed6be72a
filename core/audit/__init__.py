"""The audit: every invariant of the database, checked row by row on a live one."""
