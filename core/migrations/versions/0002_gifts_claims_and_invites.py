"""Gifts, claims, invites, linked addresses and timers."""

import sqlalchemy as sa
from alembic import op

from core.database import Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "claims",
        sa.Column("player_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("ref", sa.String(length=120), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("details_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("exported_revision", sa.Integer(), nullable=True),
        sa.Column("carrier", sa.String(length=80), nullable=True),
        sa.Column("tracking", sa.String(length=80), nullable=True),
        sa.Column("pickup_hash", sa.LargeBinary(length=16), nullable=True),
        sa.Column("needs_approval", sa.Boolean(), nullable=False),
        sa.Column("first_approver", sa.String(length=40), nullable=True),
        sa.Column("second_approver", sa.String(length=40), nullable=True),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("deadline_at", Instant(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "NOT needs_approval OR second_approver IS NOT NULL OR state NOT IN ('shipped', 'received')",
            name=op.f("ck_claims_approved"),
        ),
        sa.CheckConstraint("kind IN ('delivery', 'voucher', 'counter', 'points')", name=op.f("ck_claims_kind")),
        sa.CheckConstraint("source IN ('draw', 'second', 'gift')", name=op.f("ck_claims_source")),
        sa.CheckConstraint(
            "state IN ('open', 'ready', 'shipped', 'received', 'lapsed', 'cancelled')", name=op.f("ck_claims_state")
        ),
        sa.CheckConstraint(
            "second_approver IS NULL OR first_approver <> second_approver", name=op.f("ck_claims_two_approvers")
        ),
        sa.CheckConstraint(
            "second_approver IS NULL OR first_approver IS NOT NULL", name=op.f("ck_claims_first_approver")
        ),
        sa.PrimaryKeyConstraint("player_id", "id", name=op.f("pk_claims")),
        sa.UniqueConstraint("player_id", "ref", name=op.f("uq_claims_player_id_ref")),
    )
    op.create_index("ix_claims_campaign_id", "claims", ["campaign_id", "state"], unique=False)
    op.create_index("ix_claims_id", "claims", ["id"], unique=False)
    op.create_index(
        "ix_claims_waiting",
        "claims",
        ["id"],
        unique=False,
        postgresql_where=sa.text("kind = 'voucher' AND state = 'ready'"),
        sqlite_where=sa.text("kind = 'voucher' AND state = 'ready'"),
    )
    op.create_index(
        "uq_claims_pickup_hash",
        "claims",
        ["pickup_hash"],
        unique=True,
        postgresql_where=sa.text("pickup_hash IS NOT NULL"),
        sqlite_where=sa.text("pickup_hash IS NOT NULL"),
    )

    op.create_table(
        "invite_words",
        sa.Column("word", sa.String(length=12), nullable=False),
        sa.Column("player_id", sa.BigInteger(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_invite_words")),
    )
    op.create_table(
        "invites",
        sa.Column("player_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("inviter_id", sa.BigInteger(), nullable=False),
        sa.Column("how", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("joined_at", Instant(), nullable=False),
        sa.Column("qualified_at", Instant(), nullable=True),
        sa.Column("inviter_points", sa.BigInteger(), nullable=False),
        sa.Column("invitee_points", sa.BigInteger(), nullable=False),
        sa.Column("rewarded_on", sa.Date(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("signs", sa.String(length=120), nullable=True),
        sa.Column("ring", sa.Boolean(), nullable=False),
        sa.Column("range_key", sa.LargeBinary(length=16), nullable=True),
        sa.Column("text_key", sa.LargeBinary(length=16), nullable=True),
        sa.Column("decided_by", sa.String(length=40), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.CheckConstraint("how IN ('word', 'phone')", name=op.f("ck_invites_how")),
        sa.CheckConstraint(
            "state IN ('joined', 'rewarded', 'held', 'released', 'revoked', 'closed')", name=op.f("ck_invites_state")
        ),
        sa.CheckConstraint("inviter_id <> player_id", name=op.f("ck_invites_not_oneself")),
        sa.CheckConstraint("inviter_points >= 0 AND invitee_points >= 0", name=op.f("ck_invites_points")),
        sa.PrimaryKeyConstraint("player_id", name=op.f("pk_invites")),
    )
    op.create_index("ix_invites_campaign_id", "invites", ["campaign_id", "state"], unique=False)
    op.create_index("ix_invites_inviter_id", "invites", ["inviter_id", "joined_at"], unique=False)

    op.create_table(
        "joined_phones",
        sa.Column("phone_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("player_id", sa.BigInteger(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("phone_key", "campaign_id", name=op.f("pk_joined_phones")),
    )
    op.create_table(
        "link_words",
        sa.Column("word_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("address_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("word_hash", name=op.f("pk_link_words")),
    )
    op.create_table(
        "recommendations",
        sa.Column("phone_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("inviter_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("phone_key", "campaign_id", "inviter_id", name=op.f("pk_recommendations")),
    )
    op.create_index(op.f("ix_recommendations_inviter_id"), "recommendations", ["inviter_id"], unique=False)

    op.create_table(
        "second_draws",
        sa.Column("player_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("claim_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("prize", sa.String(length=40), nullable=False),
        sa.Column("mark", sa.LargeBinary(length=16), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=16), nullable=True),
        sa.Column("winner_id", sa.BigInteger(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("player_id", "claim_id", name=op.f("pk_second_draws")),
    )
    op.create_index(
        "uq_second_draws_code_hash",
        "second_draws",
        ["code_hash"],
        unique=True,
        postgresql_where=sa.text("code_hash IS NOT NULL"),
        sqlite_where=sa.text("code_hash IS NOT NULL"),
    )
    op.create_table(
        "timers",
        sa.Column("owner_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("occurrence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('due', 'fired', 'dropped', 'failed')", name=op.f("ck_timers_state")),
        sa.PrimaryKeyConstraint("owner_id", "kind", "subject", "occurrence", name=op.f("pk_timers")),
    )
    op.create_index(
        "ix_timers_due_at",
        "timers",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'due'"),
        sqlite_where=sa.text("state = 'due'"),
    )

    op.create_table(
        "vouchers",
        sa.Column("hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("code_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("claim_id", sa.BigInteger(), nullable=True),
        sa.Column("handed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_vouchers")),
    )
    op.create_index(
        "ix_vouchers_free",
        "vouchers",
        ["campaign_id", "item", "hash"],
        unique=False,
        postgresql_where=sa.text("claim_id IS NULL"),
        sqlite_where=sa.text("claim_id IS NULL"),
    )
    op.create_index(
        "uq_vouchers_claim_id",
        "vouchers",
        ["claim_id"],
        unique=True,
        postgresql_where=sa.text("claim_id IS NOT NULL"),
        sqlite_where=sa.text("claim_id IS NOT NULL"),
    )

    op.create_table(
        "gifts",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=False),
        sa.Column("stock_left", sa.Integer(), nullable=False),
        sa.CheckConstraint("stock_left >= 0", name=op.f("ck_gifts_stock_left")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_gifts_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", "name", name=op.f("pk_gifts")),
    )
    op.add_column("addresses", sa.Column("person", sa.LargeBinary(length=16), nullable=True))
    op.create_index(
        "ix_addresses_person",
        "addresses",
        ["person"],
        unique=False,
        postgresql_where=sa.text("person IS NOT NULL"),
        sqlite_where=sa.text("person IS NOT NULL"),
    )

    op.add_column("players", sa.Column("question", sa.String(length=120), nullable=True))
    op.add_column("players", sa.Column("question_until", Instant(), nullable=True))
    op.add_column("players", sa.Column("question_again", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("players", sa.Column("invite_word", sa.String(length=12), nullable=True))
    op.add_column("players", sa.Column("rewarded_on", sa.Date(), nullable=True))
    op.add_column("players", sa.Column("rewarded_today", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("players", sa.Column("merged_into", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_players_merged_into",
        "players",
        ["merged_into"],
        unique=False,
        postgresql_where=sa.text("merged_into IS NOT NULL"),
        sqlite_where=sa.text("merged_into IS NOT NULL"),
    )
