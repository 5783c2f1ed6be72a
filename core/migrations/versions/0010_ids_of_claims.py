"""A claim's id is nobody else's: vouchers and operators find it by the id alone.

Where two claims of different players had the same one, the claim that its id is bound to hardest keeps it; the other
one gets the next that is free, and its voucher, timers, transfers, details and waiting question follow.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from core.keys import Keyring

revision = "0010"
down_revision = "0009"

_DETAILS = "claims.details"
_REFS = ("gift", "given", "returned", "refund", "prize-points")
_TWICE = """
    SELECT c.player_id, c.id, c.campaign_id, c.item, c.source, c.kind, c.state, c.details_sealed
    FROM claims c
    WHERE c.id IN (SELECT id FROM claims GROUP BY id HAVING count(*) > 1)
    ORDER BY c.id,
        CASE
            WHEN c.pickup_hash IS NOT NULL THEN 0
            WHEN EXISTS (SELECT 1 FROM second_draws s WHERE s.player_id = c.player_id AND s.claim_id = c.id) THEN 1
            WHEN c.details_sealed IS NOT NULL THEN 2
            ELSE 3
        END,
        c.player_id
"""
_FOLLOW = (
    """UPDATE timers SET subject = :new_text
        WHERE owner_id = :player AND subject = :old_text AND kind LIKE 'claim.%'""",
    """UPDATE players SET question = replace(question, ' ' || :old_text, ' ' || :new_text)
        WHERE question LIKE '% ' || :old_text AND id IN (
            SELECT id FROM players WHERE id = :player OR merged_into = :player
            UNION SELECT merged_into FROM players WHERE id = :player AND merged_into IS NOT NULL
        )""",
    """UPDATE claims SET id = :new, ref = CASE ref WHEN 'given:' || :old_text THEN 'given:' || :new_text ELSE ref END
        WHERE player_id = :player AND id = :old""",
)
_MOVED = """UPDATE transfers SET ref = :ref || ':' || :new_text
    WHERE ref = :ref || ':' || :old_text AND owner_id IN (
        SELECT id FROM players WHERE id = :player OR merged_into = :player
        UNION SELECT merged_into FROM players WHERE id = :player AND merged_into IS NOT NULL
    )"""
_HANDED = "UPDATE vouchers SET claim_id = :new WHERE claim_id = :old AND campaign_id = :campaign AND item = :pool"
_SEALED = "UPDATE claims SET details_sealed = :details WHERE player_id = :player AND id = :new"


def upgrade() -> None:
    connection, kept = op.get_bind(), set[int]()
    for claim in connection.execute(sa.text(_TWICE)).mappings().all():
        if claim["id"] in kept:
            _rename(connection, claim, _free(connection, claim["id"]))
        kept.add(claim["id"])
    op.drop_index("ix_claims_id", table_name="claims")
    op.create_index("uq_claims_id", "claims", ["id"], unique=True)


def _free(connection: sa.Connection, taken: int) -> int:
    new = taken + 1
    while connection.scalar(sa.text("SELECT 1 FROM claims WHERE id = :new"), {"new": new}):
        new += 1
    return new


def _rename(connection: sa.Connection, claim: Any, new: int) -> None:
    old, player = claim["id"], claim["player_id"]
    known = {"old": old, "new": new, "old_text": str(old), "new_text": str(new), "player": player}
    if claim["kind"] == "voucher" and claim["state"] == "received":
        pool = f"gift:{claim['item']}" if claim["source"] == "gift" else claim["item"]
        _run(connection, _HANDED, {**known, "campaign": claim["campaign_id"], "pool": pool})
    for ref in _REFS:
        _run(connection, _MOVED, {**known, "ref": ref})
    for statement in _FOLLOW:
        _run(connection, statement, known)
    if claim["details_sealed"] is not None:
        details = _sealed_anew(claim["details_sealed"], player, old, new)
        _run(connection, _SEALED, {**known, "details": details})


def _run(connection: sa.Connection, statement: str, known: Mapping[str, object]) -> None:
    clause = sa.text(statement)
    texts = [sa.bindparam(name, type_=sa.Text) for name in ("old_text", "new_text", "ref") if f":{name}" in statement]
    connection.execute(clause.bindparams(*texts), {name: known[name] for name in known if f":{name}" in statement})


def _sealed_anew(sealed: bytes, player: int, old: int, new: int) -> bytes:
    """What is sealed for a claim is bound to its id."""
    keys: Keyring | None = context.config.attributes.get("keys")
    if keys is None:
        raise RuntimeError("two claims have the same id, and the details of one must be sealed anew: huoju db upgrade")
    details = keys.unseal(_DETAILS, f"{player}/{old}".encode(), sealed)
    return keys.seal(_DETAILS, f"{player}/{new}".encode(), details)
