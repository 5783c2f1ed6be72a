"""The terminal: one person chats with the engine."""
