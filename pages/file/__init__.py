"""The page behind the link to a file that an operator's job has left."""
