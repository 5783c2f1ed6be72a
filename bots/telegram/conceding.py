"""What Telegram refuses for what it looks like, or for where it should stand, is said in a plainer way.

Buttons that it does not take become numbered lines, a text that is too long several, a topic that is closed or gone the
general one, and a group that became a supergroup is followed there. Each of these is tried once for one text, so
whatever Telegram answers comes to an end.
"""

from dataclasses import dataclass, replace

from telegram.error import BadRequest, ChatMigrated, TelegramError

from bots.telegram.errors import NO_RIGHTS, NO_TOPIC, TOO_LONG, outcome_of
from bots.telegram.rendering import CAPTION_UNITS, TEXT_UNITS, Part, split, texts
from core.sending.outbound import OutboundMessage, Refused

MOVED, PLAIN = "chat_migrated", "plain"


@dataclass(frozen=True, slots=True)
class Left:
    """What of a text is still to be said and where, what was said of it, and what was conceded for that."""

    chat: int
    topic: int | None
    parts: tuple[Part, ...]
    said: tuple[str, ...] = ()
    conceded: tuple[str, ...] = ()

    def without_first(self) -> "Left":
        """The same when the next part has been said."""
        return replace(self, parts=self.parts[1:], said=(*self.said, self.parts[0].text))


def concede(left: Left, message: OutboundMessage, error: TelegramError) -> Left | None:
    """What is said of ``message`` after the next part of ``left`` led to ``error``; None when nothing helps."""
    what = _what_helps(left, error)
    if what is None or what in left.conceded:
        return None
    given = replace(left, conceded=(*left.conceded, what))
    if what == MOVED:
        assert isinstance(error, ChatMigrated)
        return replace(given, chat=error.new_chat_id, topic=None)
    if what == NO_TOPIC:
        return replace(given, topic=None)
    if what == TOO_LONG:
        return replace(given, parts=tuple(shorter for part in left.parts for shorter in _shortened(part)))
    plain = split(message.text, CAPTION_UNITS if TOO_LONG in left.conceded else TEXT_UNITS)
    begun = tuple(plain[: len(left.said)]) == left.said
    return replace(given, parts=tuple(map(Part, plain[len(left.said) :] if begun else plain)))


def _what_helps(left: Left, error: TelegramError) -> str | None:
    if isinstance(error, ChatMigrated):
        return MOVED if isinstance(error.new_chat_id, int) else None
    outcome = outcome_of(error)
    if not isinstance(error, BadRequest) or not isinstance(outcome, Refused) or outcome.gone:
        return None
    if outcome.error in {NO_TOPIC, TOO_LONG}:
        return outcome.error if outcome.error == TOO_LONG or left.topic is not None else None
    return PLAIN if outcome.error != NO_RIGHTS and left.parts[0].keyboard is not None else None


def _shortened(part: Part) -> list[Part]:
    above = [] if part.picture is None else [Part("", part.picture)]
    return [*above, *texts(part.text, part.keyboard, CAPTION_UNITS)]
