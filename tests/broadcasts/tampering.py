"""What somebody could change in a broadcast behind our back."""

# id, what somebody did in SQL, the check that must notice
BROADCASTS_TAMPERING = [
    ("a member more", "UPDATE broadcasts SET members = members + 1", "every broadcast has the members that it counts"),
    (
        "another text",
        "UPDATE broadcast_members SET sequence = sequence + 100 WHERE sequence IS NOT NULL",
        "every member of a broadcast has the one text",
    ),
]
