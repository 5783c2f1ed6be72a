"""Consent: to be left alone, or not any more."""
