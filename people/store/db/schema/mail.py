"""The tables of mail: few bytes a message, because there may be a million.

A message is known by 63 bits of the hash of its Message-ID, a thread by those of its name, so that neither
is kept as text. Addresses, and names that many messages share, are numbers.
"""

from __future__ import annotations

import sqlalchemy as sa

from people.store.db.schema.columns import flag, metadata, text

# On SQLite only INTEGER makes a primary key the row's own number. It holds 64 bits there.
_Big = sa.BigInteger().with_variant(sa.Integer, "sqlite")

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("id", _Big, primary_key=True, autoincrement=False),
    # The source that it came from first, as a number of mail_names; folder and list are such numbers too.
    sa.Column("source", sa.Integer, nullable=False),
    # Seconds since 1970, UTC.
    sa.Column("at", _Big, nullable=False),
    sa.Column("thread", _Big, nullable=False),
    flag("sent"),
    text("role"),
    sa.Column("recipients", sa.Integer, nullable=False),
    flag("bulk"),
    flag("automatic"),
    flag("calendar"),
    flag("bounce"),
    sa.Column("list", sa.Integer),
    sa.Column("folder", sa.Integer),
    text("subject"),
)

counterparts = sa.Table(
    "counterparts",
    metadata,
    sa.Column("message", _Big, primary_key=True, autoincrement=False),
    sa.Column("address", sa.Integer, primary_key=True, autoincrement=False, index=True),
    text("role", null=False),
    sqlite_with_rowid=False,
)

mail_addresses = sa.Table(
    "mail_addresses",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("email", sa.Text, nullable=False, unique=True),
    # The first name that a mail gave the address.
    text("name"),
)

mail_names = sa.Table(
    "mail_names",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text, nullable=False, unique=True),
)

dismissed_threads = sa.Table(
    "dismissed_threads",
    metadata,
    sa.Column("thread", _Big, primary_key=True, autoincrement=False),
    # The instant of the last mail that the user saw when dismissing it: a later one waits again.
    sa.Column("until", _Big, nullable=False),
)
