"""What somebody could change in purchases behind our back."""

# id, what somebody did in SQL, the check that must notice
PURCHASES_TAMPERING = [
    ("another's purchase", "UPDATE purchases SET player_id = 7 WHERE ref = 'A-1'", "every purchase is of a player"),
    ("given back", "UPDATE purchases SET refunded = 1 WHERE ref = 'A-1'", "what was given back of every purchase"),
    ("another campaign's", "UPDATE purchases SET campaign_id = 9", "everything that was bought is of a purchase"),
]
