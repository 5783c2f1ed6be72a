"""Campaigns: one YAML file each, checked for sense and law, frozen at publication."""
