"""Alembic's entry: runs the migrations on the connection that ``people.store`` hands over."""

from alembic import context

from people.store.db.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
