"""Texts to phones: the sending half of one short code, over all its links, and the submit_sm that carry a text.

SMPP 3.4, 4.4, https://smpp.org/SMPP_v3_4_Issue1_2.pdf.
"""

import itertools
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from bots.sms.account import outlet_of, prepared, valid_for
from bots.sms.opt_out_codes import is_opt_out_status
from bots.sms.parts import in_parts
from bots.sms.smpp.account import SmppAccount
from bots.sms.smpp.command_status import Meaning, Status, status_of
from bots.sms.smpp.encoding import encoded
from bots.sms.smpp.link import Link
from bots.sms.smpp.pdu import submit_body
from bots.sms.smpp.session import Session
from bots.sms.smpp.timeouts import Timeouts
from bots.sms.smpp.window import NoResponse, Submission, SubmitResponse
from core.randomness import Randomness
from core.sending.outbound import Delivered, OutboundMessage, Outcome, Refused, SendingAccount, TryAgain, Unknown
from core.times import Clock

_NOT_BOUND_PAUSE = timedelta(seconds=2)
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 32.0
_HAS_HEADER = 0x40
_RECEIPT_WANTED = 0x01
_ROUNDS = 4
"""So often the parts that were not taken of a text of which others were are submitted."""

Result = SubmitResponse | NoResponse


class PendingText:
    """The parts of one text on their way. Told by a link's thread, waited for by a sender's."""

    def __init__(self, bodies: Sequence[bytes]) -> None:
        self._missing, self._lock, self._done = len(bodies), threading.Lock(), threading.Event()
        self.results: list[Result | None] = [None] * len(bodies)
        self.submissions = [Submission(body, self._on_response(place)) for place, body in enumerate(bodies)]

    def _on_response(self, place: int) -> Callable[[Result], None]:
        def received(result: Result) -> None:
            with self._lock:
                if self.results[place] is None:
                    self.results[place] = result
                    self._missing -= 1
            if not self._missing:
                self._done.set()

        return received

    def take(self, session: Session, limit_s: float) -> list[Result]:
        """Submit over ``session`` and wait; what has no answer within ``limit_s`` is withdrawn, or lost."""
        if not session.submit(self.submissions):
            return [NoResponse.UNSENT] * len(self.submissions)
        if not self._done.wait(limit_s):
            session.withdraw(self.submissions)
        return [result or NoResponse.LOST for result in self.results]


class Throttling:
    """How long an account rests when the SMSC wants it slower: twice as long each time, until something is taken."""

    def __init__(self, running_s: Callable[[], float]) -> None:
        self._running_s, self._lock = running_s, threading.Lock()
        self._pause_s, self._until_s = 0.0, 0.0

    def pause(self) -> timedelta:
        """How long from now; texts that were in flight together rest together."""
        with self._lock:
            now_s = self._running_s()
            if now_s >= self._until_s:
                self._pause_s = min(_LONGEST_PAUSE_S, 2 * self._pause_s) or _FIRST_PAUSE_S
                self._until_s = now_s + self._pause_s
            return timedelta(seconds=self._pause_s)

    def end(self) -> None:
        """Something was taken."""
        if self._pause_s and self._running_s() >= self._until_s:
            with self._lock:
                self._pause_s = 0.0


def smpp_outlet(account: SmppAccount) -> SendingAccount:
    """The account as the sender sees it."""
    return replace(outlet_of(account), at_once=account.concurrency, ids_by_value=account.receipt_ids == "guess")


