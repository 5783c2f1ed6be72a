"""The habits of a crowd: shares from 0 to 1, and lengths of time. Guesses that make a lively campaign, not findings."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Habits:
    """What people are like."""

    beginners: float = 0.02
    """Come by themselves, without a friend."""
    friends: tuple[int, ...] = (0, 1, 1, 2, 2, 2, 3, 3, 4, 6)
    """How many are asked at once for one torch, all alike."""
    asks_after_s: float = 45
    answers: float = 0.62
    """Of those who are asked and have not joined, the others never answer."""
    answers_again: float = 0.15
    """Of those who have joined and are asked by somebody else: they send the word all the same."""
    slow: float = 0.35
    """Of those who answer, these take their time."""
    quick_s: float = 150
    slow_s: float = 2400
    reminded: float = 0.2
    """Ask one more friend when they are reminded."""
    relights: float = 0.5
    curious: float = 0.08
    """Look at boards, perk, points and rules."""
    named: float = 0.2
    repeated: float = 0.03
    """Of all messages, delivered once more by their platform."""
    english: float = 0.25
    buys_again: float = 0.6
    sleeps: float = 0.7
    """Answer in the morning what came at night."""
    wakes_at: int = 7
