"""What somebody could change of operators' plans and of their log behind our back."""

# id, what somebody did in SQL, the check that must notice
OPERATORS_TAMPERING = [
    ("a row gone", "DELETE FROM operator_log WHERE number = 1", "the log of operators"),
    ("another verb", "UPDATE operator_log SET verb = 'campaign resume' WHERE number = 1", "the log of operators"),
    (
        "a plan done again",
        "UPDATE plans SET state = 'waiting' WHERE state = 'done'",
        "what was planned was carried out",
    ),
    ("a report forgotten", "DELETE FROM report_days", "what is told every morning"),
    ("a report of another day", "UPDATE report_days SET day = '2026-11-30'", "what is told every morning"),
    ("a plan unsaid", "UPDATE operator_log SET plan_id = NULL WHERE plan_id IS NOT NULL", "what was planned was"),
]
