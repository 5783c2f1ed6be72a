"""Segments: whom an operator means, in a small language of words that mechanics have."""
