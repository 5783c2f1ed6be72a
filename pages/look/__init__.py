"""The look of a brand on pages: a style sheet of its colours, and its logo."""
