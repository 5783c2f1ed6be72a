"""Speech: how what players say is read, and what stands around it."""
