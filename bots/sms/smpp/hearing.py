"""Messages of phones: from a deliver_sm to the engine, and the acknowledgement back once the engine has committed.

SMPP 3.4, 4.6, https://smpp.org/SMPP_v3_4_Issue1_2.pdf. Nothing waits here: the acknowledgement is written when the
future of the turn is done, so a turn takes as many messages as there are.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from itertools import groupby

import structlog

from bots.base import Submit
from bots.sms.account import CHANNEL
from bots.sms.smpp.account import SmppAccount
from bots.sms.smpp.alphabets import text_of
from bots.sms.smpp.joining import Ack, Joining
from bots.sms.smpp.naming import Name, Names, fingerprint
from bots.sms.smpp.numbers import user_of
from bots.sms.smpp.pdus import Deliver
from bots.sms.smpp.pieces import Puzzle, content_of
from bots.sms.smpp.receipts import is_message, is_receipt, read_receipt
from bots.sms.smpp.reporting import Reports
from bots.sms.smpp.statuses import OK, QUEUE_FULL, TRY_LATER
from bots.sms.smpp.taken_ids import TakenIds
from core.engine.engine import Busy
from core.engine.failing import Unavailable
from core.messages import Answer, InboundMessage, Manner, NotAMessage
from core.times import Clock

log = structlog.get_logger()

Settle = Callable[[int, Name | None], None]
"""Told the status of an acknowledgement, and whose it is when it says that all is well."""


class Hearing:
    """Hears for all links of one account. Safe to use from several threads."""

    def __init__(
        self, account: SmppAccount, submit: Submit, reports: Reports, *, joining: Joining, taken: TakenIds, clock: Clock
    ) -> None:
        self._account, self._submit, self._reports = account, submit, reports
        self._joining, self._taken, self._clock = joining, taken, clock
        self._names = Names()

    def hear(self, pdu: Deliver, ack: Ack) -> None:
        """Take ``pdu``; ``ack`` is answered now or later, from whatever thread."""
        if is_receipt(pdu):
            self._receipt(pdu, ack)
            return
        user = user_of(pdu.source, pdu.source_ton, self._account.region)
        if user is None or not is_message(pdu) or not self._account.serves(user):
            log.info("smpp.ignored", account=self._account.name, ton=pdu.source_ton, esm_class=pdu.esm_class)
            ack.answer(OK)
            return
        content = content_of(pdu)
        if content.part is not None and not content.is_data:
            self._speak(self._joining.take(pdu, content.part, ack))
            return
        name = self._names.name(fingerprint(pdu, pdu.octets), self._clock())
        self._say(user, self._text([pdu]), name, ack.answer)

    def tick(self) -> None:
        """Look whether parts have waited long enough: for their acknowledgement, or for the rest."""
        self._speak(self._joining.tick())

    def give_up(self) -> None:
        """Say what has come of unfinished messages: this process will hear no more."""
        self._speak(self._joining.give_up())

    def _receipt(self, pdu: Deliver, ack: Ack) -> None:
        receipt = read_receipt(pdu, self._account.name, guess=self._account.receipt_ids == "guess")
        if receipt is None:
            log.warning("smpp.receipt_unreadable", account=self._account.name)
            ack.answer(OK)
        else:
            names = tuple(self._taken.known(receipt.external_ids))
            self._reports.put(replace(receipt, external_ids=names), ack.answer)

    def _speak(self, puzzles: Iterable[Puzzle[Ack]]) -> None:
        for puzzle in puzzles:
            parts = puzzle.in_order()
            octets = b"".join(content_of(part).octets for part in parts)
            name = self._names.name(fingerprint(parts[0], octets, *puzzle.key[2:]), self._clock())
            user = user_of(parts[0].source, parts[0].source_ton, self._account.region)
            assert user is not None, "a part of nobody was taken"
            self._say(user, self._text(parts), name, partial(self._joining.settle, puzzle))

    def _say(self, user: str, text: str | None, name: Name, settle: Settle) -> None:
        """Hand a message to the engine; ``settle`` is told when it is safe, or that it should come again."""
        manner = Manner.TYPED if text else Manner.SHOWED
        address, at = (CHANNEL, self._account.name, user), self._clock()
        try:
            message = InboundMessage.received(address, name.external_id, text or "", at, waits=False, manner=manner)
            future = self._submit(message)
        except Busy:
            settle(QUEUE_FULL, None)
        except Unavailable:
            settle(TRY_LATER, None)
        except NotAMessage:
            log.warning("smpp.not_a_message", account=self._account.name)
            settle(OK, name)
        else:
            future.add_done_callback(lambda done: settle(*_verdict(done, name)))

    def _text(self, parts: Sequence[Deliver]) -> str | None:
        """The words of a message, None when it has none. The end of a part may cut a character in two."""
        words: list[str] = []
        for coding, run in groupby(parts, key=lambda part: part.data_coding):
            contents = [content_of(part) for part in run]
            octets = b"".join(content.octets for content in contents)
            text = text_of(octets, coding, self._account.alphabet)
            if text is None or any(content.is_data for content in contents):
                return None
            words.append(text)
        return "".join(words)


def _verdict(future: "Future[Answer]", name: Name) -> tuple[int, Name | None]:
    if future.cancelled():
        return TRY_LATER, None
    if (error := future.exception()) is None:
        return OK, name
    if not isinstance(error, Unavailable):
        log.error("smpp.turn_failed", exc_info=error)
    return TRY_LATER, None
