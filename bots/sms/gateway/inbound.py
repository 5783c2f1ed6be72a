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
from bots.sms.gateway.account import (
    GatewayAccount,
    HearTable,
    LeftTable,
    PartPlaces,
    Proof,
    ReceiptTable,
    RequestFormat,
)
from bots.sms.gateway.fields import document, field, filled, items, name_of, shown
from bots.sms.gateway.signature import SignedPieces, check
from bots.sms.inbound import Authentication, Ignored, InboundRequest, Mo, ReplyWindow, plain, proven
from bots.sms.numbers import sender_of
from bots.sms.rendering import LONGEST, signed, worded
from bots.sms.udh import concatenation, information_elements
from core.messages import InboundKind
from core.parts import Part, possible
from core.sending.delivery_reports import DeliveryReport, DeliveryStatus
from core.sending.outbound import read_dispatch_id

_NOT_A_CODE = re.compile(r"[^A-Za-z0-9_.:-]")
_CODE_LIMIT = 64
_SAME_WISH_S = 600
_LEAST_DIGITS = 10
"""Of a number with its country code, as no short code has them."""


class GatewayInbound:
    """The receiving half of one account."""

    methods = ("GET", "POST")

    def __init__(self, account: GatewayAccount) -> None:
        self.account = account
        replies = account.hear is not None and account.hear.reply is not None
        room_bytes = LONGEST - len(signed("", account.signature).encode())
        self.reply_window = ReplyWindow(
            10.0, timedelta(seconds=4) if replies else None, room_bytes if replies else None
        )

    def authentication(self, *, receipts: bool) -> Authentication:
        """As [hear] or [receipt] describes it."""
        shape: RequestFormat | None = self.account.receipt if receipts else self.account.hear
        proof = self.account.receipt_proof
        if not receipts:
            proof = self.account.hear.proof if self.account.hear else None
        if shape is None or proof is None or shape.format == "query":
            return Authentication()
        table = proof.signature
        if table is None:
            return Authentication(in_body=(proof.secret_at or "").startswith("field:"))
        return Authentication(in_body=True, covers=bool({"body", "sorted"} & set(table.over)))

    def messages(self, request: InboundRequest) -> Sequence[Mo | DeliveryReport | Ignored]:
        """The messages. Of a list what makes no sense is ignored: it would hold back the others for ever."""
        hear = self.account.hear
        if hear is None:
            raise Malformed("body: this account hears nothing; it has no table [hear]")
        self._check(hear.proof, hear, request)
        with proven():
            told = items(document(request, hear, hear.proof), hear)
            if hear.items is None:
                return [self._told(hear, told[0], request.at)]
        found: list[Mo | DeliveryReport | Ignored] = []
        for item in told:
            try:
                found.append(self._told(hear, item, request.at))
            except Malformed as error:
                found.append(Ignored(f"item:{str(error).partition(':')[0]}"))
        return found

    def _told(self, hear: HearTable, item: Any, at: datetime) -> Mo | DeliveryReport:
        """A message; or a receipt that came to the wrong door, where it has the fields of one and not of the other."""
        receipt_table = self.account.receipt
        if receipt_table is not None and field(item, hear.text) is None and field(item, receipt_table.state):
            receipt = self._receipt(receipt_table, item)
            if isinstance(receipt, DeliveryReport):
                return receipt
        if hear.left is not None and field(item, hear.left.known_by):
            return _left(hear.left, item, at)
        mo = _mo(hear, item)
        return replace(mo, sender=self._coded(mo.sender))

    def _coded(self, sender: str) -> str:
        """``sender`` with a plus, where the aggregator writes numbers with their country code and without one."""
        known = sender_of(sender, self.account.home) is not None
        digits = sender.isdecimal() and len(sender) >= _LEAST_DIGITS and self.account.say.numbers == "digits"
        return f"+{sender}" if digits and not known else sender

    def reply(self, texts: Sequence[str]) -> Response:
        """As [hear] describes it."""
        hear = self.account.hear
        assert hear is not None
        if not texts or hear.reply is None:
            return plain(hear.answer, hear.answer_type)
        reply = filled(hear.reply, {"text": worded("\n".join(texts), self.account.signature)})
        if isinstance(reply, str):
            return plain(reply, hear.answer_type)
        return plain(json.dumps(reply, ensure_ascii=False), "application/json; charset=utf-8")

    def delivery_reports(self, request: InboundRequest) -> Sequence[DeliveryReport | Ignored]:
        """The receipts; what names no text is ignored."""
        receipt_table, proof = self.account.receipt, self.account.receipt_proof
        if receipt_table is None or proof is None:
            raise Malformed("body: this account takes no receipts; it has no table [receipt]")
        self._check(proof, receipt_table, request)
        with proven():
            told = items(document(request, receipt_table, proof), receipt_table)
        return [self._receipt(receipt_table, item) for item in told]

    def receipts_reply(self) -> Response:
        """As [receipt] describes it."""
        assert self.account.receipt is not None
        return plain(self.account.receipt.answer, self.account.receipt.answer_type)

    def _check(self, proof: Proof, shape: RequestFormat, request: InboundRequest) -> None:
        pieces = SignedPieces(
            request.read,
            request.path,
            lambda name: request.headers.get(name, ""),
            lambda: shown(request, shape, proof),
        )
        check(proof, pieces, self.account.secret.get_secret_value(), request.at)

    def _receipt(self, receipt_table: ReceiptTable, item: Any) -> DeliveryReport | Ignored:
        external_id = name_of(item, receipt_table.external_id)
        dispatch = field(item, receipt_table.dispatch) if receipt_table.dispatch else None
        if dispatch is not None and read_dispatch_id(dispatch) is None:
            dispatch = None
        if external_id is None and dispatch is None:
            return Ignored("receipt:unnamed")
        state = field(item, receipt_table.state) or ""
        status = _status_of(receipt_table, state)
        if status is None:
            return Ignored("receipt:state", external_id)
        said = [
            error
            for path in receipt_table.error
            if (error := field(item, path)) and error not in receipt_table.no_error
        ]
        said.append(state)
        return DeliveryReport(
            CHANNEL,
            self.account.name,
            status,
            (external_id,) if external_id else (),
            dispatch=dispatch,
            error=coded(said[0]) if status is DeliveryStatus.FAILED else None,
            unreachable=status is DeliveryStatus.FAILED
            and not {*receipt_table.gone, *receipt_table.opted_out}.isdisjoint(said),
            unwanted=status is DeliveryStatus.FAILED and not {*receipt_table.opted_out}.isdisjoint(said),
        )


