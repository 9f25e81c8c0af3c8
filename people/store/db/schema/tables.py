"""The tables of contacts, meetings, the journal, people and follow-ups."""

from __future__ import annotations

import sqlalchemy as sa

from people.store.db.schema.columns import UtcDateTime, flag, metadata, text
from people.types import RecordKind


def _record_key() -> tuple[sa.Column[str], sa.Column[str]]:
    return (
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("source_id", sa.Text, primary_key=True),
    )


sources = sa.Table(
    "sources",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    text("cursor"),
    sa.Column("cursor_at", UtcDateTime),
    sa.Column("last_success", UtcDateTime),
    sa.Column("last_attempt", UtcDateTime),
    text("status"),
    text("error"),
    text("help"),
    text("problems", null=False),
    # A people.types.Trust: whose value a merged profile takes first.
    sa.Column("trust", sa.Integer, nullable=False, server_default="0"),
)

contacts = sa.Table(
    "contacts",
    metadata,
    *_record_key(),
    text("kind", null=False),
    text("person_id"),
    text("hash", null=False),
    text("raw_hash"),
    text("doc", null=False),
    flag("rejected"),
    # Made from a guest list, not from a card.
    flag("derived"),
    sa.Column("gone_at", UtcDateTime),
    # The hash that identity last resolved. If ``hash`` differs, the record is resolved again.
    text("resolved"),
    # Counting, by source and by person, reads an index and no documents.
    sa.Index("ix_contacts_by_source", "source", "gone_at", "derived", "rejected"),
    sa.Index("ix_contacts_by_person", "person_id", "gone_at", "rejected", "derived", "kind"),
)

meta = sa.Table(
    "meta",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    text("value", null=False),
)

kept_frames = sa.Table(
    "kept_frames",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("part", sa.Text, primary_key=True),
    text("mark", null=False),
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
    text("hash", null=False),
    text("raw_hash"),
    text("calendar", null=False),
    text("uid", null=False),
    text("series"),
    text("title"),
    text("description"),
    text("location"),
    text("organizer"),
    text("labels", null=False),
    text("status", null=False),
    text("event_type", null=False),
    text("my_response"),
    flag("attendees_omitted"),
    # A timed event has both instants, a whole-day event both dates; day is where either one ends.
    sa.Column("start_at", UtcDateTime),
    sa.Column("end_at", UtcDateTime),
    sa.Column("start_date", sa.Date),
    sa.Column("end_date", sa.Date),
    text("file"),
    sa.Column("gone_at", UtcDateTime),
    sa.Index("ix_meetings_by_source", "source", "gone_at"),
)

attendees = sa.Table(
    "attendees",
    metadata,
    *_record_key(),
    sa.Column("email", sa.Text, primary_key=True, index=True),
    text("name"),
    text("response", null=False),
    flag("resource"),
    flag("organizer"),
    flag("is_self"),
    sa.ForeignKeyConstraint(
        ["source", "source_id"], ["meetings.source", "meetings.source_id"], ondelete="CASCADE"
    ),
)

journal = sa.Table(
    "journal",
    metadata,
    *_record_key(),
    text("hash", null=False),
    sa.Column("date", sa.Date, nullable=False),
    text("person", null=False),
    text("kind", null=False),
    text("direction"),
    text("other"),
    text("grp"),
    text("hours"),
    text("amount"),
    text("outcome"),
    text("note"),
    text("file"),
    sa.Column("line", sa.Integer),
    text("person_id", index=True),
    text("other_id", index=True),
    sa.Column("gone_at", UtcDateTime),
)

BY_KIND: dict[RecordKind, sa.Table] = {"contacts": contacts, "meetings": meetings, "journal": journal}
"""The tables whose records come and go with their source. Messages only grow in number."""

people = sa.Table(
    "people",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    # The merged profile as JSON, and the parts of it that are searched or judged in bulk.
    text("profile", null=False),
    text("name"),
    text("folded", null=False),
    # The record that gave the name: follow-ups stay with it when a person is split.
    text("anchor"),
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
    text("person_id", null=False, index=True),
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
    text("person_id", null=False, index=True),
    text("kind", null=False),
    text("doc", null=False),
)

open_pairs = sa.Table(
    "open_pairs",
    metadata,
    sa.Column("a", sa.Text, primary_key=True),
    sa.Column("b", sa.Text, primary_key=True, index=True),
    sa.Column("bits", sa.Float, nullable=False),
    text("doc", null=False),
)

follow_ups = sa.Table(
    "follow_ups",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    text("person_id", null=False, index=True),
    text("record", index=True),
    text("rule", null=False),
    text("title", null=False),
    text("status", null=False, index=True),
    # The outbox: the intent is committed before the sink is called, ``delivered`` after it answered.
    text("delivery", null=False),
    sa.Column("created_on", sa.Date, nullable=False),
    sa.Column("closed_on", sa.Date),
    sa.Column("due", sa.Date, nullable=False),
    sa.Column("done_is_contact", sa.Boolean, nullable=False, default=True),
    text("sink"),
    text("ref"),
    text("doc", null=False),
)

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("today", sa.Date, nullable=False),
    text("status", null=False),
    text("doc"),
)

forgotten = sa.Table(
    "forgotten",
    metadata,
    # SHA-256 of a forgotten record key or e-mail; nothing that names the person.
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
)
