"""Backoff: what a text that did not arrive becomes, by its category and the number of its tries, and after how long."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from core.models import OutboundJob
from core.randomness import Randomness
from core.sending.jobs import CUT
from core.sending.outbound import Category, Refused, SendingAccount, TryAgain, Unknown

DOUBTS = 4
"""So often a text is sent at most while nobody knows whether it arrives, as its player may read it each time. The
pauses are longer for that, as long as after so many tries more: a platform's bad minutes pass meanwhile."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """How often a text is tried and how long from one try to the next: twice as long each time, up to ``longest``."""

    first: timedelta = timedelta(seconds=2)
    longest: timedelta = timedelta(hours=1)
    tries: int = 16
    """After so many it is given up: with these numbers, after three to six hours."""

    def pause(self, tries: int, randomness: Randomness) -> timedelta:
        """How long to wait after try number ``tries``: half of it at least, the rest by chance, so that many spread."""
        whole = min(self.first * (1 << min(tries - 1, 30)), self.longest)
        chance = int.from_bytes(randomness.take(2), "big")
        return whole / 2 + whole / 2 * chance / 0xFFFF


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How the texts of one account are tried again."""

    outlet: SendingAccount
    backoff: Backoff
    randomness: Randomness

    def put_down(
        self, dispatch: OutboundJob, outcome: TryAgain | Refused | Unknown, at: datetime, *, waited: bool = False
    ) -> None:
        """Give ``dispatch`` the state that follows from a try that did not deliver it.

        One that was refused by a right goes on at once by the next one; the claim holds it when there is none left.
        ``waited`` says that the try is long over.
        """
        right, dispatch.by_right, dispatch.taken_at = dispatch.by_right, None, None
        dispatch.error = CUT if dispatch.error == CUT else outcome.error
        match outcome:
            case TryAgain(after=after) if after:
                dispatch.state, dispatch.due_at, dispatch.tries = "due", at, dispatch.tries - 1
            case TryAgain():
                self._later(dispatch, at)
            case Refused(window_exhausted=exhausted, elsewhere=elsewhere) if (exhausted or elsewhere) and right is None:
                dispatch.state, dispatch.tries = "held", dispatch.tries - 1
            case Refused(window_exhausted=exhausted, elsewhere=elsewhere) if exhausted or elsewhere:
                dispatch.state, dispatch.due_at, dispatch.tries = "due", at, dispatch.tries - 1
                another = right == "consent" and exhausted  # of another template
                dispatch.by_right = "typed" if another else right
            case Refused():
                dispatch.state = "dead"
            case Unknown():
                self._doubt(dispatch, outcome, at, waited=waited)
            case _:
                assert_never(outcome)
        if dispatch.state in {"dead", "unknown"}:
            dispatch.by_right = right  # for operators

    def _doubt(self, dispatch: OutboundJob, outcome: Unknown, at: datetime, *, waited: bool) -> None:
        sure = self.outlet.deduplicates
        again = sure or (dispatch.category != Category.MARKETING and dispatch.tries < DOUBTS)
        if outcome.again and again:
            self._later(dispatch, at, longer=0 if sure or waited else DOUBTS)
        else:
            dispatch.state = "unknown"

    def _later(self, dispatch: OutboundJob, at: datetime, longer: int = 0) -> None:
        if dispatch.tries >= self.backoff.tries:
            dispatch.state = "dead"
        else:
            dispatch.state, dispatch.due_at = "due", at + self.backoff.pause(dispatch.tries + longer, self.randomness)


def hold_whole(dispatch: OutboundJob, *, spoke: bool, at: datetime) -> None:
    """A notice said a part of the text: the whole goes as a message, when the player speaks or has spoken meanwhile."""
    dispatch.state, dispatch.due_at = "due" if spoke else "held", at
    dispatch.error, dispatch.taken_at, dispatch.by_right = CUT, None, None
