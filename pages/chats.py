"""Chats: where a friend says an invite word, and the link that opens a chat with the word in it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chat:
    """One chat in which friends are brought in, by the name that people use."""

    name: str
    typed_word: bool = False
    """Whether somebody who scanned types an answer before joining."""
    link: str | None = None
    """Opens it with the word ready to be sent; None where no link can."""
