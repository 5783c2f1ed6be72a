"""The three states of a torch, as every picture knows them."""

from enum import StrEnum


class State(StrEnum):
    """Values are the words that a torch's row uses."""

    UNLIT = "unlit"
    LIT = "lit"
    OUT = "out"
