"""How long rows are kept in an installation: the table [keep] of huoju.toml."""

from datetime import timedelta
from typing import Any

from core.answers import Value, Verbatim, line
from core.campaign.findings import meant
from core.campaign.quantities import span
from core.retention.keep import INBOX, KEEPABLE, OUTBOX, Keep

TABLE = "keep"
FOR_EVER = ("for ever", "forever")
_WORDS = {one.word: one for one in KEEPABLE}


class KeepRefused(Exception):
    """The table cannot be used; ``wrong`` says where and what would do."""

    def __init__(self, place: str, sentence: str, **values: Value) -> None:
        remedy = line(sentence, **values)
        super().__init__(f"{place}: {remedy.text}")
        self.wrong = (place, remedy)


def read_keep(table: Any) -> Keep:
    """What ``table`` says; without one all is kept as usual. Raises KeepRefused."""
    if table is None:
        return Keep()
    if not isinstance(table, dict):
        raise KeepRefused(TABLE, 'write a table: [keep], and inbox = "400 days" inside it')
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
        known = Verbatim(", ".join(_WORDS))
        raise KeepRefused(
            place, "this is not known here{asked}; there are {known}", asked=meant(word, _WORDS), known=known
        )
    if not isinstance(said, str):
        raise KeepRefused(place, 'write a length of time in quotes, such as "90 days", or "for ever"')
    if said.strip().lower() in FOR_EVER:
        return None
    try:
        length = span(said)
    except ValueError:
        raise KeepRefused(place, 'write a length of time such as "90 days", or "for ever"') from None
    if length < what.least:
        raise KeepRefused(place, "{days} days at the least: {why}", days=what.least.days, why=what.why)
    return length