def coded(said: str) -> str:
    """What an aggregator calls a code, without anything that could be a text."""
    return _NOT_A_CODE.sub("", said)[:_CODE_LIMIT] or "failed"


def _mo(hear: HearTable, item: Any) -> Mo:
    sender = field(item, hear.sender)
    if not sender:
        raise Malformed(f"{hear.sender}: is missing")
    text = field(item, hear.text) or ""
    external_id = field(item, hear.id) if hear.id else None
    if not external_id:
        time = field(item, hear.time) if hear.time else None
        if not time:
            raise Malformed(f"{hear.id or hear.time}: is missing")
        external_id = hashlib.sha256(f"{sender}\0{time}\0{text}".encode("utf-8", "replace")).hexdigest()
    kind = InboundKind.TYPED if text.strip() else InboundKind.SHOWED
    return Mo(sender, external_id, text, kind, part=_part(hear.part, item) if hear.part else None)


def _left(left: LeftTable, item: Any, at: datetime) -> Mo:
    """Somebody's STOP, which the aggregator has answered by itself. Told twice within ten minutes it is one."""
    sender = field(item, left.sender)
    if not sender:
        raise Malformed(f"{left.sender}: is missing")
    told = f"{sender}\0{int(at.timestamp()) // _SAME_WISH_S}"
    external_id = f"left:{hashlib.sha256(told.encode('utf-8', 'replace')).hexdigest()}"
    return Mo(sender, external_id, "", InboundKind.STOPPED, answered=True)


def _part(places: PartPlaces, item: Any) -> Part | None:
    if places.header is None:
        told = [field(item, path or "") for path in (places.reference, places.total, places.place)]
        return possible(*told)
    try:
        header = bytes.fromhex(field(item, places.header) or "")
    except ValueError:
        return None
    numbers = concatenation(information_elements(header[1:]))
    return possible(*numbers) if numbers else None


def _status_of(receipt_table: ReceiptTable, state: str) -> DeliveryStatus | None:
    if state in receipt_table.delivered:
        return DeliveryStatus.DELIVERED
    if state in receipt_table.waiting:
        return DeliveryStatus.ON_ITS_WAY
    if state in {*receipt_table.failed, *receipt_table.gone, *receipt_table.opted_out}:
        return DeliveryStatus.FAILED
    other = receipt_table.other or (None if receipt_table.failed else "failed")
    return {"failed": DeliveryStatus.FAILED, "waiting": DeliveryStatus.ON_ITS_WAY}.get(other or "") if state else None
