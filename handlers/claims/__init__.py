"""Claims: how what was won or bought reaches its player."""
