"""The rules of a campaign as a page."""
