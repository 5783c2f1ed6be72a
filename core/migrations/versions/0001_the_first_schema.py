"""The first schema."""

import sqlalchemy as sa
from alembic import op

from core.database import Instant

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "addresses",
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("user_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("said_count", sa.Integer(), nullable=False),
        sa.Column("heard_at", Instant(), nullable=False),
        sa.Column("wrong_on", sa.Date(), nullable=True),
        sa.Column("wrong_tries", sa.Integer(), nullable=False),
        sa.CheckConstraint("said_count >= 0", name=op.f("ck_addresses_said_count")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_addresses")),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("opens_at", Instant(), nullable=False),
        sa.Column("closes_at", Instant(), nullable=False),
        sa.Column("published_at", Instant(), nullable=False),
        sa.Column("seed_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("seed_commitment", sa.String(), nullable=False),
        sa.Column("revealed_at", Instant(), nullable=True),
        sa.CheckConstraint("state IN ('live', 'paused', 'ended')", name=op.f("ck_campaigns_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("name", name=op.f("uq_campaigns_name")),
    )
    op.create_table(
        "guesses",
        sa.Column("scope", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "hour", name=op.f("pk_guesses")),
    )
    op.create_table(
        "inbox",
        sa.Column("address_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("external_id", sa.String(length=128), nullable=False),
        sa.Column("body_mac", sa.LargeBinary(length=16), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("received_at", Instant(), nullable=False),
        sa.CheckConstraint("state IN ('done', 'failed')", name=op.f("ck_inbox_state")),
        sa.PrimaryKeyConstraint("address_key", "external_id", name=op.f("pk_inbox")),
    )
    op.create_index(
        "ix_inbox_failed",
        "inbox",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("state = 'failed'"),
        sqlite_where=sa.text("state = 'failed'"),
    )

    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_check", sa.String(length=40), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.create_table(
        "players",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("points_expire_at", Instant(), nullable=True),
        sa.Column("active_on", sa.Date(), nullable=True),
        sa.Column("redeemed_today", sa.Integer(), nullable=False),
        sa.Column("drawn_today", sa.Integer(), nullable=False),
        sa.Column("wins", sa.Integer(), nullable=False),
        sa.Column("joined_at", Instant(), nullable=False),
        sa.CheckConstraint("points >= 0", name=op.f("ck_players_points")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_players")),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index(
        "ix_players_points_expire_at",
        "players",
        ["points_expire_at"],
        unique=False,
        postgresql_where=sa.text("points_expire_at IS NOT NULL"),
        sqlite_where=sa.text("points_expire_at IS NOT NULL"),
    )

    op.create_table(
        "transfers",
        sa.Column("owner_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ref", sa.String(length=120), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("asset", sa.String(length=40), nullable=False),
        sa.Column("debit", sa.String(length=80), nullable=False),
        sa.Column("credit", sa.String(length=80), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_transfers_amount")),
        sa.CheckConstraint("debit <> credit", name=op.f("ck_transfers_two_accounts")),
        sa.PrimaryKeyConstraint("owner_id", "ref", name=op.f("pk_transfers")),
    )
    op.create_table(
        "batches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("codes_count", sa.Integer(), nullable=False),
        sa.Column("code_length", sa.Integer(), nullable=False),
        sa.Column("space_bits", sa.Double(), nullable=False),
        sa.Column("checked", sa.Boolean(), nullable=False),
        sa.Column("file_sha256", sa.String(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("activated_at", Instant(), nullable=True),
        sa.Column("voided_at", Instant(), nullable=True),
        sa.CheckConstraint("state IN ('inert', 'active', 'void')", name=op.f("ck_batches_state")),
        sa.CheckConstraint("codes_count >= 0", name=op.f("ck_batches_codes_count")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_batches_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
    )
    op.create_index("ix_batches_campaign_id", "batches", ["campaign_id"], unique=False)

    op.create_table(
        "campaign_versions",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("rules_hash", sa.String(), nullable=False),
        sa.Column("published_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_versions_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", "version", name=op.f("pk_campaign_versions")),
    )
    op.create_table(
        "joins",
        sa.Column("address_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("player_id", sa.BigInteger(), nullable=False),
        sa.Column("joined_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["address_key"], ["addresses.key"], name=op.f("fk_joins_address_key"), onupdate="CASCADE"
        ),
        sa.PrimaryKeyConstraint("address_key", "campaign_id", name=op.f("pk_joins")),
    )
    op.create_index("ix_joins_player_id", "joins", ["player_id"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("address_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("ref", sa.String(length=160), nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("said_at", Instant(), nullable=False),
        sa.CheckConstraint("state IN ('answered', 'queued', 'sent')", name=op.f("ck_outbox_state")),
        sa.ForeignKeyConstraint(
            ["address_key"], ["addresses.key"], name=op.f("fk_outbox_address_key"), onupdate="CASCADE"
        ),
        sa.PrimaryKeyConstraint("address_key", "ref", "part", name=op.f("pk_outbox")),
    )
    op.create_index(
        "ix_outbox_queued",
        "outbox",
        ["address_key", "sequence"],
        unique=False,
        postgresql_where=sa.text("state = 'queued'"),
        sqlite_where=sa.text("state = 'queued'"),
    )

    op.create_table(
        "prizes",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=False),
        sa.Column("stock_left", sa.Integer(), nullable=False),
        sa.CheckConstraint("stock_left >= 0", name=op.f("ck_prizes_stock_left")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_prizes_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", "name", name=op.f("pk_prizes")),
    )
    op.create_table(
        "codes",
        sa.Column("hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_codes")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "redemptions",
        sa.Column("code_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("player_id", sa.BigInteger(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["code_hash"], ["codes.hash"], name=op.f("fk_redemptions_code_hash")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_redemptions")),
    )
    op.create_table(
        "draws",
        sa.Column("code_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("player_id", sa.BigInteger(), nullable=False),
        sa.Column("roll", sa.String(length=40), nullable=False),
        sa.Column("odds", sa.BigInteger(), nullable=False),
        sa.Column("odds_in", sa.BigInteger(), nullable=False),
        sa.Column("points_seen", sa.BigInteger(), nullable=False),
        sa.Column("stock_seen", sa.Text(), nullable=True),
        sa.Column("prize", sa.String(length=40), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint("odds_in > 0", name=op.f("ck_draws_odds_in")),
        sa.ForeignKeyConstraint(["code_hash"], ["redemptions.code_hash"], name=op.f("fk_draws_code_hash")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_draws")),
    )
    op.create_index("ix_draws_at", "draws", ["at"], unique=False)
