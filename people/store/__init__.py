"""The store: SQLAlchemy Core on SQLite or Postgres. The only place that runs SQL."""

from people.store.database import Store, open_store

__all__ = ["Store", "open_store"]
