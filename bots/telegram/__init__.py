"""Telegram: one bot for each account, which is sent its updates or fetches them (core.telegram.org/bots/api)."""
