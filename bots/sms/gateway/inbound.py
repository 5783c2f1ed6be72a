"""A described aggregator's receiving half: messages and receipts, one or a list in each request."""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flask import Response

from bots.base import Malformed
from bots.sms.account import CHANNEL
from bots.sms.gateway.account import GatewayAccount, Hearing, Left, PartPlaces, Proof, Receiving, Shape
from bots.sms.gateway.fields import document, field, filled, items, name_of, shown
from bots.sms.gateway.signature import Pieces, check
from bots.sms.inbound import Arrival, Ignored, Mo, Patience, Proving, plain, proven
from bots.sms.numbers import sender_of
from bots.sms.rendering import LONGEST, signed, worded
from bots.sms.udh import concatenation, elements
from core.messages import Manner
from core.parts import Part, possible
from core.sending.delivery_reports import DeliveryReport, DeliveryStatus
from core.sending.outbound import read_dispatch_id

_NOT_A_CODE = re.compile(r"[^A-Za-z0-9_.:-]")
_CODE_LIMIT = 64
_SAME_WISH_S = 600
_LEAST_DIGITS = 10
"""Of a number with its country code, as no short code has them."""


class GatewayHears:
    """Hears one account."""

    methods = ("GET", "POST")

    def __init__(self, account: GatewayAccount) -> None:
        self.account = account
        replies = account.hear is not None and account.hear.reply is not None
        room_bytes = LONGEST - len(signed("", account.signature).encode())
        self.patience = Patience(10.0, timedelta(seconds=4) if replies else None, room_bytes if replies else None)

    def proving(self, *, receipts: bool) -> Proving:
        """As [hear] or [receipt] describes it."""
        shape: Shape | None = self.account.receipt if receipts else self.account.hear
        proof = self.account.receipt_proof
        if not receipts:
            proof = self.account.hear.proof if self.account.hear else None
        if shape is None or proof is None or shape.format == "query":
            return Proving()
        signing = proof.signature
        if signing is None:
            return Proving(in_body=(proof.secret_at or "").startswith("field:"))
        return Proving(in_body=True, covers=bool({"body", "sorted"} & set(signing.over)))

    def heard(self, arrival: Arrival) -> Sequence[Mo | DeliveryReport | Ignored]:
        """The messages. Of a list what makes no sense is ignored: it would hold back the others for ever."""
        hearing = self.account.hear
        if hearing is None:
            raise Malformed("body: this account hears nothing; it has no table [hear]")
        self._check(hearing.proof, hearing, arrival)
        with proven():
            told = items(document(arrival, hearing, hearing.proof), hearing)
            if hearing.items is None:
                return [self._told(hearing, told[0], arrival.at)]
        found: list[Mo | DeliveryReport | Ignored] = []
        for item in told:
            try:
                found.append(self._told(hearing, item, arrival.at))
            except Malformed as error:
                found.append(Ignored(f"item:{str(error).partition(':')[0]}"))
        return found

    def _told(self, hearing: Hearing, item: Any, at: datetime) -> Mo | DeliveryReport:
        """A message; or a receipt that came to the wrong door, where it has the fields of one and not of the other."""
        receiving = self.account.receipt
        if receiving is not None and field(item, hearing.text) is None and field(item, receiving.state):
            receipt = self._receipt(receiving, item)
            if isinstance(receipt, DeliveryReport):
                return receipt
        if hearing.left is not None and field(item, hearing.left.known_by):
            return _left(hearing.left, item, at)
        mo = _mo(hearing, item)
        return replace(mo, sender=self._coded(mo.sender))

    def _coded(self, sender: str) -> str:
        """``sender`` with a plus, where the aggregator writes numbers with their country code and without one."""
        known = sender_of(sender, self.account.home) is not None
        digits = sender.isdecimal() and len(sender) >= _LEAST_DIGITS and self.account.say.numbers == "digits"
        return f"+{sender}" if digits and not known else sender

    def replied(self, texts: Sequence[str]) -> Response:
        """As [hear] describes it."""
        hearing = self.account.hear
        assert hearing is not None
        if not texts or hearing.reply is None:
            return plain(hearing.answer, hearing.answer_type)
        reply = filled(hearing.reply, {"text": worded("\n".join(texts), self.account.signature)})
        if isinstance(reply, str):
            return plain(reply, hearing.answer_type)
        return plain(json.dumps(reply, ensure_ascii=False), "application/json; charset=utf-8")

    def receipts(self, arrival: Arrival) -> Sequence[DeliveryReport | Ignored]:
        """The receipts; what names no text is ignored."""
        receiving, proof = self.account.receipt, self.account.receipt_proof
        if receiving is None or proof is None:
            raise Malformed("body: this account takes no receipts; it has no table [receipt]")
        self._check(proof, receiving, arrival)
        with proven():
            told = items(document(arrival, receiving, proof), receiving)
        return [self._receipt(receiving, item) for item in told]

    def noted(self) -> Response:
        """As [receipt] describes it."""
        assert self.account.receipt is not None
        return plain(self.account.receipt.answer, self.account.receipt.answer_type)

    def _check(self, proof: Proof, shape: Shape, arrival: Arrival) -> None:
        pieces = Pieces(
            arrival.read,
            arrival.path,
            lambda name: arrival.headers.get(name, ""),
            lambda: shown(arrival, shape, proof),
        )
        check(proof, pieces, self.account.secret.get_secret_value(), arrival.at)

    def _receipt(self, receiving: Receiving, item: Any) -> DeliveryReport | Ignored:
        external_id = name_of(item, receiving.external_id)
        dispatch = field(item, receiving.dispatch) if receiving.dispatch else None
        if dispatch is not None and read_dispatch_id(dispatch) is None:
            dispatch = None
        if external_id is None and dispatch is None:
            return Ignored("receipt:unnamed")
        state = field(item, receiving.state) or ""
        fate = _fate(receiving, state)
        if fate is None:
            return Ignored("receipt:state", external_id)
        said = [error for path in receiving.error if (error := field(item, path)) and error not in receiving.no_error]
        said.append(state)
        return DeliveryReport(
            CHANNEL,
            self.account.name,
            fate,
            (external_id,) if external_id else (),
            dispatch=dispatch,
            error=coded(said[0]) if fate is DeliveryStatus.FAILED else None,
            gone=fate is DeliveryStatus.FAILED and not {*receiving.gone, *receiving.opted_out}.isdisjoint(said),
            unwanted=fate is DeliveryStatus.FAILED and not {*receiving.opted_out}.isdisjoint(said),
        )


