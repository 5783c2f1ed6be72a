"""What claims have sealed: where parcels go, and vouchers."""

from core.sealed import Sealed, by_key
from handlers.claims.details import DETAILS_COLUMN, claim_row
from handlers.claims.handover import VOUCHER_COLUMN
from handlers.claims.tables import Claim, Voucher

SEALED = (
    Sealed(column=Claim.details_sealed, where=DETAILS_COLUMN, named_by=(Claim.player_id, Claim.id), row=claim_row),
    Sealed(column=Voucher.code_sealed, where=VOUCHER_COLUMN, named_by=(Voucher.hash,), row=by_key),
)
