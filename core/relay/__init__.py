"""The torch relay: torches, who hands them on, their timers, and the boards that are counted by a roll-up."""
