"""What players read: a catalogue a language, and the one formatter."""
