"""The page behind a torch link: how the torch stands, what its chain has come to, and which word to send where."""
