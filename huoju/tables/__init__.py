"""Tables that people bring: opened whatever program saved them, the columns found, damage told apart from values."""
