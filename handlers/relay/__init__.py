"""The relay: torches that are handed on."""
