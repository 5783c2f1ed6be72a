"""The rules of the game and the turn that plays them; knows no platform, no web framework and no scheduler."""
