"""The tables. Instants are stored in UTC, money and hours as decimal text, documents as JSON text.

Each change needs a new migration in ``migrations/versions``; a test compares the two.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from people.types import RecordKind

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime on every database (SQLite itself keeps no zone)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Convert an aware datetime to UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return an aware datetime in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _text(name: str, *, null: bool = True, index: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=null, index=index)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False, default=False)


def _record_key() -> tuple[sa.Column[str], sa.Column[str]]:
    return (
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("source_id", sa.Text, primary_key=True),
    )


sources = sa.Table(
    "sources",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    _text("cursor"),
    sa.Column("cursor_at", UtcDateTime),
    sa.Column("last_success", UtcDateTime),
    sa.Column("last_attempt", UtcDateTime),
    _text("status"),
    _text("error"),
    _text("help"),
    _text("problems", null=False),
    # A people.types.Trust: whose value a merged profile takes first.
    sa.Column("trust", sa.Integer, nullable=False, server_default="0"),
)

contacts = sa.Table(
    "contacts",
    metadata,
    *_record_key(),
    _text("kind", null=False),
    _text("person_id"),
    _text("hash", null=False),
    _text("raw_hash"),
    _text("doc", null=False),
    _flag("rejected"),
    # Made from a guest list, not from a card.
    _flag("derived"),
    sa.Column("gone_at", UtcDateTime),
    # The hash that identity last resolved. If ``hash`` differs, the record is resolved again.
    _text("resolved"),
    # Counting, by source and by person, reads an index and no documents.
    sa.Index("ix_contacts_by_source", "source", "gone_at", "derived", "rejected"),
    sa.Index("ix_contacts_by_person", "person_id", "gone_at", "rejected", "derived", "kind"),
)

meta = sa.Table(
    "meta",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    _text("value", null=False),
)

kept_frames = sa.Table(
    "kept_frames",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("part", sa.Text, primary_key=True),
    _text("mark", null=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)

contact_keys = sa.Table(
    "contact_keys",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("source_id", sa.Text, primary_key=True),
    sa.ForeignKeyConstraint(
        ["source", "source_id"], ["contacts.source", "contacts.source_id"], ondelete="CASCADE"
    ),
    sa.Index(None, "source", "source_id"),
)

meetings = sa.Table(
    "meetings",
    metadata,
    *_record_key(),
    _text("hash", null=False),
    _text("raw_hash"),
    _text("calendar", null=False),
    _text("uid", null=False),
    _text("series"),
    _text("title"),
    _text("description"),
    _text("location"),
    _text("organizer"),
    _text("labels", null=False),
    _text("status", null=False),
    _text("event_type", null=False),
    _text("my_response"),
    _flag("attendees_omitted"),
    # A timed event has both instants, a whole-day event both dates; day is where either one ends.
    sa.Column("start_at", UtcDateTime),
    sa.Column("end_at", UtcDateTime),
    sa.Column("start_date", sa.Date),
    sa.Column("end_date", sa.Date),
    _text("file"),
    sa.Column("gone_at", UtcDateTime),
    sa.Index("ix_meetings_by_source", "source", "gone_at"),
)

attendees = sa.Table(
    "attendees",
    metadata,
    *_record_key(),
    sa.Column("email", sa.Text, primary_key=True, index=True),
    _text("name"),
    _text("response", null=False),
    _flag("resource"),
    _flag("organizer"),
    _flag("is_self"),
    sa.ForeignKeyConstraint(
        ["source", "source_id"], ["meetings.source", "meetings.source_id"], ondelete="CASCADE"
    ),
)

journal = sa.Table(
    "journal",
    metadata,
    *_record_key(),
    _text("hash", null=False),
    sa.Column("date", sa.Date, nullable=False),
    _text("person", null=False),
    _text("kind", null=False),
    _text("direction"),
    _text("other"),
    _text("grp"),
    _text("hours"),
    _text("amount"),
    _text("outcome"),
    _text("note"),
    _text("file"),
    sa.Column("line", sa.Integer),
    _text("person_id", index=True),
    _text("other_id", index=True),
    sa.Column("gone_at", UtcDateTime),
)

BY_KIND: dict[RecordKind, sa.Table] = {"contacts": contacts, "meetings": meetings, "journal": journal}

people = sa.Table(
    "people",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    # The merged profile as JSON, and the parts of it that are searched or judged in bulk.
    _text("profile", null=False),
    _text("name"),
    _text("folded", null=False),
    # The record that gave the name: follow-ups stay with it when a person is split.
    _text("anchor"),
    # The run of identity in which the id was first given; the oldest id survives a merge.
    sa.Column("born", sa.Integer, nullable=False),
    # The day of that run in the user's zone. A person who is split off begins on the day of the split.
    sa.Column("first_seen", sa.Date),
    # False when every record of the person is gone; the history stays.
    sa.Column("active", sa.Boolean, nullable=False, default=True, index=True),
)

person_aliases = sa.Table(
    "person_aliases",
    metadata,
    sa.Column("alias", sa.Text, primary_key=True),
    _text("person_id", null=False, index=True),
)

person_emails = sa.Table(
    "person_emails",
    metadata,
    sa.Column("email", sa.Text, primary_key=True),
    sa.Column("person_id", sa.Text, primary_key=True),
    sa.Index(None, "person_id"),
)

# Every name that any record gives a person, folded; a journal may use each of them.
person_names = sa.Table(
    "person_names",
    metadata,
    sa.Column("folded", sa.Text, primary_key=True),
    sa.Column("person_id", sa.Text, primary_key=True),
    sa.Index(None, "person_id"),
)

identity_events = sa.Table(
    "identity_events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", UtcDateTime, nullable=False),
    _text("person_id", null=False, index=True),
    _text("kind", null=False),
    _text("doc", null=False),
)

open_pairs = sa.Table(
    "open_pairs",
    metadata,
    sa.Column("a", sa.Text, primary_key=True),
    sa.Column("b", sa.Text, primary_key=True, index=True),
    sa.Column("bits", sa.Float, nullable=False),
    _text("doc", null=False),
)

follow_ups = sa.Table(
    "follow_ups",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    _text("person_id", null=False, index=True),
    _text("record", index=True),
    _text("rule", null=False),
    _text("title", null=False),
    _text("status", null=False, index=True),
    # The outbox: the intent is committed before the sink is called, ``delivered`` after it answered.
    _text("delivery", null=False),
    sa.Column("created_on", sa.Date, nullable=False),
    sa.Column("closed_on", sa.Date),
    sa.Column("due", sa.Date, nullable=False),
    sa.Column("done_is_contact", sa.Boolean, nullable=False, default=True),
    _text("sink"),
    _text("ref"),
    _text("doc", null=False),
)

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("today", sa.Date, nullable=False),
    _text("status", null=False),
    _text("doc"),
)

forgotten = sa.Table(
    "forgotten",
    metadata,
    # SHA-256 of a forgotten record key or e-mail; nothing that names the person.
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
)
