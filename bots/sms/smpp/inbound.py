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

from bots.base import InboundSink
from bots.sms.account import CHANNEL
from bots.sms.numbers import sender_of, unanswerable
from bots.sms.smpp.account import SmppAccount
from bots.sms.smpp.command_status import OK, QUEUE_FULL, TRY_LATER
from bots.sms.smpp.deduplication import DeduplicationKey, DeduplicationKeys, fingerprint
from bots.sms.smpp.delivery_reports import (
    DeliveryReportQueue,
    MessageIds,
    is_marked,
    read_delivery_receipt,
    reads_as_report,
)
from bots.sms.smpp.encoding import text_of
from bots.sms.smpp.pdu import Deliver
from bots.sms.smpp.reassembly import Ack, ConcatenatedMessage, Reassembly, content_of
from core.blame import Unavailable
from core.engine.engine import Busy
from core.messages import Answer, InboundKind, InboundMessage, NotAMessage
from core.times import Clock

log = structlog.get_logger()

Settle = Callable[[int, DeduplicationKey | None], None]
"""Told the status of an acknowledgement, and whose it is when it says that all is well."""


class SmppInbound:
    """The receiving half for all links of one account. Safe to use from several threads."""

    def __init__(
        self,
        account: SmppAccount,
        sink: InboundSink,
        reports: DeliveryReportQueue,
        *,
        reassembly: Reassembly,
        message_ids: MessageIds,
        clock: Clock,
    ) -> None:
        self._account, self._sink, self._reports = account, sink, reports
        self._reassembly, self._message_ids, self._clock = reassembly, message_ids, clock
        self._keys = DeduplicationKeys()

    def receive(self, pdu: Deliver, ack: Ack) -> None:
        """Take ``pdu``; ``ack`` is answered now or later, from whatever thread.

        A receipt is never a player's message, in whatever dress it comes: whoever answers one is sent the next.
        """
        content = content_of(pdu)
        if is_marked(pdu) or (content.part is None and self._is_report(content.octets, pdu)):
            self._receipt(pdu, ack.answer)
            return
        user = sender_of(pdu.source, self._account.home)
        if user is None or not self._account.serves(user):
            what = "country" if user else unanswerable(pdu.source)
            self.ignore(f"sender:{what}", _place_of(pdu))
            ack.answer(OK)
            return
        if content.part is not None and not content.is_data:
            self._complete(self._reassembly.take(pdu, content.part, ack))
            return
        key = self._keys.key(fingerprint(pdu, pdu.octets), self._clock())
        self._hand_over(user, self._text([pdu]), key, ack.answer)

    def ignore(self, what: str, where: str) -> None:
        """Count and log what nothing follows from; ``where`` is what an operator can look for at the SMSC."""
        self._sink.unread(CHANNEL, self._account.name, what, where)

    def tick(self) -> None:
        """Look whether parts have waited long enough: for their acknowledgement, or for the rest."""
        self._complete(self._reassembly.tick())

    def give_up(self) -> None:
        """Say what has come of unfinished messages: this process will hear no more."""
        self._complete(self._reassembly.give_up())

    def _is_report(self, octets: bytes, pdu: Deliver) -> bool:
        return reads_as_report(octets, pdu.data_coding, self._account.read_as)

    def _receipt(self, pdu: Deliver, answer: Callable[[int], None]) -> None:
        by_value = self._account.receipt_ids == "guess"
        receipt = read_delivery_receipt(
            pdu,
            self._account.name,
            by_value=by_value,
            codings=self._account.read_as,
            opted_out_codes=self._account.opted_out_codes,
        )
        if receipt is None:
            self.ignore(f"receipt:{pdu.esm_class:#04x}", _place_of(pdu))
            answer(OK)
        else:
            names = tuple(self._message_ids.known(receipt.external_ids, by_value=by_value))
            self._reports.put(replace(receipt, external_ids=names), answer)

    def _complete(self, messages: Iterable[ConcatenatedMessage[Ack]]) -> None:
        for message in messages:
            parts = message.in_order()
            octets = b"".join(content_of(part).octets for part in parts)
            key = self._keys.key(fingerprint(parts[0], octets, *message.key[2:]), self._clock())
            settle = partial(self._reassembly.settle, message)
            if self._is_report(octets, parts[0]):
                whole = replace(parts[0], octets=octets, esm_class=0)
                self._receipt(whole, lambda status, key=key, settle=settle: settle(status, key))  # type: ignore[misc]
                continue
            user = sender_of(parts[0].source, self._account.home)
            assert user is not None, "a part of nobody was taken"
            self._hand_over(user, self._text(parts), key, settle)

    def _hand_over(self, user: str, text: str | None, key: DeduplicationKey, settle: Settle) -> None:
        """Hand a message to the engine; ``settle`` is told when it is safe, or that it should come again."""
        kind = InboundKind.TYPED if text else InboundKind.SHOWED
        address, at = (CHANNEL, self._account.name, user), self._clock()
        try:
            message = InboundMessage.received(address, key.external_id, text or "", at, waits=False, kind=kind)
            future = self._sink.submit(message)
        except Busy:
            settle(QUEUE_FULL, None)
        except Unavailable:
            settle(TRY_LATER, None)
        except NotAMessage:
            self.ignore("message:not_one", key.external_id)
            settle(OK, key)
        else:
            future.add_done_callback(lambda done: settle(*_verdict(done, key)))

    def _text(self, parts: Sequence[Deliver]) -> str | None:
        """The words of a message, None when it has none. The end of a part may cut a character in two."""
        words: list[str] = []
        for coding, run in groupby(parts, key=lambda part: part.data_coding):
            contents = [content_of(part) for part in run]
            octets = b"".join(content.octets for content in contents)
            text = text_of(octets, coding, self._account.read_as)
            if text is None or any(content.is_data for content in contents):
                return None
            words.append(text)
        return "".join(words)


def _verdict(future: "Future[Answer]", key: DeduplicationKey) -> tuple[int, DeduplicationKey | None]:
    if future.cancelled():
        return TRY_LATER, None
    if (error := future.exception()) is None:
        return OK, key
    if not isinstance(error, Unavailable):
        log.error("smpp.turn_failed", exc_info=error)
    return TRY_LATER, None


def _place_of(pdu: Deliver) -> str:
    """What an operator can look for at the SMSC: the parameters by number, and the id where one is given."""
    tags = "+".join(f"{tag:#06x}" for tag in sorted(pdu.options)) or "none"
    return f"ton:{pdu.source_ton},coding:{pdu.data_coding:#04x},parameters:{tags}"
