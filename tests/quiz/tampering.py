"""What somebody could change in a quiz behind our back."""

# id, what somebody did in SQL, the check that must notice
QUIZ_TAMPERING = [
    ("a question invented", "UPDATE quiz_answers SET question = 'x' WHERE choice IS NULL", "every answer of a quiz"),
    ("another choice", "UPDATE quiz_answers SET choice = 1 WHERE is_right", "every answer of a quiz"),
    ("a choice that is none", "UPDATE quiz_answers SET choice = 9 WHERE NOT is_right", "every answer of a quiz"),
    ("another's answer", "UPDATE quiz_answers SET player_id = 7 WHERE choice IS NULL", "every answer of a quiz"),
    ("judged mildly", "UPDATE quiz_answers SET is_right = true WHERE NOT is_right", "every right answer of a quiz"),
    ("an answer lost", "DELETE FROM quiz_answers WHERE is_right", "every right answer of a quiz"),
    ("paid too well", "UPDATE transfers SET amount = 20 WHERE reason = 'quiz'", "every right answer of a quiz"),
    ("not paid", "DELETE FROM transfers WHERE reason = 'quiz'", "every right answer of a quiz"),
    ("from elsewhere", "UPDATE transfers SET debit = 'campaign:1:x' WHERE reason = 'quiz'", "every transfer is of a"),
]
