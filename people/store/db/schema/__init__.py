"""The tables. Instants are stored in UTC, money and hours as decimal text, documents as JSON text.

Each change needs a new migration in ``migrations/versions``; a test compares the two.
"""

from people.store.db.schema.columns import UtcDateTime, metadata
from people.store.db.schema.mail import (
    counterparts,
    dismissed_threads,
    mail_addresses,
    mail_names,
    messages,
)
from people.store.db.schema.tables import (
    BY_KIND,
    attendees,
    contact_keys,
    contacts,
    follow_ups,
    forgotten,
    identity_events,
    journal,
    kept_frames,
    meetings,
    meta,
    open_pairs,
    people,
    person_aliases,
    person_emails,
    person_names,
    runs,
    sources,
)

__all__ = [
    "BY_KIND",
    "UtcDateTime",
    "attendees",
    "contact_keys",
    "contacts",
    "counterparts",
    "dismissed_threads",
    "follow_ups",
    "forgotten",
    "identity_events",
    "journal",
    "kept_frames",
    "mail_addresses",
    "mail_names",
    "meetings",
    "messages",
    "meta",
    "metadata",
    "open_pairs",
    "people",
    "person_aliases",
    "person_emails",
    "person_names",
    "runs",
    "sources",
]
