"""The playground: a page on which a visitor is two or more phones at once and chats with the live engine."""
