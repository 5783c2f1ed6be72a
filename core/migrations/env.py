"""Alembic's environment: migrations run on the connection that the caller hands over."""

from alembic import context

from core.models import Base

connection, applied = (context.config.attributes[name] for name in ("connection", "applied"))
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    on_version_apply=lambda *, step, **_: applied(step.up_revision_id),
)
with context.begin_transaction():
    context.run_migrations()