def coded(said: str) -> str:
    """What an aggregator calls a code, without anything that could be a text."""
    return _NOT_A_CODE.sub("", said)[:_CODE_LIMIT] or "failed"


def _mo(hearing: Hearing, item: Any) -> Mo:
    sender = field(item, hearing.sender)
    if not sender:
        raise Malformed(f"{hearing.sender}: is missing")
    text = field(item, hearing.text) or ""
    external_id = field(item, hearing.id) if hearing.id else None
    if not external_id:
        time = field(item, hearing.time) if hearing.time else None
        if not time:
            raise Malformed(f"{hearing.id or hearing.time}: is missing")
        external_id = hashlib.sha256(f"{sender}\0{time}\0{text}".encode("utf-8", "replace")).hexdigest()
    manner = Manner.TYPED if text.strip() else Manner.SHOWED
    return Mo(sender, external_id, text, manner, part=_part(hearing.part, item) if hearing.part else None)


def _left(left: Left, item: Any, at: datetime) -> Mo:
    """Somebody's STOP, which the aggregator has answered by itself. Told twice within ten minutes it is one."""
    sender = field(item, left.sender)
    if not sender:
        raise Malformed(f"{left.sender}: is missing")
    told = f"{sender}\0{int(at.timestamp()) // _SAME_WISH_S}"
    external_id = f"left:{hashlib.sha256(told.encode('utf-8', 'replace')).hexdigest()}"
    return Mo(sender, external_id, "", Manner.STOPPED, answered=True)


def _part(places: PartPlaces, item: Any) -> Part | None:
    if places.header is None:
        told = [field(item, path or "") for path in (places.reference, places.total, places.place)]
        return possible(*told)
    try:
        header = bytes.fromhex(field(item, places.header) or "")
    except ValueError:
        return None
    numbers = concatenation(elements(header[1:]))
    return possible(*numbers) if numbers else None


def _fate(receiving: Receiving, state: str) -> DeliveryStatus | None:
    if state in receiving.delivered:
        return DeliveryStatus.DELIVERED
    if state in receiving.waiting:
        return DeliveryStatus.ON_ITS_WAY
    if state in {*receiving.failed, *receiving.gone, *receiving.opted_out}:
        return DeliveryStatus.FAILED
    other = receiving.other or (None if receiving.failed else "failed")
    return {"failed": DeliveryStatus.FAILED, "waiting": DeliveryStatus.ON_ITS_WAY}.get(other or "") if state else None
