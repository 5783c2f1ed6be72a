"""The turn: claim, recognise, load, decide, save, answer; and the queue that lets turns grow under load."""