class SmppOutbound:
    """Sends over all links of one account. Called from several threads at once."""

    def __init__(
        self,
        account: SmppAccount,
        links: Sequence[Link],
        randomness: Randomness,
        running_s: Callable[[], float],
        timeouts: Timeouts,
        *,
        clock: Clock,
    ) -> None:
        self.outlet = smpp_outlet(account)
        self._clock = clock
        self._account, self._links, self._timeouts, self._running_s = account, links, timeouts, running_s
        self._references = itertools.count(int.from_bytes(randomness.take(2), "big"))
        self._throttling = Throttling(running_s)

    def send(self, message: OutboundMessage) -> Outcome:
        """Submit all parts of ``message`` and wait for their answers, 18 seconds at most."""
        account = self._account
        text = prepared(account, message)
        if isinstance(text, Refused):
            return text
        valid_s = valid_for(account, message.expires_at, self._clock())
        bodies = submit_sm_bodies(account, message.user, text, next(self._references), valid_s)
        if len(bodies) > 255:  # noqa: PLR2004  # parts are numbered in one octet
            return Refused("too_long")
        results = self._submit(bodies)
        outcome = self._outcome(results)
        if isinstance(outcome, Delivered):
            return Delivered(outcome.external_ids, account.cost(message, text))
        return outcome

    def _submit(self, bodies: Sequence[bytes]) -> list[Result]:
        """The result of each part. When some were taken, those that may be later are submitted again."""
        end_s = self._running_s() + self._timeouts.send_s
        results: dict[int, Result] = dict.fromkeys(range(len(bodies)), NoResponse.UNSENT)
        for attempt in range(_ROUNDS):
            open_parts = [place for place, result in results.items() if _may_again(result)]
            if attempt and (len(open_parts) in {0, len(bodies)} or not self._rest(end_s)):
                break
            if (session := self._session()) is None:
                continue
            pending = PendingText([bodies[place] for place in open_parts])
            results |= zip(open_parts, pending.take(session, end_s - self._running_s()), strict=True)
        return list(results.values())

    def _rest(self, end_s: float) -> bool:
        """Wait before parts are submitted again; False when there is no time for it."""
        pause_s = self._throttling.pause().total_seconds()
        if self._running_s() + pause_s >= end_s - 1:
            return False
        threading.Event().wait(pause_s)
        return True

    def _session(self) -> Session | None:
        sessions = [session for link in self._links if (session := link.session()) is not None]
        return min(sessions, key=lambda session: session.load, default=None)

    def _outcome(self, results: Iterable[Result]) -> Outcome:
        said = [result for result in results if isinstance(result, SubmitResponse)]
        silent = [result for result in results if isinstance(result, NoResponse)]
        rows, codes = [status_of(one.status) for one in said], self._account.opted_out_codes
        meanings = {row.meaning for row in rows}
        if NoResponse.LOST in silent:
            return Unknown("no_answer")
        if Meaning.TAKEN in meanings:
            self._throttling.end()
            if len(meanings) > 1 or silent:
                return Unknown("partly_taken")
            return Delivered(tuple(one.message_id for one in said if one.message_id))
        if wished := [row for one, row in zip(said, rows, strict=True) if is_opt_out_status(codes, one.status)]:
            return Refused(wished[0].name, unreachable=True, unwanted=True)
        return self._not_taken(rows)

    def _not_taken(self, rows: Sequence[Status]) -> Outcome:
        """What follows when no part was taken: a reason for good before one that passes."""
        for meaning in (Meaning.DOUBTFUL, Meaning.GONE, Meaning.NEVER, Meaning.SLOWER, Meaning.LATER):
            name = next((row.name for row in rows if row.meaning is meaning), None)
            if name is None:
                continue
            match meaning:
                case Meaning.DOUBTFUL:
                    return Unknown(name)
                case Meaning.GONE | Meaning.NEVER:
                    return Refused(name, unreachable=meaning is Meaning.GONE)
                case _:
                    return TryAgain(name, after=self._throttling.pause() if meaning is Meaning.SLOWER else None)
        return TryAgain("not_bound", after=_NOT_BOUND_PAUSE if self._session() is None else None)


def _may_again(result: Result) -> bool:
    if isinstance(result, NoResponse):
        return result is NoResponse.UNSENT
    return status_of(result.status).meaning in {Meaning.SLOWER, Meaning.LATER}


def submit_sm_bodies(
    account: SmppAccount, user: str, text: str, reference: int, valid_s: int | None = None
) -> list[bytes]:
    """The bodies, one for each part, or one altogether. ``reference`` is common to the parts of one text.

    After ``valid_s`` the SMSC gives up; without it the SMSC decides when.
    """
    alphabet = account.alphabet_for(text)
    coding = account.data_coding_of(alphabet)
    parts = [encoded(part, account.read_as.charset(coding)) for part in in_parts(text, alphabet)]
    body = partial(
        submit_body,
        service_type=account.service_type,
        source_addr_ton=account.sender_ton,
        source_addr_npi=account.sender_npi,
        source_addr=account.sender,
        dest_addr_ton=account.dest_ton,
        dest_addr_npi=account.dest_npi,
        destination_addr=user.removeprefix("+"),
        validity_period=None if valid_s is None else validity_period_of(valid_s),
        registered_delivery=_RECEIPT_WANTED if account.receipts else 0,
        data_coding=coding,
    )
    if len(parts) == 1:
        return [body(short_message=parts[0])]
    if account.long_texts == "payload":
        return [body({"message_payload": b"".join(parts)}, short_message=b"")]
    total = len(parts)
    if account.long_texts == "sar":
        return [body(_sar(reference, total, place), short_message=part) for place, part in enumerate(parts, 1)]
    return [
        body(short_message=bytes([5, 0, 3, reference & 0xFF, total, place]) + part, esm_class=_HAS_HEADER)
        for place, part in enumerate(parts, 1)
    ]


def validity_period_of(length_s: int) -> str:
    """A length of time as the standard has it, YYMMDDhhmmss000R (7.1.1.2), which needs no zone; months of 30 days."""
    minutes, seconds = divmod(length_s, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    months, days = divmod(days, 30)
    years, months = divmod(months, 12)
    return f"{years:02}{months:02}{days:02}{hours:02}{minutes:02}{seconds:02}000R"


def _sar(reference: int, total: int, place: int) -> Mapping[str, object]:
    numbers = reference & 0xFFFF, total, place
    return dict(zip(("sar_msg_ref_num", "sar_total_segments", "sar_segment_seqnum"), numbers, strict=True))
