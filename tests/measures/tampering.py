"""What somebody could change of the days that were counted behind our back."""

# id, what somebody did in SQL, the check that must notice
MEASURES_TAMPERING = [
    ("more than there was", "UPDATE daily_measures SET value = 7 WHERE measure = 'codes redeemed'", "what final days"),
    ("other rows", "UPDATE daily_measures SET rows = rows + 1 WHERE measure = 'codes redeemed'", "what final days"),
    ("a measure gone", "DELETE FROM daily_measures WHERE measure = 'codes redeemed'", "what final days"),
]
