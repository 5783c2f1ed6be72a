"""The live console: one campaign on the screen of an office and on a phone, by numbers alone."""
