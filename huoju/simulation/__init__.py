"""Play a campaign on a virtual clock with a seeded crowd, through the very engine that real players meet."""
