"""What somebody could change of blocks behind our back."""

_ONE = "WHERE channel = 'second'"
# id, what somebody did in SQL, the check that must notice
PLAYERS_TAMPERING = [
    ("blocked by nobody", "UPDATE addresses SET blocked_by = NULL WHERE blocked_at IS NOT NULL", "every block says"),
    (
        "for no reason",
        "UPDATE addresses SET blocked_why_sealed = NULL WHERE blocked_at IS NOT NULL",
        "every block says",
    ),
    (
        "let in by one door",
        f"UPDATE addresses SET blocked_at = NULL, blocked_by = NULL, blocked_why_sealed = NULL {_ONE}",
        "whoever is blocked is so",
    ),
]
