"""Invites: friends who bring friends in."""
