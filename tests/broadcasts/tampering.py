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

# The same of a broadcast in two versions, of which some people hear nothing.
VERSIONS_TAMPERING = [
    ("another part", "UPDATE broadcast_members SET arm = 1 WHERE arm = 2", "every member of a test is in the part"),
    ("another version", "UPDATE broadcast_members SET version = 1 WHERE arm = 2", "every member of a test is in the"),
    ("another seed", "UPDATE broadcast_tests SET shares_ppm = '[0, 1, 1]'", "every member of a test is in the part"),
    ("another text", 'UPDATE broadcasts SET words = \'{"en": "Hi"}\'', "every test of a broadcast has the texts"),
]
