"""Platform adapters: bytes in, messages out; one file or folder a channel."""
