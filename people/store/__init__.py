"""The store: SQLAlchemy Core on SQLite or Postgres. Only this package runs SQL."""

from sqlalchemy import Connection

from people.store.db.database import Store, open_store

__all__ = ["Connection", "Store", "open_store"]
