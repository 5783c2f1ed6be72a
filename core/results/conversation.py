"""What players say after a text: that they answer at all, and that they want to hear no more."""

from sqlalchemy import select

from core.inbound_kinds import InboundKind
from core.models import Consent, Inbox, Join
from core.results.result import Result, result_rows

_SILENT = (InboundKind.LEFT, InboundKind.UNATTENDED, InboundKind.STOPPED)
"""What nobody says: they left, or an app said so by itself."""
_wish = (
    (Consent.address_key == Inbox.address_key) & (Consent.external_id == Inbox.external_id) & (Consent.what == "out")
)
_is_wish = select(Consent.external_id).where(_wish).correlate(Inbox).exists()

ANSWERS = Result(
    name="answers",
    chinese=("回复", "回话"),
    says="Wrote or tapped, at any of their addresses; whoever only opted out has not answered.",
    rows=result_rows(Join.player_id, Inbox.received_at)
    .join_from(Join, Inbox, Inbox.address_key == Join.address_key)
    .where(Inbox.state == "done", Inbox.kind.not_in(_SILENT), ~_is_wish),
)
OPT_OUTS = Result(
    name="opt outs",
    chinese=("退订",),
    says="Opted out of what nobody asked for, at any of their addresses.",
    rows=result_rows(Join.player_id, Consent.at)
    .join_from(Join, Consent, Consent.address_key == Join.address_key)
    .where(Consent.what == "out"),
)
"""What nobody hopes for: reports tell it beside the result that was asked for."""
RESULTS = (ANSWERS,)
