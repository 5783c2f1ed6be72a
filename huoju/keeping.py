"""How long rows are kept in an installation: the table [keep] of huoju.toml."""

from datetime import timedelta
from typing import Any

from core.campaign.quantities import span
from core.retention.keep import INBOX, KEEPABLE, OUTBOX, Keep
from core.spelling import guess

TABLE = "keep"
FOR_EVER = ("for ever", "forever")
_WORDS = {one.word: one for one in KEEPABLE}


class KeepRefused(Exception):
    """The table cannot be used; ``wrong`` says where and what would do."""

    def __init__(self, place: str, remedy: str) -> None:
        super().__init__(f"{place}: {remedy}")
        self.wrong = (place, remedy)


def read_keep(table: Any) -> Keep:
    """What ``table`` says; without one all is kept as usual. Raises KeepRefused."""
    if table is None:
        return Keep()
    if not isinstance(table, dict):
        raise KeepRefused(TABLE, f'write a table: [{TABLE}], and inbox = "400 days" inside it')
    keep = Keep({word: _length(word, said) for word, said in table.items()})
    heard, said = keep.length(INBOX), keep.length(OUTBOX)
    if heard is not None and (said is None or said > heard):
        raise KeepRefused(
            f"{TABLE}.outbox",
            "this is longer than inbox, but a message stays as long as its answers: make inbox as long",
        )
    return keep


def _length(word: str, said: Any) -> timedelta | None:
    place, what = f"{TABLE}.{word}", _WORDS.get(word)
    if what is None:
        raise KeepRefused(place, f"this is not known here{guess(word, _WORDS)}; there are {', '.join(_WORDS)}")
    if not isinstance(said, str):
        raise KeepRefused(place, 'write a length of time in quotes, such as "90 days", or "for ever"')
    if said.strip().lower() in FOR_EVER:
        return None
    try:
        length = span(said)
    except ValueError:
        raise KeepRefused(place, 'write a length of time such as "90 days", or "for ever"') from None
    if length < what.least:
        raise KeepRefused(place, f"{what.least.days} days at the least: {what.why}")
    return length
