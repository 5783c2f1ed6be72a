"""Draws: a redeemed code may win a prize."""
