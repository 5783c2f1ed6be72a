"""WeChat: official accounts, their messages and events in, answers in the connection and by the interface out."""
