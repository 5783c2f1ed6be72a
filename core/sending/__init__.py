"""Sending: what of the outbox an account may send now, in which order, and what becomes of it.

A job is claimed (``claim``), sent by an adapter, and settled (``settle``); what lost its sender goes on (``leases``).
Whether it may go: ``rate_limit``, ``spend_limits``, ``messaging_window``, ``policy`` with ``quiet_hours``. What did not
arrive: ``backoff``, ``delivery_reports``. The rows are ``jobs``, the values that adapters see ``outbound``, and what
operators do is ``operations``. Imports point down (pyproject.toml).
"""
